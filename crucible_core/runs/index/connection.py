"""What an index needs of a database: the same for every one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from crucible_core.runs.index.schema import Table

Result = TypeVar("Result")


class Connection(Protocol):
    """A connection to a database that holds the tables of `crucible_core.runs.index.schema`.

    Statements are SQL that SQLite and PostgreSQL both speak, with parameters written ``:name``.
    """

    name: str
    """How messages call the database, without a password."""

    members: str
    """What selects the texts in the JSON list that is the parameter ``gone``."""

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows that a statement selects."""
        ...

    def do(self, sql: str, values: Iterable[Mapping[str, Any]]) -> None:
        """Execute a statement once for each of the values."""
        ...

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]], *, replace: bool = False) -> None:
        """Add rows to a table.

        Args:
            table: The table.
            rows: Values by column.
            replace: Put a row in the place of the one with its key.
        """
        ...

    def writing(self, work: Callable[[], Result]) -> Result:
        """Do some work in a transaction that may write, all of it or nothing; again where another was in its way.

        Raises:
            RunIndexError: The database does not take it.
        """
        ...

    def keep_others_from(self, home: str) -> None:
        """Keep other writers from the runs of an output directory until this transaction ends.

        Args:
            home: The directory's id.
        """
        ...

    def reading(self, work: Callable[[], Result]) -> Result:
        """Do some work that sees one state of the database throughout.

        Raises:
            RunIndexError: The database cannot be read.
        """
        ...

    def close(self) -> None:
        """Close the connection."""
        ...
