"""What lies where runs lie and no run needs: what killed processes left, and values that no journal refers to."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from crucible_core.runs.deletion import size_of
from crucible_core.runs.partial import PARTIAL, in_use

if TYPE_CHECKING:
    from crucible_core.runs.directory import RunDirectory

__all__ = ["Removable", "leftovers_beside_runs", "leftovers_in_run"]

_OBJECT = re.compile(r"[0-9a-f]{2}/([0-9a-f]{64})(\.[a-z0-9]{1,16}){0,2}")
_HASH = re.compile(rb"[0-9a-f]{64}")
_BEGINNING = frozenset({"spec.json", "manifest.json", "lock"})
_BEGINS_S = 3600.0
"""How old a directory without a journal has to be: a younger one may be of a run that begins right now."""

Kind = Literal["leftover", "object", "run"]


@dataclass(frozen=True)
class Removable:
    """Something that can go.

    Args:
        kind: ``leftover`` of a killed process, ``object`` that nothing refers to, or a whole ``run``.
        path: Where it is.
        bytes: Its size.
        reason: Why it can go.
        run: The run it lies in or is; None beside runs.
    """

    kind: Kind
    path: Path
    bytes: int
    reason: str
    run: RunDirectory | None = None


def leftovers_beside_runs(output_dir: Path) -> Iterator[Removable]:
    """Yield what killed imports, deletions and beginnings of runs left in an output directory."""
    yield from _partial(output_dir)
    for experiment in _folders(output_dir):
        yield from _partial(experiment)
        for place in _folders(experiment):
            if not os.path.lexists(place / "telemetry.jsonl") and _never_began(place):
                yield Removable("leftover", place, size_of(place), "a run that was killed before it began")


def leftovers_in_run(directory: RunDirectory) -> Iterator[Removable]:
    """Yield files in a run that are not complete, and kept values that its journal does not refer to.

    The run must have ended. Any mention of a value's hash, anywhere in the journal, is a reference to it.
    """
    for folder, _, files in os.walk(directory.path):
        for name in sorted(files):
            if PARTIAL.fullmatch(name):
                path = Path(folder, name)
                yield Removable("leftover", path, size_of(path), "it was not written to its end", directory)
    if not directory.checkpoints.is_dir():
        return
    mentioned = _mentioned(directory.journal)
    for path in sorted(directory.checkpoints.glob("*/*")):
        named = _OBJECT.fullmatch(path.relative_to(directory.checkpoints).as_posix())
        if named and named[1].encode() not in mentioned and _is_file(path):
            yield Removable("object", path, size_of(path), "the journal does not refer to it", directory)


def _partial(folder: Path) -> Iterator[Removable]:
    """Yield what was not completed in a directory, and is not being completed or removed by anybody."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if PARTIAL.fullmatch(entry.name))
    except OSError:
        return
    for name in names:
        path = folder / name
        if not (path.is_dir() and in_use(path)):
            yield Removable("leftover", path, size_of(path), "an import or a deletion that was killed left it")


def _folders(folder: Path) -> list[Path]:
    """Return the directories in a directory, without hidden ones and links."""
    try:
        found = [entry.name for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return [folder / name for name in sorted(found) if not name.startswith(".")]


def _never_began(place: Path) -> bool:
    try:
        names = {path.name for path in place.iterdir()}
        age = time.time() - place.stat().st_mtime
    except OSError:
        return False
    return age > _BEGINS_S and all(name in _BEGINNING or PARTIAL.fullmatch(name) for name in names)


def _mentioned(journal: Path) -> set[bytes]:
    found: set[bytes] = set()
    with journal.open("rb") as stream:
        for line in stream:
            found.update(_HASH.findall(line))
    return found


def _is_file(path: Path) -> bool:
    return stat.S_ISREG(path.lstat().st_mode)
