"""How large a cache is, and what makes it so."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crucible_core.runs.cache.entry import DamagedEntryError, Entry

if TYPE_CHECKING:
    from crucible_core.runs.cache.cache_directory import CacheDirectory
    from crucible_core.runs.codecs import ObjectRef

__all__ = ["CacheSize", "EntryFile", "StageSize", "bytes_on_disk", "entry_files", "size_of"]


@dataclass(frozen=True)
class StageSize:
    """What a cache holds of one stage.

    Args:
        stage: Its name.
        entries: How many entries there are.
        results: How many of them hold a result; the others say why there is none.
        bytes: How much its entries and their objects take.
        last_used: When one of them was made or found last, in seconds since the epoch.
        saved_s: How long the stage took to compute its results, together.
    """

    stage: str
    entries: int
    results: int
    bytes: int
    last_used: float
    saved_s: float


@dataclass(frozen=True)
class CacheSize:
    """What a cache holds.

    Args:
        stages: Stage by stage, the largest first; an object that two of them need counts for both.
        bytes: How much everything takes.
    """

    stages: tuple[StageSize, ...]
    bytes: int


@dataclass(frozen=True, eq=False)
class EntryFile:
    """An entry as it lies on the disk."""

    path: Path
    bytes: int
    used: float
    objects: frozenset[ObjectRef]
    entry: Entry | None


def size_of(cache: CacheDirectory) -> CacheSize:
    """Return what a cache holds; of one that is not there, nothing."""
    files = entry_files(cache)
    by_stage: dict[str, list[EntryFile]] = {}
    for file in files:
        by_stage.setdefault(file.entry.stage if file.entry else "damaged", []).append(file)
    stages = [_stage_size(stage, mine) for stage, mine in by_stage.items()]
    return CacheSize(tuple(sorted(stages, key=lambda each: (-each.bytes, each.stage))), bytes_on_disk(cache.path))


def _stage_size(stage: str, files: list[EntryFile]) -> StageSize:
    results = [file.entry for file in files if file.entry is not None and file.entry.result is not None]
    objects = {ref for file in files for ref in file.objects}
    return StageSize(
        stage,
        len(files),
        len(results),
        sum(file.bytes for file in files) + sum(ref.bytes for ref in objects),
        max(file.used for file in files),
        sum(entry.duration_s or 0.0 for entry in results),
    )


def entry_files(cache: CacheDirectory) -> list[EntryFile]:
    """Return all entries of a cache, damaged ones too."""
    found = []
    for path in cache.files():
        with contextlib.suppress(OSError):
            status = path.stat()
            try:
                entry = Entry.from_bytes(path.read_bytes())
                objects = frozenset(entry.objects())
            except DamagedEntryError:
                entry, objects = None, frozenset()
            found.append(EntryFile(path, status.st_size, status.st_mtime, objects, entry))
    return found


def bytes_on_disk(directory: Path) -> int:
    """Return how much the files below a directory take."""
    total = 0
    for path in directory.rglob("*"):
        with contextlib.suppress(OSError):
            if path.is_file():
                total += path.stat().st_size
    return total
