"""The tables of an index, defined once for every database."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["text", "whole", "integer", "number", "boolean", "time", "json"]


class Column(NamedTuple):
    """One column.

    Attributes:
        name: Its name.
        kind: What it holds. A ``text`` may be shortened, a ``whole`` one is not; ``time`` is an instant, as ISO 8601 in
            UTC wherever Crucible shows it.
        required: Whether there is always a value.
    """

    name: str
    kind: Kind = "text"
    required: bool = False


class Table(NamedTuple):
    """One table.

    Attributes:
        name: Its name.
        columns: Its columns, in order.
        key: The columns that tell a row from every other.
        indexes: The columns of each index beside the key.
        part_of_run: Whether its rows belong to the run that their column ``run`` names, and go with it.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    part_of_run: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(column.name for column in self.columns)


def _columns(text: str) -> tuple[Column, ...]:
    """Return columns from ``name kind`` words; an exclamation mark says that there is always a value."""
    made = []
    for part in text.split(","):
        name, kind = part.split()
        made.append(Column(name, kind.rstrip("!"), kind.endswith("!")))  # type: ignore[arg-type]  # a test reads them
    return tuple(made)


EXPERIMENTS = Table(
    "experiments",
    _columns(
        "id text!, description text, definition text, runs integer!, first_run_at time, last_run_at time",
    ),
    key=("id",),
)
"""What is run: description and definition are those of its latest run."""

DEFINITIONS = Table("definitions", _columns("sha256 text!, document json!"), key=("sha256",))
"""Experiments as they were run, each once, however many runs it had."""

RUNS = Table(
    "runs",
    _columns(
        "key whole!, experiment text!, run_id text!, home whole!, host text, directory whole, place whole!,"
        "description text,"
        "definition text, status text!, failure_stage text, failure_code text, failure_message text, damage text,"
        "seed text, created_at time, started_at time, finished_at time, duration_s number, stages integer!,"
        "stages_done integer!, outputs integer, metrics_left_out integer!, crucible_version text, spec_file text,"
        "git_revision text, git_dirty boolean, python text, process_host text, process_boot_id text,"
        "process_pid integer, process_started_at integer",
    ),
    key=("key",),
    indexes=(("experiment", "created_at"), ("created_at",), ("status",), ("home", "place")),
)
"""One row a run directory; ``home``, ``host`` and ``directory`` say where, and are empty beside the runs."""

STAGES = Table(
    "stages",
    _columns(
        "run whole!, position integer!, stage text!, name text, version text, distribution text,"
        "distribution_version text, status text!, reason text, attempts integer, started_at time, duration_s number",
    ),
    key=("run", "position"),
    indexes=(("name", "version"),),
    part_of_run=True,
)

METRICS = Table(
    "metrics",
    _columns("run whole!, path text!, value number"),
    key=("run", "path"),
    indexes=(("path", "value"),),
    part_of_run=True,
)
"""The numbers among a run's metrics, by dotted path; a value that is missing is not a number (NaN)."""

ARTIFACTS = Table(
    "artifacts",
    _columns("run whole!, position integer!, stage text, name text!, path text, bytes integer, sha256 text"),
    key=("run", "position"),
    indexes=(("sha256",),),
    part_of_run=True,
)

DATASETS = Table(
    "datasets",
    _columns("run whole!, name text!, source text, sha256 text, rows integer"),
    key=("run", "name"),
    indexes=(("sha256",),),
    part_of_run=True,
)

TAGS = Table("tags", _columns("run whole!, tag text!"), key=("run", "tag"), indexes=(("tag",),), part_of_run=True)

LOOKS = Table(
    "looks",
    _columns("home whole!, place whole!, fingerprint integer!, run whole"),
    key=("home", "place"),
)
"""What each directory looked like when it was read; it is read again where it looks otherwise now."""

TABLES = (EXPERIMENTS, DEFINITIONS, RUNS, STAGES, METRICS, ARTIFACTS, DATASETS, TAGS, LOOKS)
"""All tables, those that others refer to first."""

PARTS = tuple(table for table in TABLES if table.part_of_run)
"""The tables whose rows belong to a run."""
