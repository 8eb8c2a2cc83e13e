"""The first description of a stage in a process, and its first plan, looked at from several sides."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crucible_core.testing import holdings, recorded_calls, surroundings
from crucible_core.testing.blamed import blamed
from crucible_core.testing.own_modules import imported_since
from crucible_core.testing.printed import captured_output
from crucible_core.testing.trial import ROOMS

if TYPE_CHECKING:
    from pathlib import Path

    from crucible_core.contract.example import StageExample
    from crucible_core.testing.case import Case
    from crucible_core.testing.serving import Respondent


def first_description(respondent: Respondent) -> dict[str, Any]:
    """Make the stage, let it describe itself, also with the options of its examples, and have these options checked.

    Returns:
        ``modules``: what is loaded meanwhile. ``read``: files that the stage's code reads to describe itself.
        ``written``, ``network``, ``processes``, ``changes``, ``leaks``, ``printed``: what else is done.
    """
    case, tmp = respondent.case, respondent.home / "tmp"
    seen = [_seen(case, tmp, lambda: case.description)]
    examples: list[StageExample] = []
    with contextlib.suppress(Exception):  # examples that cannot be read are C02's
        examples += map(_made, case.examples)
    seen.append(_seen(case, tmp, lambda: _described(case, examples)))
    read = sorted({path for path, reader in seen[0]["read"] + seen[1]["read"] if reader in case.packages})
    seen.append(_seen(case, tmp, lambda: _planned(case, examples)))
    return {
        **{name: [each for one in seen for each in one[name]] for name in _LISTS},
        "changes": {aspect: how for one in seen for aspect, how in one["changes"].items()},
        "printed": "".join(one["printed"] for one in seen),
        "read": read,
    }


_LISTS = ("modules", "written", "network", "processes", "leaks")


def _made(example: StageExample) -> StageExample:
    """Return an example whose data and options are made: what that needs is not done to describe or to plan."""
    return replace(example, **{name: example.make(name) for name in ("options", "experiment", *ROOMS)})


def _described(case: Case, examples: Iterable[StageExample]) -> None:
    with contextlib.suppress(Exception):  # what it raises is C01's
        for each in examples:
            case.describe({**case.description.options.defaults, **each.make("options")})


def _planned(case: Case, examples: Iterable[StageExample]) -> None:
    with contextlib.suppress(Exception):  # what is refused is E01's
        for each in examples:
            case.planned(each)


def _seen(case: Case, tmp: Path, work: Callable[[], object]) -> dict[str, Any]:
    """Do something, and return what that did besides."""
    state, held = surroundings.state(case.packages), holdings.held(tmp)
    with captured_output() as printed, recorded_calls.recording(imports=True) as calls:
        work()
    after = surroundings.state(case.packages)
    changes = surroundings.differences(state, after, case.packages)
    imported = bool(imported_since(state.modules, case.target.module))
    del after
    state.restore()
    gc.collect()
    return {
        "modules": sorted(sys.modules.keys() - state.modules.keys()),
        "written": calls.written,
        "network": calls.network,
        "processes": calls.processes,
        "read": calls.read,
        "changes": blamed(changes, first=True, imported=imported),
        "leaks": holdings.leaks(held, tmp),
        "printed": printed.start,
    }
