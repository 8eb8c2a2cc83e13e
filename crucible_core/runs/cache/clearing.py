"""Make a cache smaller."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crucible_core.runs.cache.sizes import EntryFile, bytes_on_disk, entry_files

if TYPE_CHECKING:
    from pathlib import Path

    from crucible_core.runs.cache.cache_directory import CacheDirectory
    from crucible_core.runs.codecs import ObjectRef

__all__ = ["Cleared", "clear"]

_STALE_S = 86_400
"""Seconds after which a file that was begun and not finished is nobody's any more."""


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
    with contextlib.closing(cache), cache.alone():
        files = entry_files(cache)
        before = bytes_on_disk(cache.path)
        gone = _chosen(files, stages, unused_for_s, max_bytes)
        left = [file for file in files if file not in gone]
        needed = frozenset(ref for file in left for ref in file.objects)
        everything = not (stages or unused_for_s is not None or max_bytes is not None)
        freed = _remove(cache, gone, needed, everything=everything, dry_run=dry_run)
    return Cleared(len(gone), freed, len(left), before - freed)


def _chosen(
    files: list[EntryFile], stages: Collection[str], unused_for_s: float | None, max_bytes: int | None
) -> set[EntryFile]:
    now = time.time()
    asked = {
        file
        for file in files
        if (not stages or (file.entry is not None and file.entry.stage in stages))
        and (unused_for_s is None or now - file.used >= unused_for_s)
    }
    return asked if max_bytes is None else _oldest(files, asked, max_bytes)


def _oldest(files: list[EntryFile], asked: set[EntryFile], max_bytes: int) -> set[EntryFile]:
    """Return those of the files asked about that have to go so that what is left is small enough."""
    count = Counter(ref for file in files for ref in file.objects)
    total = sum(file.bytes for file in files) + sum(ref.bytes for ref in count)
    gone: set[EntryFile] = set()
    for file in sorted(asked, key=lambda each: each.used):
        if total <= max_bytes:
            break
        gone.add(file)
        count.subtract(file.objects)
        total -= file.bytes + sum(ref.bytes for ref in file.objects if not count[ref])
    return gone


def _remove(
    cache: CacheDirectory, gone: Collection[EntryFile], needed: frozenset[ObjectRef], *, everything: bool, dry_run: bool
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
    if not dry_run:
        _remove_memories(cache)
    if everything and not dry_run:
        for each in ("entries", "objects", "sources", "tmp"):
            shutil.rmtree(cache.path / each, ignore_errors=True)
    return freed


def _remove_memories(cache: CacheDirectory) -> None:
    """Remove what is known of stages that have no entry any more."""
    for directory in (cache.path / "entries").glob("*"):
        if not any(directory.glob("*.json")):
            shutil.rmtree(directory, ignore_errors=True)


def _unfinished(directory: Path) -> list[Path]:
    found = []
    for path in directory.rglob(".*.part"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE_S:
                found.append(path)
    return found
