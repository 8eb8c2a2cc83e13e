"""An index in SQLite."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from crucible_core.runs.index.errors import RunIndexError
from crucible_core.runs.index.sqlite_migrations import MIGRATIONS
from crucible_core.runs.index.statements import insertion

if TYPE_CHECKING:
    from crucible_core.runs.index.schema import Table

__all__ = ["BUSY_S", "SqliteConnection"]

Result = TypeVar("Result")

BUSY_S = 30.0
"""How long a writer waits for another."""


class SqliteConnection:
    """A SQLite file with the tables of an index; made, or brought to the current version, when it is opened.

    Readers do not wait for writers (write-ahead log). A transaction that may write takes the lock at its beginning: one
    that reads first and writes then fails at once where another wrote in between, whatever the time to wait.

    Args:
        path: The file; None for a database in memory.

    Raises:
        sqlite3.DatabaseError: It is no database, is damaged, or cannot be opened or made.
        RunIndexError: It is of a newer version than this one.
    """

    members = "SELECT value FROM json_each(:gone)"

    def __init__(self, path: Path | None) -> None:
        self.name = "an index in memory" if path is None else str(path)
        self._open = sqlite3.connect(
            ":memory:" if path is None else path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(path)
        except BaseException:
            self._open.close()
            raise

    def _prepare(self, path: Path | None) -> None:
        for setting in ("foreign_keys = ON", "synchronous = NORMAL", "temp_store = MEMORY"):
            self._open.execute(f"PRAGMA {setting}")
        version = self._version()
        if version > len(MIGRATIONS):
            raise RunIndexError(
                f"{self.name} was written by a newer version of Crucible",
                hint="upgrade crucible-core, or delete the file: it is made again from the run directories",
            )
        if version < len(MIGRATIONS):
            with _alone(path):
                self._migrate()

    def _migrate(self) -> None:
        if self._version() == 0:
            self._open.execute("PRAGMA journal_mode = WAL")

        def work() -> None:
            for number, script in enumerate(MIGRATIONS[self._version() :], self._version() + 1):
                for statement in filter(str.strip, script.split(";")):
                    self._open.execute(statement)
                self._open.execute(f"PRAGMA user_version = {number}")

        self.writing(work)

    def _version(self) -> int:
        return int(self._open.execute("PRAGMA user_version").fetchone()[0])

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows that a statement selects."""
        return self._open.execute(sql, values or {}).fetchall()

    def do(self, sql: str, values: Iterable[Mapping[str, Any]]) -> None:
        """Execute a statement once for each of the values."""
        self._open.executemany(sql, values)

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]], *, replace: bool = False) -> None:
        """Add rows to a table, or put each in the place of the one with its key."""
        values = f"VALUES ({', '.join(f':{name}' for name in table.names)})"
        self.do(insertion(table, values, replace=replace), rows)

    def writing(self, work: Callable[[], Result]) -> Result:
        """Do some work in a transaction that may write, all of it or nothing."""
        return self._within("BEGIN IMMEDIATE", work)

    def keep_others_from(self, home: str) -> None:
        """Do nothing more: a transaction that writes keeps every other writer from the whole file."""

    def reading(self, work: Callable[[], Result]) -> Result:
        """Do some work that sees one state of the database throughout."""
        return self._within("BEGIN", work)

    def _within(self, begin: str, work: Callable[[], Result]) -> Result:
        self._open.execute(begin)
        try:
            result = work()
            self._open.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # a full disk has ended the transaction already
                self._open.execute("ROLLBACK")
            raise
        return result

    def close(self) -> None:
        """Close the file."""
        self._open.close()


@contextlib.contextmanager
def _alone(path: Path | None) -> Iterator[None]:
    """Wait until no other process makes this file: SQLite does not wait for one that turns the write-ahead log on."""
    if path is None:
        yield
        return
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):  # a file system without locks; then two may be in each other's way once
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
