"""The SQL of an index, in words that SQLite and PostgreSQL share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crucible_core.runs.index.schema import Table

AT = "home = :home AND place = :place"
"""The runs of one place; more than one only while one takes the place of another."""

UNUSED_DEFINITION = (
    "DELETE FROM definitions WHERE sha256 = :sha256"
    " AND NOT EXISTS (SELECT 1 FROM runs WHERE definition = :sha256)"
    " AND NOT EXISTS (SELECT 1 FROM experiments WHERE definition = :sha256)"
)
UNUSED_EXPERIMENT = "DELETE FROM experiments WHERE id = :id AND NOT EXISTS (SELECT 1 FROM runs WHERE experiment = :id)"
LOCK_DEFINITION = "UPDATE definitions SET sha256 = sha256 WHERE sha256 = :sha256"
LOCK_EXPERIMENT = "INSERT INTO experiments (id, runs) VALUES (:id, 0) ON CONFLICT (id) DO UPDATE SET id = excluded.id"
LOCK_RUN = "UPDATE runs SET key = key WHERE key = :key"

_LATEST = (
    "FROM runs WHERE experiment = :id AND damage IS NULL ORDER BY created_at IS NULL, created_at DESC, key DESC LIMIT 1"
)
SUMMARISE_EXPERIMENT = f"""
    UPDATE experiments SET
        runs = (SELECT count(*) FROM runs WHERE experiment = :id),
        first_run_at = (SELECT min(created_at) FROM runs WHERE experiment = :id),
        last_run_at = (SELECT max(created_at) FROM runs WHERE experiment = :id),
        description = (SELECT description {_LATEST}),
        definition = (SELECT definition {_LATEST})
    WHERE id = :id
"""
DESCRIBE_EXPERIMENT = (
    "INSERT INTO experiments (id, runs, description, definition) VALUES (:id, 0, :description, :definition)"
    " ON CONFLICT (id) DO UPDATE SET description = excluded.description, definition = excluded.definition"
)
NEXT_ARTIFACT = "SELECT coalesce(max(position) + 1, 0) FROM artifacts WHERE run = :run"


def insertion(table: Table, values: str, *, replace: bool) -> str:
    """Return the statement that adds rows to a table.

    Args:
        table: The table.
        values: What gives the rows, in the database's own words.
        replace: Put a row in the place of the one with its key.
    """
    statement = f"INSERT INTO {table.name} ({', '.join(table.names)}) {values}"
    if not replace:
        return statement
    changed = ", ".join(f"{name} = excluded.{name}" for name in table.names)
    return f"{statement} ON CONFLICT ({', '.join(table.key)}) DO UPDATE SET {changed}"
