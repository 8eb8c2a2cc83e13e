"""What alembic runs to bring the tables of an index up to date, on the connection it is given."""

from __future__ import annotations

from alembic import context

from crucible_core.runs.index.postgres_schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata())
context.run_migrations()
