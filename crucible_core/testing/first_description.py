"""The first description of a stage in a process, and its first plan, looked at from several sides."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.testing import holdings, recorded_calls, surroundings
from crucible_core.testing.blamed import blamed
from crucible_core.testing.check import BlockedError
from crucible_core.testing.own_modules import imported_since
from crucible_core.testing.printed import captured_output

if TYPE_CHECKING:
    from crucible_core.testing.case import Case
    from crucible_core.testing.recorded_calls import Calls
    from crucible_core.testing.serving import Respondent


def first_description(respondent: Respondent) -> dict[str, Any]:
    """Make the stage, let it describe itself, also with the options of its examples, and have these options checked.

    Returns:
        ``modules``: what is loaded meanwhile. ``read``: files that the stage's code reads to describe itself.
        ``written``, ``network``, ``processes``, ``changes``, ``leaks``, ``printed``: what else is done.
    """
    case = respondent.case
    state, held = surroundings.state(case.packages), holdings.held(respondent.home / "tmp")
    with captured_output() as printed:
        said = list(_looked_at(case))
    after = surroundings.state(case.packages)
    changes = surroundings.differences(state, after, case.packages)
    imported = bool(imported_since(state.modules, case.target.module))
    del after
    state.restore()
    gc.collect()
    seen = [calls for calls, _ in said]
    return {
        "modules": sorted({name for _, loaded in said for name in loaded}),
        "written": [each for calls in seen for each in calls.written],
        "network": [each for calls in seen for each in calls.network],
        "processes": [each for calls in seen for each in calls.processes],
        "read": sorted({path for calls in seen[:2] for path, reader in calls.read if reader in case.packages}),
        "changes": blamed(changes, first=True, imported=imported),
        "leaks": holdings.leaks(held, respondent.home / "tmp"),
        "printed": printed.start,
    }


def _looked_at(case: Case) -> Iterator[tuple[Calls, set[str]]]:
    """Yield what is called and loaded to describe without options, with those of the examples, and to plan."""
    with _watched() as found:
        case.description.to_dict()
    yield found
    asked: list[Mapping[str, Any]] = []
    with contextlib.suppress(BlockedError):  # examples that cannot be read are C02's
        asked += [{**case.description.options.defaults, **each.make("options")} for each in case.examples]
    with _watched() as found, contextlib.suppress(Exception):  # what it raises is C01's
        for options in asked:
            case.describe(options)
    yield found
    with _watched() as found, contextlib.suppress(Exception):  # likewise, and what is refused is E01's
        for example in case.examples if asked else ():
            case.planned(example)
    yield found


@contextlib.contextmanager
def _watched() -> Iterator[tuple[Calls, set[str]]]:
    """Yield what is called, and the names of modules that are loaded, meanwhile; what is loaded already does not count.

    What is needed to make the options of an example is not loaded to describe.
    """
    before, loaded = set(sys.modules), set[str]()
    with recorded_calls.recording(imports=True) as calls:
        try:
            yield calls, loaded
        finally:
            loaded |= set(sys.modules) - before
