"""Delete a run: from one moment to the next it is not there, and then its files are removed."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from crucible_core.ir.errors import CrucibleError
from crucible_core.runs.faults import reached
from crucible_core.runs.lock import RunLock, RunLockedError
from crucible_core.runs.partial import partial_directory
from crucible_core.runs.recorded import UnreadableRunError, read_run

if TYPE_CHECKING:
    from crucible_core.runs.directory import RunDirectory

__all__ = ["DeletionError", "check_deletable", "delete_run", "size_of"]


class DeletionError(CrucibleError):
    """A run that is not deleted, or not whole; the message says which."""

    exit_code = 2


def check_deletable(directory: RunDirectory) -> None:
    """Make sure that a run may be deleted: it does not go on, and it is no link to one that lies elsewhere.

    Raises:
        DeletionError: It may not.
    """
    path = directory.path
    if path.is_symlink():
        raise DeletionError(f"{path} is a link to {path.resolve()}", hint="name that run, or remove the link")
    try:
        run = read_run(directory)
    except UnreadableRunError:
        return  # whatever it was, it is none any more; whether somebody writes to it, its lock tells
    if run.status == "running":
        process = run.manifest["process"]
        raise DeletionError(
            f"{run.label} is running, by process {process.get('pid')} on {process.get('host')}",
            hint="stop it first; if that host is gone, remove the directory by hand",
        )


def delete_run(directory: RunDirectory) -> None:
    """Delete a run.

    Raises:
        DeletionError: It goes on, or cannot be deleted; what could not be removed is no run any more.
    """
    check_deletable(directory)
    path = directory.path.absolute()
    try:
        lock = RunLock(directory.lock)
    except RunLockedError as error:
        raise DeletionError(str(error), hint=error.hint) from None
    except OSError as error:
        raise DeletionError(f"cannot delete {path}: {error.strerror or error}") from error
    try:
        _remove(path)
    finally:
        lock.release()
    with suppress(OSError):  # the last run of an experiment; not empty else
        path.parent.rmdir()


def _remove(path: Path) -> None:
    moved = False
    try:
        with partial_directory(path.parent) as place:
            doomed = place / path.name
            path.rename(doomed)
            moved = True
            reached("delete.moved")
            shutil.rmtree(doomed)
    except OSError as error:
        said = f"{error.filename}: {error.strerror or error}" if error.filename else str(error)
        if moved:
            raise DeletionError(
                f"{path} was deleted, but not all of its files: {said}", hint="crucible runs gc"
            ) from error
        raise DeletionError(f"cannot delete {path}: {said}") from error


def size_of(path: Path) -> int:
    """Return how many bytes the files in a directory have, or a file has; links are not followed."""
    total = 0
    waiting = [path]
    while waiting:
        each = waiting.pop()
        with suppress(OSError):  # removed meanwhile, or not readable: nothing that counts
            if each.is_dir() and not each.is_symlink():
                waiting += each.iterdir()
            else:
                total += each.lstat().st_size
    return total
