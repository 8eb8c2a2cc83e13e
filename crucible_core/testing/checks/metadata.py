"""Group A: what a distribution says of its stages before anything of it is imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.plugins.problems import LoadProblemError
from crucible_core.testing.check import Finding, check

if TYPE_CHECKING:
    from crucible_core.testing.case import Case


@check("A01", "the stage is where its entry point says, and is a class with describe and run")
def is_there(case: Case, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """The module imports, has the attribute, and that is a class with the methods of a stage.

    Why: nothing else can be said of a stage that cannot be loaded. A module that does not exist, one that raises, a
    name that is not there and a thing that is no stage are told apart.

    Fix: correct the value of the entry point (``module:Class``) in ``pyproject.toml`` and install the plugin again, or
    mend what the module raises on import.
    """
    del facts
    try:
        case.kind  # noqa: B018 - loading it is what is checked
    except LoadProblemError as error:
        yield Finding(f"{case.target.value} to be a stage class", error.problem.reason)
