"""Make the tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None


def _text(name: str, *, required: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=not required)


def _integer(name: str, *, required: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=not required)


def _number(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Double())


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.TIMESTAMP(timezone=True))


def _run(table: str) -> list[sa.schema.SchemaItem]:
    """Return the column that says whose part a row is."""
    foreign = sa.ForeignKeyConstraint(["run"], ["runs.key"], f"{table}_run_fkey", ondelete="CASCADE")
    return [_text("run", required=True), foreign]


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"{table}_pkey")


def upgrade() -> None:
    """Make experiments, definitions, runs, the parts of runs, and looks."""
    op.create_table(
        "experiments",
        _text("id", required=True),
        _text("description"),
        _text("definition"),
        _integer("runs", required=True),
        _time("first_run_at"),
        _time("last_run_at"),
        _key("experiments", "id"),
    )
    op.create_table(
        "definitions",
        _text("sha256", required=True),
        sa.Column("document", JSONB(), nullable=False),
        _key("definitions", "sha256"),
    )
    _make_runs()
    _make_parts()
    op.create_table(
        "looks",
        _text("home", required=True),
        _text("place", required=True),
        _integer("fingerprint", required=True),
        _text("run"),
        _key("looks", "home", "place"),
    )


def _make_runs() -> None:
    op.create_table(
        "runs",
        *(_text(name, required=True) for name in ("key", "experiment", "run_id", "home")),
        _text("host"),
        _text("directory"),
        _text("place", required=True),
        _text("description"),
        _text("definition"),
        _text("status", required=True),
        *(_text(name) for name in ("failure_stage", "failure_code", "failure_message", "damage", "seed")),
        *(_time(name) for name in ("created_at", "started_at", "finished_at")),
        _number("duration_s"),
        _integer("stages", required=True),
        _integer("stages_done", required=True),
        _integer("outputs"),
        _integer("metrics_left_out", required=True),
        *(_text(name) for name in ("crucible_version", "spec_file", "git_revision")),
        sa.Column("git_dirty", sa.Boolean()),
        *(_text(name) for name in ("python", "process_host", "process_boot_id")),
        _integer("process_pid"),
        _integer("process_started_at"),
        _key("runs", "key"),
    )
    for columns in (["experiment", "created_at"], ["created_at"], ["status"], ["home", "place"]):
        op.create_index("_".join(["runs", *columns]), "runs", columns)


def _make_parts() -> None:
    op.create_table(
        "stages",
        *_run("stages"),
        _integer("position", required=True),
        _text("stage", required=True),
        *(_text(name) for name in ("name", "version", "distribution", "distribution_version")),
        _text("status", required=True),
        _text("reason"),
        _integer("attempts"),
        _time("started_at"),
        _number("duration_s"),
        _key("stages", "run", "position"),
    )
    op.create_table(
        "metrics", *_run("metrics"), _text("path", required=True), _number("value"), _key("metrics", "run", "path")
    )
    op.create_table(
        "artifacts",
        *_run("artifacts"),
        _integer("position", required=True),
        _text("stage"),
        _text("name", required=True),
        _text("path"),
        _integer("bytes"),
        _text("sha256"),
        _key("artifacts", "run", "position"),
    )
    op.create_table(
        "datasets",
        *_run("datasets"),
        _text("name", required=True),
        _text("source"),
        _text("sha256"),
        _integer("rows"),
        _key("datasets", "run", "name"),
    )
    op.create_table("tags", *_run("tags"), _text("tag", required=True), _key("tags", "run", "tag"))
    for table, columns in (
        ("stages", ["name", "version"]),
        ("metrics", ["path", "value"]),
        ("artifacts", ["sha256"]),
        ("datasets", ["sha256"]),
        ("tags", ["tag"]),
    ):
        op.create_index("_".join([table, *columns]), table, columns)
