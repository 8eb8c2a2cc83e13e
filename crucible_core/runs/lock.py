"""The lock of a run: one process at a time writes into its directory."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from crucible_core.contract.json_values import as_text
from crucible_core.runs.directory import RunDirectoryError
from crucible_core.runs.provenance import process_identity

_held: set[tuple[int, int]] = set()
"""Device and inode of each lock this process holds: the kernel's locks do not keep a process from itself."""


class RunLockedError(RunDirectoryError):
    """Another process writes into the run's directory."""


class RunLock:
    """The lock on a run's directory, held until `release` or the end of the process.

    It is the kernel's: it goes with the process that holds it, however that ends, so none is ever left behind. A file
    of its own is locked, since closing any other descriptor of a file would give up this process's lock on it.

    Args:
        path: The file to lock; made when missing. It says who holds it.

    Raises:
        RunLockedError: Another process holds it, or another thread of this one.
        OSError: The file cannot be opened, or its file system knows no locks.
    """

    def __init__(self, path: Path) -> None:
        # Looked at before it is opened: closing another descriptor of it would give up a lock that is held.
        if path.exists() and _key(path.stat()) in _held:
            raise RunLockedError(
                f"{path.parent} is being written by this very process", hint="wait until that run ends"
            )
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        self._key = _key(os.fstat(self._descriptor))
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _holder(self._descriptor)
            os.close(self._descriptor)
            if isinstance(error, (BlockingIOError, PermissionError)):
                raise _locked(path, holder) from None
            raise
        _held.add(self._key)
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{as_text(process_identity())}\n".encode(), 0)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let others write; the file stays."""
        if self._key in _held:
            _held.discard(self._key)
            os.close(self._descriptor)


def _key(about: os.stat_result) -> tuple[int, int]:
    return about.st_dev, about.st_ino


def _holder(descriptor: int) -> dict[str, Any]:
    try:
        found = json.loads(os.pread(descriptor, 4096, 0))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _locked(path: Path, holder: dict[str, Any]) -> RunLockedError:
    who = f"process {holder['pid']} on {holder.get('host')}" if "pid" in holder else "another process"
    return RunLockedError(f"{path.parent} is being written by {who}", hint="wait until it ends, or stop it")
