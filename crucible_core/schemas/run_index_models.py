"""What the commands about the index of runs print with ``--json``, as published."""

from __future__ import annotations

from typing import Literal

from crucible_core.trace.payloads import Number, Record


class ListedRun(Record):
    """One run: its place is ``experiment/run``, the names of its directories.

    ``host`` is null for a run of the index beside the runs; ``reason`` says why it failed or what is damaged.
    ``metrics`` are the numbers among its metrics by dotted path, ``metrics_left_out`` counts those in its record only.
    """

    place: str
    experiment_id: str
    run_id: str
    status: Literal["running", "succeeded", "failed", "cancelled", "interrupted", "damaged"]
    reason: str | None
    failure_stage: str | None
    failure_code: str | None
    damage: str | None
    created_at: str | None
    started_at: str | None
    finished_at: str | None
    duration_s: float | None
    stages: int
    stages_done: int
    tags: list[str]
    metrics: dict[str, Number]
    metrics_left_out: int
    seed: int | None
    crucible_version: str | None
    git_revision: str | None
    git_dirty: bool | None
    path: str
    host: str | None


class RunList(Record):
    """What ``crucible runs list --json`` prints: runs within the limit, how many match, and how many there are."""

    schema_version: Literal["1.0"]
    runs: list[ListedRun]
    matching: int
    total: int
    notes: list[str]


class RunTags(Record):
    """What ``crucible runs tag RUN --json`` prints: the tags that the run has now."""

    schema_version: Literal["1.0"]
    run: str
    directory: str
    tags: list[str]


class Reindexed(Record):
    """What ``crucible runs reindex --json`` prints: how many directories were read, how many runs are gone."""

    schema_version: Literal["1.0"]
    read: int
    gone: int
    notes: list[str]
