"""The index of an output directory, beside its runs."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from crucible_core.runs.index.location import index_location
from crucible_core.runs.index.sqlite import SqliteConnection

__all__ = ["delete_index", "with_local_index"]

Result = TypeVar("Result")


def with_local_index(
    output_dir: Path, work: Callable[[SqliteConnection], Result], tell: Callable[[str], None]
) -> Result:
    """Do some work with the index of an output directory.

    The index is nobody's only copy of anything. A damaged one is made again; where it cannot be written, say on a full
    disk, one in memory takes its place for this once. Either is told.

    Args:
        output_dir: Where the runs lie.
        work: What to do with it; from its beginning again where the index has to be made again.
        tell: Called with what a person should know.

    Raises:
        RunIndexError: The index is of a newer version, or ``work`` raised it.
    """
    file, note = index_location(output_dir)
    if note and not (file and file.exists()):
        tell(note)
    if file is None:
        return _with_index(None, work)
    try:
        return _with_index(file, work)
    except sqlite3.OperationalError as error:
        tell(f"the index cannot be kept in {file} ({error}) and is made again in memory")
        return _with_index(None, work)
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:  # a defect of ours; SQLite has no subclass for damage
            raise
        tell(f"{file} was damaged ({error}) and is made again from the run directories")
        delete_index(file)
        return _with_index(file, work)


def _with_index(file: Path | None, work: Callable[[SqliteConnection], Result]) -> Result:
    connection = SqliteConnection(file)
    try:
        return work(connection)
    finally:
        connection.close()


def delete_index(file: Path) -> None:
    """Delete an index, whole; who has it open goes on with what is deleted."""
    descriptor = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        for ending in ("", "-wal", "-shm"):
            file.with_name(file.name + ending).unlink(missing_ok=True)
    finally:
        os.close(descriptor)
