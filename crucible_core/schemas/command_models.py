"""What commands print with ``--json``, as published; those of ``crucible plugins`` live with the plugins."""

from __future__ import annotations

from typing import Any, Literal

from crucible_core.trace.payloads import Record


class ListedStage(Record):
    """One stage of ``crucible stages list``; ``problem`` says why it cannot be used."""

    name: str
    distribution: str | None
    version: str | None
    description: str | None
    weak_traits: list[str]
    problem: str | None


class StageList(Record):
    """What ``crucible stages list --json`` prints."""

    schema_version: Literal["1.0"]
    stages: list[ListedStage]
    notes: list[str]


class PlannedStageRecord(Record):
    """One stage of a plan; options and paths are those it would run with."""

    id: str
    name: str
    enabled: bool
    distribution: str | None
    options: dict[str, Any]
    reads: list[str]
    writes: list[str]
    policies: dict[str, Any]


class ProblemRecord(Record):
    """One thing wrong with a spec or a plan."""

    code: Literal[
        "invalid_spec",
        "unknown_stage",
        "stage_unloadable",
        "invalid_options",
        "missing_input",
        "duplicate_id",
        "invalid_policy",
        "invalid_condition",
    ]
    message: str
    stage: str | None
    path: str
    file: str | None
    line: int | None
    column: int | None
    hint: str | None


class Validation(Record):
    """What ``crucible validate --json`` prints."""

    schema_version: Literal["1.0"]
    spec: str
    valid: bool
    experiment_id: str | None
    stages: list[PlannedStageRecord]
    problems: list[ProblemRecord]


class ErrorRecord(Record):
    """What went wrong, and what to do about it; ``problems`` has each thing wrong with a spec or a plan by itself."""

    message: str
    hint: str | None
    problems: list[ProblemRecord]


class ErrorDocument(Record):
    """What a command that was asked for JSON prints instead when it fails; its exit code says how."""

    schema_version: Literal["1.0"]
    error: ErrorRecord


class CachedStageRecord(Record):
    """What the cache holds of one stage; ``saved_s`` is how long it took to compute its results."""

    stage: str
    entries: int
    results: int
    bytes: int
    last_used: str
    saved_s: float


class CacheInfo(Record):
    """What ``crucible cache info --json`` prints."""

    schema_version: Literal["1.0"]
    directory: str
    bytes: int
    stages: list[CachedStageRecord]


class CacheCleared(Record):
    """What ``crucible cache clear --json`` prints: what was removed, or would be, and what stays."""

    schema_version: Literal["1.0"]
    directory: str
    dry_run: bool
    entries: int
    bytes: int
    left_entries: int
    left_bytes: int


class CacheSource(Record):
    """The run that an entry of the cache is from."""

    experiment_id: str
    run_id: str
    created_at: str


class CacheDifference(Record):
    """One part in which two keys differ; null where one of them does not have it."""

    part: str
    before: str | None
    after: str | None


class CacheExplained(Record):
    """What ``crucible cache explain --json`` prints."""

    schema_version: Literal["1.0"]
    experiment_id: str
    run_id: str
    stage: str
    outcome: Literal["hit", "miss", "uncacheable", "not_cacheable", "off", "not_reached"]
    kept: bool | None
    reason: str | None
    key: str | None
    source: CacheSource | None
    nearest: CacheSource | None
    differences: list[CacheDifference]
