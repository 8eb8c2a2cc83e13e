"""Directories a stage might write into without leave, and what changed in them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_MOST_FILES = 20_000
_IGNORED = frozenset({"__pycache__", ".git", ".mypy_cache", ".pytest_cache", ".ruff_cache", "node_modules", ".tox"})
_OF_THE_KIT = "crucible-conformance-"

Tree = Mapping[str, tuple[int, int]]
"""Path to size and time of the last change."""


def own_tree(directories: Iterable[Path]) -> Tree:
    """Return all files and directories below these."""
    return dict(_walked(directories))


def shared_tree(module: str) -> Tree:
    """Return what lies directly in places that others write into as well.

    Home, temporary directories, shared memory, and the directories that the module of this name is in.
    """
    found: dict[str, tuple[int, int]] = {}
    for directory in dict.fromkeys(_shared(module)):
        found.update(_entries(directory))
    return found


def changed(before: Tree, after: Tree) -> list[str]:
    """Return the paths that are new, gone or changed, sorted."""
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def _shared(module: str) -> Iterator[Path]:
    yield Path.home()
    yield from (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # noqa: S108 - looked at, not written
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is not None:
        yield from Path(file).parents[: module.count(".") + 2]


def _entries(directory: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    try:
        entries = list(os.scandir(directory))
    except OSError:
        return
    for entry in entries[:_MOST_FILES]:
        facts = _facts(entry)
        if facts is not None and entry.name not in _IGNORED and not entry.name.startswith(_OF_THE_KIT):
            # a directory changes with what lies in it, which may be another program's affair
            yield entry.path, (0, 0) if entry.is_dir(follow_symlinks=False) else facts


def _walked(directories: Iterable[Path]) -> Iterator[tuple[str, tuple[int, int]]]:
    for directory in directories:
        for root, names, files in os.walk(directory):
            names[:] = [name for name in names if name not in _IGNORED]
            for name in names:
                yield os.path.join(root, name), (0, 0)  # noqa: PTH118 - many of them
            for name in files:
                path = os.path.join(root, name)  # noqa: PTH118 - many of them
                facts = _facts(path)
                if facts is not None:
                    yield path, facts


def _facts(entry: os.DirEntry[str] | str) -> tuple[int, int] | None:
    try:
        status = entry.stat(follow_symlinks=False) if isinstance(entry, os.DirEntry) else os.lstat(entry)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
