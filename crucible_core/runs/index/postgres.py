"""An index in PostgreSQL, which a team shares."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from crucible_core.runs.index.errors import IndexUnreachableError, RunIndexError
from crucible_core.runs.index.postgres_schema import SCHEMA, bring_up_to_date
from crucible_core.runs.index.statements import insertion
from crucible_core.runs.index.url import without_password

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from crucible_core.runs.index.schema import Table

Result = TypeVar("Result")

_PATIENCE_S = 5
"""How long a server may take to answer, where the URL says nothing else."""

_TRIES = 5
_IN_EACH_OTHERS_WAY = ("40001", "40P01")
"""What PostgreSQL says to one of two transactions that cannot both go on."""


_TYPES = {
    "text": "text",
    "whole": "text",
    "integer": "bigint",
    "number": "double precision",
    "boolean": "boolean",
    "time": "timestamptz",
    "json": "jsonb",
}


class PostgresConnection:
    """A PostgreSQL database with the tables of an index in the schema ``crucible``, made when it is opened first.

    Args:
        url: Where it is.

    Raises:
        IndexUnreachableError: It cannot be reached now.
        RunIndexError: The URL is none, the tables cannot be made, or are of a newer version than this one.
    """

    members = "SELECT jsonb_array_elements_text(CAST(:gone AS jsonb))"

    def __init__(self, url: str) -> None:
        self.name = without_password(url)
        self._statements: dict[str, sqlalchemy.TextClause] = {}
        self._engine = _engine(url, self.name)
        try:
            self._open = self._told(self._engine.connect)
        except BaseException:
            self._engine.dispose()
            raise
        try:
            self._told(lambda: bring_up_to_date(self._open, self.name))
        except BaseException:
            self.close()
            raise

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows that a statement selects."""
        if not self._open.in_transaction():
            return self.writing(lambda: self.rows(sql, values))
        return [tuple(row) for row in self._open.execute(self._statement(sql), dict(values or {}))]

    def do(self, sql: str, values: Iterable[Mapping[str, Any]]) -> None:
        """Execute a statement once for each of the values."""
        rows = [dict(row) for row in values]
        if rows:
            self._open.execute(self._statement(sql), rows)

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]], *, replace: bool = False) -> None:
        """Add rows to a table, or put each in the place of the one with its key.

        They are sent as one JSON text, which takes a tenth of the time of a statement for each.
        """
        if not rows:
            return
        columns = ", ".join(f"{column.name} {_TYPES[column.kind]}" for column in table.columns)
        values = f"SELECT {', '.join(table.names)} FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given ({columns})"
        statement = self._statement(insertion(table, values, replace=replace))
        self._open.execute(statement, {"rows": json.dumps([_sent(table, row) for row in rows])})

    def writing(self, work: Callable[[], Result]) -> Result:
        """Do some work in a transaction, all of it or nothing; again where another's was in its way."""
        return self._told(lambda: self._within(work))

    def keep_others_from(self, home: str) -> None:
        """Keep other writers from the runs of an output directory until this transaction ends."""
        self._open.execute(self._statement("SELECT pg_advisory_xact_lock(hashtextextended(:home, 0))"), {"home": home})

    def reading(self, work: Callable[[], Result]) -> Result:
        """Do some work that sees one state of the database throughout."""

        def alone() -> Result:
            self._open.execute(self._statement("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            return work()

        return self.writing(alone)

    def _within(self, work: Callable[[], Result]) -> Result:
        for attempt in range(1, _TRIES + 1):
            try:
                with self._open.begin():
                    return work()
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) not in _IN_EACH_OTHERS_WAY or attempt == _TRIES:
                    raise
        raise AssertionError

    def _statement(self, sql: str) -> sqlalchemy.TextClause:
        return self._statements.setdefault(sql, sqlalchemy.text(sql))

    def _told(self, work: Callable[[], Result]) -> Result:
        """Do some work and say in our words what the database says against it."""
        try:
            return work()
        except SQLAlchemyError as error:
            raise _error(error, self.name) from error

    def close(self) -> None:
        """Close the connection."""
        try:
            self._open.close()
        finally:
            self._engine.dispose()


def _sent(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as JSON: what is JSON already as such, and what JSON lacks as PostgreSQL reads it."""
    values = {}
    for name, kind, _ in table.columns:
        value = row[name]
        if kind == "json":
            value = json.loads(value)
        elif kind == "number" and value is not None and math.isinf(value):
            value = str(value)
        values[name] = value
    return values


def _engine(url: str, name: str) -> Engine:
    try:
        parsed = sqlalchemy.make_url(url).set(drivername="postgresql+psycopg")
    except (SQLAlchemyError, ValueError):
        raise RunIndexError(
            f"{name} is no URL of a database", hint="write postgresql://user@host:5432/database"
        ) from None
    given = {} if "connect_timeout" in parsed.query else {"connect_timeout": _PATIENCE_S}
    engine = sqlalchemy.create_engine(
        parsed, poolclass=sqlalchemy.NullPool, connect_args={"application_name": "crucible", **given}
    )
    sqlalchemy.event.listen(engine, "connect", _use_schema)
    return engine


def _use_schema(connection: Any, _: Any) -> None:
    """Let names of tables mean those of the index."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {SCHEMA}")
    connection.commit()


def _error(error: SQLAlchemyError, name: str) -> RunIndexError:
    said = str(getattr(error, "orig", None) or error).strip()
    reason = without_password(said.splitlines()[0] if said else type(error).__name__)
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or isinstance(error, (OperationalError, InterfaceError)):
        return IndexUnreachableError(
            f"cannot reach {name}: {reason}", hint="see that the server runs and the URL is right"
        )
    return RunIndexError(f"{name}: {reason}")
