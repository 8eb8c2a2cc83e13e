"""The tables of an index in PostgreSQL, and how they are brought to the current version."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from crucible_core.runs.index.errors import RunIndexError
from crucible_core.runs.index.schema import TABLES, Column, Table

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCHEMA = "crucible"
"""The schema that the tables lie in, so that they meet no others of their names."""

REVISIONS = ("0001",)
"""Revisions of the tables, the current one last."""

_LOCK = 0x6372756369626C65
"""Who holds this advisory lock brings the tables up to date; ``crucible`` in ASCII."""

_TYPES: dict[str, Any] = {
    "text": sa.Text(collation="C"),
    "whole": sa.Text(collation="C"),
    "integer": sa.BigInteger(),
    "number": sa.Double(),
    "boolean": sa.Boolean(),
    "time": sa.TIMESTAMP(timezone=True),
    "json": JSONB(),
}


def metadata() -> sa.MetaData:
    """Return the tables as SQLAlchemy knows them; texts are sorted as SQLite sorts them, by their characters' codes."""
    made = sa.MetaData()
    for table in TABLES:
        parts: list[Any] = [_column(table, column) for column in table.columns]
        if table.part_of_run:
            parts.append(sa.ForeignKeyConstraint(["run"], ["runs.key"], f"{table.name}_run_fkey", ondelete="CASCADE"))
        parts.append(sa.PrimaryKeyConstraint(*table.key, name=f"{table.name}_pkey"))
        parts += [sa.Index("_".join((table.name, *columns)), *columns) for columns in table.indexes]
        sa.Table(table.name, made, *parts)
    return made


def _column(table: Table, column: Column) -> sa.Column[Any]:
    return sa.Column(column.name, _TYPES[column.kind], nullable=not column.required and column.name not in table.key)


def bring_up_to_date(connection: Connection, name: str) -> None:
    """Make the tables, or bring them to the current version; alembic is imported only where that is to be done.

    Raises:
        RunIndexError: They are of a newer version.
    """
    found = _revision(connection)
    if found == REVISIONS[-1]:
        return
    if found is not None and found not in REVISIONS:
        raise RunIndexError(
            f"the tables in {name} are of a newer version of Crucible ({found})",
            hint="upgrade crucible-core",
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    with connection.begin():
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if _revision(connection) != REVISIONS[-1]:
            connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    """Return the revision of the tables; None where there are none."""

    def ask() -> str | None:
        if connection.execute(sa.text(f"SELECT to_regclass('{SCHEMA}.alembic_version')")).scalar() is None:
            return None
        found = connection.execute(sa.text(f"SELECT version_num FROM {SCHEMA}.alembic_version")).scalar()
        return None if found is None else str(found)

    if connection.in_transaction():
        return ask()
    with connection.begin():
        return ask()
