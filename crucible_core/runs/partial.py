"""Directories that are being filled or emptied: nobody takes them for runs, and what a killed process left is found."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["PARTIAL", "in_use", "partial_directory"]

PARTIAL = re.compile(r"\.[0-9a-f]{16}\.part")
"""The name of a file or directory that is not complete; `crucible_core.runs.atomic` and object stores use it, too."""


@contextmanager
def partial_directory(parent: Path) -> Iterator[Path]:
    """Make a directory for something that is not complete yet, and remove it in the end with what is still in it.

    What a run is to be has to lie two levels below: where runs are looked for, nothing is found then. The directory
    is locked as long as this process uses it, so that nobody takes it for what a killed one left.
    """
    path = parent / f".{secrets.token_hex(8)}.part"
    path.mkdir()
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a file system without locks: `in_use` does not know either, and leaves it alone
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(descriptor)


def in_use(path: Path) -> bool:
    """Tell whether a process is filling or emptying such a directory."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
