"""What a stage does with data that have something wrong in them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from crucible_core.contract.persistent import FrozenMap, Rows
from crucible_core.testing.bad_data import spoiled
from crucible_core.testing.data_flow import Declared, is_open
from crucible_core.testing.side_effects import side_effects
from crucible_core.testing.trial import plain_map

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.contract.example import StageExample
    from crucible_core.testing.case import Case, Change

_EXAMPLES = 4


@dataclass(frozen=True)
class SpoiltRun:
    """What came of one run; the data themselves are not kept.

    Args:
        where: Which data, what is wrong with them, and in which example.
        foreseen: Whether it succeeded, or failed with an error that the stage declares.
        ended: How it ended, in words.
        effects: What it did besides that it may not.
    """

    where: str
    foreseen: bool
    ended: str
    effects: tuple[str, ...]


def spoilt_runs(case: Case) -> Iterator[SpoiltRun]:
    """Run the first examples that are to succeed, with each of the declared inputs spoilt in every way in turn.

    Of a stage that takes long the first ones are run for as long as the case has patience.
    """
    until = time.monotonic() + case.patience_s
    for example in case.succeeding[:_EXAMPLES]:
        for path, what, change in _spoilings(case, example):
            if time.monotonic() > until:
                return
            trial = case.run(example, change=change)
            effects = tuple(side_effects(case, trial)) or _left(case, example, change, trial.leaks)
            where = f"{path} {what}, in the example {example.summary!r}"
            yield SpoiltRun(where, case.foresees(trial.code), trial.ended, effects)


def _left(case: Case, example: StageExample, change: Change, leaks: list[str]) -> tuple[str, ...]:
    """Return what is left of a run also when it is done again, and given the time to end what is about to.

    What good data leave something of as well is another matter, which a run of those tells.
    """
    if leaks and case.second(example).leaks:
        return ()
    for _ in range(2):
        leaks = case.run(example, change=change, settled=True).leaks if leaks else []
    return tuple(f"it leaves {each}" for each in leaks)


def _spoilings(case: Case, example: StageExample) -> Iterator[tuple[str, str, Change]]:
    """Yield path, what is wrong and the change, for each declared input that the example gives."""
    declared = Declared(case, case.first(example))
    optional = declared.paths("may_read")
    given = case.context(example)
    for path in dict.fromkeys(declared.paths("reads", "may_read")):
        room, _, key = path.partition(".")
        key = key.partition(".")[0]
        if is_open(path) or not _is_given(given, room, key):
            continue
        value = list(given.outputs) if room == "outputs" else getattr(given, room)[key]
        for what, made in spoiled(value):
            if room == "outputs" and not all(isinstance(row, Mapping) for row in made):
                continue  # no context holds such
            yield path, what, partial(_replaced, room=room, key=key, value=made)
        if path in optional and room != "outputs":
            yield path, "left out", partial(_without, room=room, key=key)


def _is_given(context: Context, room: str, key: str) -> bool:
    return bool(context.outputs) if room == "outputs" else key in getattr(context, room)


def _replaced(context: Context, room: str, key: str, value: Any) -> Context:
    if room == "outputs":
        return context._with("outputs", Rows(value))
    return context._with(room, FrozenMap({**plain_map(context, room), key: value}))


def _without(context: Context, room: str, key: str) -> Context:
    return context._with(room, FrozenMap({k: v for k, v in plain_map(context, room).items() if k != key}))
