"""Answer questions about many runs from an index."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from crucible_core.runs.index.fitting import decoded
from crucible_core.runs.index.schema import RUNS

if TYPE_CHECKING:
    from crucible_core.runs.index.connection import Connection
    from crucible_core.runs.index.query import RunQuery

_TOLD = ("failure_stage", "failure_code", "damage", "crucible_version", "git_revision", "git_dirty")
"""What is told of the details."""

_AT_ONCE = 500
"""Runs whose tags and metrics one statement asks for."""


class RunSummary(NamedTuple):
    """What an index knows of one run.

    Attributes:
        place: ``experiment/run``, the names of its directories, by which commands find it.
        experiment_id: Id of the experiment.
        run_id: Id of the run.
        status: ``running``, ``succeeded``, ``failed``, ``cancelled``, ``interrupted`` (its process is gone) or
            ``damaged`` (its directory cannot be read whole).
        reason: Why it failed or what is damaged; None where neither.
        created_at: When it was created, ISO 8601 in UTC; None where that is not known, and likewise the other times.
        started_at: When its first attempt began.
        finished_at: When it ended.
        duration_s: How many seconds it took.
        stages: How many stages it has.
        stages_done: How many of them succeeded, or were skipped for another reason than an earlier failure.
        tags: Its tags, those of its experiment included.
        metrics: Its numbers by dotted path, None for what is not a number (NaN).
        metrics_left_out: How many numbers of it are in its record only.
        path: Its directory; where ``host`` is not None, on that host.
        host: The host its directory lies on, of a shared index; None in the index beside the runs.
        details: What else the index has, by column of the table ``runs``.
    """

    place: str
    experiment_id: str
    run_id: str
    status: str
    reason: str | None
    created_at: str | None
    started_at: str | None
    finished_at: str | None
    duration_s: float | None
    stages: int
    stages_done: int
    tags: tuple[str, ...]
    metrics: Mapping[str, float | None]
    metrics_left_out: int
    path: Path
    host: str | None
    details: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values; a number that JSON lacks is a string."""
        from crucible_core.contract.json_values import as_record

        document = self._asdict()
        seed = self.details["seed"]
        metrics = {path: math.nan if value is None else value for path, value in self.metrics.items()}
        del document["details"]
        number = int(seed) if seed and seed.isdecimal() else None
        details = {name: self.details[name] for name in _TOLD} | {"seed": number}
        record: dict[str, Any] = as_record({**document, **details, "metrics": metrics})
        return record


class RunList(NamedTuple):
    """Runs that were asked for.

    Attributes:
        runs: Those within the limit.
        matching: How many there are without it.
        total: How many runs the index has.
    """

    runs: list[RunSummary]
    matching: int
    total: int


def find_runs(connection: Connection, query: RunQuery, *, output_dir: Path | None = None) -> RunList:
    """Return the runs of an index that a query is about, as they are now.

    Args:
        connection: The index.
        query: Which runs, in which order.
        output_dir: Where the runs lie, for the index beside them.
    """
    return connection.reading(lambda: _find(connection, query, output_dir))


def _find(connection: Connection, query: RunQuery, output_dir: Path | None) -> RunList:
    from crucible_core.runs.index.gone import keys_of_gone
    from crucible_core.runs.index.selection import Selection

    gone = set(keys_of_gone(connection))
    asked = Selection(query, gone, connection.members)
    total = int(connection.rows("SELECT count(*) FROM runs")[0][0])
    matching = int(connection.rows(f"SELECT count(*) FROM runs WHERE {asked.where}", asked.values)[0][0])
    if not matching or query.limit == 0:
        return RunList([], matching, total)
    limit = "" if query.limit is None else f" LIMIT {int(query.limit)}"
    columns = ", ".join(RUNS.names)
    found = connection.rows(
        f"SELECT {columns} FROM runs WHERE {asked.where} ORDER BY {asked.order}{limit}",
        asked.values,
    )
    rows = [decoded(RUNS, row) for row in found]
    keys = [row["key"] for row in rows]
    tags: dict[str, list[str]] = {key: [] for key in keys}
    metrics: dict[str, dict[str, float | None]] = {key: {} for key in keys}
    for key, tag in _parts(connection, "run, tag", "tags", keys):
        tags[key].append(tag)
    for key, path, value in _parts(connection, "run, path, value", "metrics", keys):
        metrics[key][path] = value
    runs = [_summary(row, sorted(tags[row["key"]]), metrics[row["key"]], gone, output_dir) for row in rows]
    return RunList(runs, matching, total)


def _parts(connection: Connection, columns: str, table: str, keys: list[str]) -> Iterable[tuple[Any, ...]]:
    for start in range(0, len(keys), _AT_ONCE):
        values = {f"k{number}": key for number, key in enumerate(keys[start : start + _AT_ONCE])}
        names = ", ".join(f":{name}" for name in values)
        yield from connection.rows(f"SELECT {columns} FROM {table} WHERE run IN ({names})", values)


def _summary(
    row: dict[str, Any],
    tags: Iterable[str],
    metrics: dict[str, float | None],
    gone: Collection[str],
    output_dir: Path | None,
) -> RunSummary:
    failed = f"{row['failure_code']}: {row['failure_message']}" if row["failure_code"] else None
    home = Path(row["directory"]) if row["directory"] or output_dir is None else output_dir
    return RunSummary(
        place=row["place"],
        experiment_id=row["experiment"],
        run_id=row["run_id"],
        status="interrupted" if row["key"] in gone else row["status"],
        reason=row["damage"] or failed,
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        duration_s=row["duration_s"],
        stages=row["stages"],
        stages_done=row["stages_done"],
        tags=tuple(tags),
        metrics=dict(sorted(metrics.items())),
        metrics_left_out=row["metrics_left_out"],
        path=home / row["place"],
        host=row["host"] or None,
        details=row,
    )
