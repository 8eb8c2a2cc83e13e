"""How large a cache is, and how to make it smaller."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from crucible_core.runs.cache.cache_directory import CacheDirectory
from crucible_core.runs.cache.entry import DamagedEntryError, Entry
from crucible_core.runs.codecs import ObjectRef

__all__ = ["CacheSize", "Cleared", "StageSize", "clear", "size_of"]

_STALE_S = 86_400
"""Seconds after which a file that was begun and not finished is nobody's any more."""


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


@dataclass(frozen=True)
class Cleared:
    """What was taken out of a cache, or would be.

    Args:
        entries: How many entries.
        bytes: How much room that gives.
        left_entries: How many are left.
        left_bytes: How much is left.
    """

    entries: int
    bytes: int
    left_entries: int
    left_bytes: int


@dataclass(frozen=True, eq=False)
class _File:
    """An entry as it lies on the disk."""

    path: Path
    bytes: int
    used: float
    objects: frozenset[ObjectRef]
    entry: Entry | None


def size_of(cache: CacheDirectory) -> CacheSize:
    """Return what a cache holds; of one that is not there, nothing."""
    files = _files(cache)
    by_stage: dict[str, list[_File]] = {}
    for file in files:
        by_stage.setdefault(file.entry.stage if file.entry else "damaged", []).append(file)
    stages = [_stage_size(stage, mine) for stage, mine in by_stage.items()]
    return CacheSize(tuple(sorted(stages, key=lambda each: (-each.bytes, each.stage))), _on_disk(cache.path))


def _stage_size(stage: str, files: list[_File]) -> StageSize:
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


def clear(
    cache: CacheDirectory,
    *,
    stages: Collection[str] = (),
    unused_for_s: float | None = None,
    max_bytes: int | None = None,
    dry_run: bool = False,
) -> Cleared:
    """Take entries out of a cache, and the objects that nothing else needs; without a condition all of them.

    Args:
        cache: The cache; who uses it is waited for.
        stages: Only entries of these stages.
        unused_for_s: Only entries that were neither made nor found for so long, in seconds.
        max_bytes: Only as many, those first that were not used for longest, as it takes to need no more than this.
        dry_run: Only say what would be taken out.
    """
    if not cache.path.is_dir():
        return Cleared(0, 0, 0, 0)
    with cache.alone():
        files = _files(cache)
        before = _on_disk(cache.path)
        gone = _chosen(files, stages, unused_for_s, max_bytes)
        left = [file for file in files if file not in gone]
        needed = frozenset(ref for file in left for ref in file.objects)
        everything = not (stages or unused_for_s is not None or max_bytes is not None)
        freed = _remove(cache, gone, needed, everything=everything, dry_run=dry_run)
    return Cleared(len(gone), freed, len(left), before - freed)


def _chosen(
    files: list[_File], stages: Collection[str], unused_for_s: float | None, max_bytes: int | None
) -> set[_File]:
    now = time.time()
    asked = {
        file
        for file in files
        if (not stages or (file.entry is not None and file.entry.stage in stages))
        and (unused_for_s is None or now - file.used >= unused_for_s)
    }
    return asked if max_bytes is None else _oldest(files, asked, max_bytes)


def _oldest(files: list[_File], asked: set[_File], max_bytes: int) -> set[_File]:
    """Return those of the files asked about that have to go so that what is left is small enough."""
    count = Counter(ref for file in files for ref in file.objects)
    total = sum(file.bytes for file in files) + sum(ref.bytes for ref in count)
    gone: set[_File] = set()
    for file in sorted(asked, key=lambda each: each.used):
        if total <= max_bytes:
            break
        gone.add(file)
        count.subtract(file.objects)
        total -= file.bytes + sum(ref.bytes for ref in file.objects if not count[ref])
    return gone


def _remove(
    cache: CacheDirectory, gone: Collection[_File], needed: frozenset[ObjectRef], *, everything: bool, dry_run: bool
) -> int:
    """Remove entries and what nothing needs any more; return how many bytes that gave, or would."""
    kept = {cache.objects.path(ref) for ref in needed}
    paths = [file.path for file in gone]
    paths += [path for path in cache.objects.directory.rglob("*") if path.is_file() and path not in kept]
    paths += _unfinished(cache.path)
    if everything:
        paths += [path for path in cache.sources.rglob("*") if path.is_file()]
    freed = 0
    for path in dict.fromkeys(paths):
        with contextlib.suppress(OSError):
            size = path.stat().st_size
            if not dry_run:
                path.unlink()
            freed += size
    if everything and not dry_run:
        for each in ("entries", "objects", "sources", "tmp"):
            shutil.rmtree(cache.path / each, ignore_errors=True)
    return freed


def _unfinished(directory: Path) -> list[Path]:
    found = []
    for path in directory.rglob(".*.part"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE_S:
                found.append(path)
    return found


def _files(cache: CacheDirectory) -> list[_File]:
    found = []
    for path in cache.files():
        with contextlib.suppress(OSError):
            status = path.stat()
            try:
                entry = Entry.from_bytes(path.read_bytes())
                objects = frozenset(entry.objects())
            except DamagedEntryError:
                entry, objects = None, frozenset()
            found.append(_File(path, status.st_size, status.st_mtime, objects, entry))
    return found


def _on_disk(directory: Path) -> int:
    total = 0
    for path in directory.rglob("*"):
        with contextlib.suppress(OSError):
            if path.is_file():
                total += path.stat().st_size
    return total
