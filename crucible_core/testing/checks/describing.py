"""Group C: the description itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.errors import named
from crucible_core.testing.check import Finding, check

if TYPE_CHECKING:
    from crucible_core.testing.case import Case


@check("C01", "the stage can be made without arguments and describes itself", after=["A01"])
def describes_itself(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """``describe()`` of an instance made without arguments returns a description that the core can use.

    Why: planner, documentation and this kit read the description. A stage that cannot give one cannot be used.

    Fix: the message says what the core could not use. A stage that inherits from ``crucible_core.Stage`` has its
    description made from class attributes; one that does not returns a mapping with at least ``name`` and
    ``description``.
    """
    del facts
    try:
        case.description  # noqa: B018 - making it is what is checked
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the stage's own code may raise anything
        yield Finding("describe() to return a description", _in_short(error))
        return
    if case.loaded.failure is not None:
        yield Finding("a stage that can be planned", case.loaded.failure.message)


def _in_short(error: BaseException) -> str:
    return "it recurses without an end" if isinstance(error, RecursionError) else named(error)
