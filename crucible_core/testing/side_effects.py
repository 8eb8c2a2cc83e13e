"""What a run did besides returning: what is not its to do, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from crucible_core.testing.aspects import LOGGING, PROCESS, WARNINGS
from crucible_core.testing.aspects_of_libraries import RANDOM
from crucible_core.testing.blamed import blamed
from crucible_core.testing.digest import first_differences
from crucible_core.testing.networking import undeclared_talk
from crucible_core.testing.surroundings import MODULES
from crucible_core.testing.writing import written_elsewhere

if TYPE_CHECKING:
    from crucible_core.contract.example import StageExample
    from crucible_core.contract.traits import Traits
    from crucible_core.testing.case import Case
    from crucible_core.testing.trial import Trial

_JUDGED = frozenset({*PROCESS, MODULES, *LOGGING, *WARNINGS, *RANDOM})


def asks_to_print(example: StageExample) -> bool:
    """Tell whether the experiment of an example asks for an output on standard output."""
    outputs = example.make("experiment").get("outputs", ())
    return any(isinstance(each, Mapping) and each.get("sink") == "stdout" for each in outputs)


def traits_with(case: Case, example: StageExample) -> Traits:
    """Return the traits as they are with the example's options."""
    planned, _ = case.planned(example)
    assert planned.description is not None
    return planned.description.traits


def side_effects(case: Case, trial: Trial) -> Iterator[str]:
    """Yield what a run changed, printed, wrote, started or talked to that it may not."""
    yield from (
        f"{aspect} is another: {how}"
        for aspect, how in blamed(trial.changes, first=True, imported=bool(trial.imported)).items()
        if aspect in _JUDGED
    )
    for what, (before, after) in (("the context", trial.inputs), ("the options", trial.given_options)):
        if before != after:
            yield f"{what} was changed, before and after: {first_differences(before, after)}"
    if trial.printed[1] and not asks_to_print(trial.example):
        yield f"it prints {trial.printed[0]!r}"
    yield from (f"it writes {each}" for each in written_elsewhere(case, trial))
    traits = traits_with(case, trial.example)
    yield from undeclared_talk(trial.calls, traits.network)
    if not (traits.subprocess or trial.imported):
        yield from (f"it starts a process: {each}" for each in trial.calls.processes)
