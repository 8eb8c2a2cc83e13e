"""The manifest of a run, as published."""

from __future__ import annotations

from typing import Any, Literal

from crucible_core.trace.payloads import CacheOutcome, DatasetRecord, FailureRecord, Number, Record, VerdictRecord


class StageRecord(Record):
    """One stage of the run."""

    id: str
    name: str
    module: str | None
    version: str | None
    distribution: str | None
    distribution_version: str | None
    description: str | None
    options: dict[str, Any]
    given_options: list[str]
    reads: list[str]
    may_read: list[str]
    writes: list[str]
    may_write: list[str]
    policies: dict[str, Any] = {}
    status: Literal["pending", "running", "succeeded", "failed", "skipped", "cancelled"]
    reason: str | None
    attempts: int
    started_at: str | None
    duration_s: float | None
    cache: CacheOutcome | None


class CheckpointRecord(Record):
    """A checkpoint a stage wrote."""

    stage: str
    name: str
    path: str


class ArtifactRecord(Record):
    """A file a stage wrote, its path relative to the run directory."""

    stage: str
    name: str
    path: str
    bytes: int
    sha256: str


class QualityTargetRecord(Record):
    """A bound, and the value its metric reached; ``reason`` says why there is none."""

    min: float | None
    max: float | None
    above: float | None
    below: float | None
    value: Number | None
    reached: bool | None
    reason: str | None


class StageVerdictRecord(VerdictRecord):
    """A judgement, and the stage that passed it; null where the run itself did."""

    stage: str | None


class GitRecord(Record):
    """The revision the run was made from, and whether tracked files differed from it."""

    revision: str | None
    dirty: bool


class PythonRecord(Record):
    """The interpreter."""

    version: str
    implementation: str


class ProcessRecord(Record):
    """What tells the run's process from every other; ``started_at`` is in clock ticks since the boot."""

    host: str
    boot_id: str | None
    pid: int
    started_at: int | None


class InputRecord(Record):
    """A value a run was given; source and hash are null where it came from Python."""

    source: str | None
    sha256: str | None
    type: str


class InputsRecord(Record):
    """What a run was given besides its experiment: values by name, and how many rows of outputs."""

    assigns: dict[str, InputRecord]
    outputs: int


class ResumeRecord(Record):
    """A process that went on with the run: when, the command line, and which stages stood as they were."""

    at: str
    command: list[str] | None
    process: ProcessRecord
    kept: list[str]


class RunManifest(Record):
    """What a run was and how it ended; rebuilt from ``telemetry.jsonl`` at any time."""

    schema_version: Literal["1.0"]
    crucible_version: str
    run_id: str
    experiment_id: str
    description: str | None
    tags: list[str]
    status: Literal["running", "succeeded", "failed", "cancelled", "interrupted"]
    params: dict[str, Any]
    seed: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    duration_s: float | None
    spec_file: str | None
    output_dir: str
    command: list[str] | None
    cache: bool
    overrides: dict[str, dict[str, Any]]
    inputs: InputsRecord
    telemetry_context: dict[str, Any]
    stages: list[StageRecord]
    metrics: dict[str, Any]
    verdicts: list[StageVerdictRecord]
    datasets: dict[str, DatasetRecord]
    checkpoints: list[CheckpointRecord]
    artifacts: list[ArtifactRecord]
    quality_targets: dict[str, QualityTargetRecord]
    failure: FailureRecord | None
    git: GitRecord | None
    python: PythonRecord
    packages: dict[str, str]
    process: ProcessRecord
    resumes: list[ResumeRecord]
    journal_sha256: str | None
