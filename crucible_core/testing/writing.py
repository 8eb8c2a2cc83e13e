"""Where a stage wrote that is not its own: seen through Python, and on the disk."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from crucible_core.testing.audited_calls import file_facts
from crucible_core.testing.trees import Tree, changed, own_tree, shared_tree
from crucible_core.testing.trial import SUBJECT

if TYPE_CHECKING:
    from crucible_core.contract.example import StageExample
    from crucible_core.testing.case import Case
    from crucible_core.testing.trial import Trial

_DEVICES = ("/dev/null", "/dev/tty", "/dev/stdout", "/dev/stderr", "/dev/full", "/dev/fd/", "/dev/pts/", "/proc/self/")
_SHARED_MEMORY = "/dev/shm/"  # noqa: S108 - looked at, not written
_IDLE_S = 0.1
_REPEATS = 10  # another program that writes to a log now and then is not to be met by chance in all of them
_CACHES = ("XDG_CACHE_HOME", "MPLCONFIGDIR", "NUMBA_CACHE_DIR", "HF_HOME", "TORCH_HOME", "XDG_CONFIG_HOME")
_CACHES_AT_HOME = (".cache", ".config", ".matplotlib", ".keras", ".theano", "nltk_data", "scikit_learn_data")


def written_elsewhere(case: Case, trial: Trial) -> Iterator[str]:
    """Yield what Python code wrote, made, renamed or removed in a run that is neither the stage's nor temporary."""
    own, tmp = _real(trial.place / "artifacts" / SUBJECT), _real(case.home / "tmp")
    for path, how in dict.fromkeys(trial.calls.written):
        if path in trial.given_files:
            yield f"{path} ({how}), which was there before it ran"
        elif not (_allowed(path, how, own, tmp) or _of_a_library(case, trial, path) or _never_there(trial, path)):
            yield f"{path} ({how})"
    for path, before in trial.calls.databases.items():
        if not _allowed(path, "", own, tmp) and file_facts(path) != before:
            yield f"{path} (sqlite3)"
    yield from (f"{trial.place / stray} (beside the stage's own directory)" for stray in trial.strays)


def _real(path: Path) -> str:
    return os.path.realpath(path)


def _allowed(path: str, how: str, own: str, tmp: str) -> bool:
    made_on_the_way = how == "os.mkdir" and own.startswith(f"{path}/")
    within = any(path == each or path.startswith(f"{each}/") for each in (own, tmp))
    # what is left in shared memory is found on the disk
    return within or made_on_the_way or path.startswith((*_DEVICES, _SHARED_MEMORY)) or "/__pycache__" in path


def _of_a_library(case: Case, trial: Trial, path: str) -> bool:
    """Tell whether a library, and no code of the stage's own, filled its cache."""
    writer = trial.calls.writers.get(path, "")
    return writer not in ("", case.kind.__module__.partition(".")[0]) and path.startswith(tuple(_caches()))


def _caches() -> Iterator[str]:
    yield from (f"{os.path.realpath(value)}/" for name in _CACHES if (value := os.environ.get(name)))
    yield from (f"{_real(Path.home() / name)}/" for name in _CACHES_AT_HOME)


def _never_there(trial: Trial, path: str) -> bool:
    """Tell whether a path was relative to another directory than the working directory."""
    return path in trial.calls.unsure and not os.path.lexists(path)


def changed_on_disk(case: Case, example: StageExample) -> list[str]:
    """Run an example and return paths it changed where it may not, also past Python.

    Others write into those directories as well: what changes has to do so with every run, and not without one.
    """
    began = time.monotonic()
    found, busy = _changed_by_run(case, example), set[str]()
    idle_s = max(_IDLE_S, time.monotonic() - began)  # others have as long to write while nothing runs as while it does
    kept = found
    for _ in range(_REPEATS):
        if not kept:
            break
        idle = _changed_meanwhile(case, example, idle_s)
        again = _changed_by_run(case, example)
        busy |= idle | {_parent(path) for path in idle}
        # a name may be another one each time, as that of a temporary file
        kept = {path for path in kept & again if path not in busy} | {
            path for path in again if _parent(path) not in busy and _parent(path) in map(_parent, kept)
        }
    return sorted(kept)


def _parent(path: str) -> str:
    return os.path.dirname(path)  # noqa: PTH120 - a text


def _changed_by_run(case: Case, example: StageExample) -> set[str]:
    before = _tree(case)
    trial = case.run(example)
    return {path for path in changed(before, _tree(case)) if Path(path) != trial.place}


def _changed_meanwhile(case: Case, example: StageExample, idle_s: float) -> set[str]:
    """Return what changes without a run; describing is none."""
    before = _tree(case)
    case.planned(example)
    time.sleep(idle_s)
    return set(changed(before, _tree(case)))


def _tree(case: Case) -> Tree:
    runs = {str(each): (0, 0) for each in (case.home / "runs").iterdir()}
    here = {str(each): (0, 0) for each in case.home.iterdir()}
    return {**shared_tree(case.kind.__module__), **own_tree([case.home / "work"]), **runs, **here}
