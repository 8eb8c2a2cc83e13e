"""What a run takes in that neither its options nor its context name: variables of the environment, and files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from crucible_core.contract.options import option_values
from crucible_core.testing.trial import KEYED, plain_map, plain_rows

if TYPE_CHECKING:
    from crucible_core.testing.case import Case
    from crucible_core.testing.trial import Trial

_DEVICES = ("/dev/", "/proc/self/")
_DEEP = 6
_MOST = 10_000


def unnamed_inputs(case: Case, trial: Trial) -> Iterator[str]:
    """Yield what the stage's own code read in a run that nothing names, in words."""
    yield from (f"the variable {name}" for name in trial.calls.variables(case.packages))
    known = (*_own_places(case), os.path.realpath(trial.place), os.path.realpath(case.home), *_named(case, trial))
    for path, reader in dict.fromkeys(trial.calls.read):
        mine = reader in case.packages and not path.startswith(_DEVICES)
        if mine and not any(path == each or path.startswith(f"{each}/") for each in known):
            yield f"the file {path}"


def _own_places(case: Case) -> Iterator[str]:
    """Yield the directories of the stage's own packages, with their data, and the files of its modules."""
    for name in case.packages:
        module = sys.modules.get(name)
        places = [*getattr(module, "__path__", ()), getattr(module, "__file__", None)]
        yield from (os.path.realpath(place) for place in places if place)


def _named(case: Case, trial: Trial) -> Iterator[str]:
    """Yield the paths that options or the context of a run may mean."""
    planned, _ = case.planned(trial.example)
    rooms: dict[str, Any] = {room: plain_map(trial.before, room) for room in KEYED}
    for index, text in enumerate(_texts([option_values(planned.options), rooms, plain_rows(trial.before)], 0)):
        if index == _MOST:
            return
        if text and "\0" not in text:
            yield os.path.realpath(Path(text.removeprefix("file://")).expanduser())


def _texts(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, (str, PurePath)):
        yield str(value)
    elif isinstance(value, Mapping) and depth < _DEEP:
        for each in (*value, *value.values()):
            yield from _texts(each, depth + 1)
    elif isinstance(value, (list, tuple, set, frozenset)) and depth < _DEEP:
        for each in value:
            yield from _texts(each, depth + 1)
