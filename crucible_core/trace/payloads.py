"""What each trace event says: one payload type per event name, from which the published JSON Schemas are made."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Number = float | Literal["NaN", "Infinity", "-Infinity"]
"""A number; JSON has no NaN and no infinities, so they are written as strings."""


class Record(BaseModel):
    """A part of a record as it is published: immutable, without keys of its own invention."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FailureRecord(Record):
    """Why a stage or a run failed."""

    stage: str | None
    code: str
    message: str
    details: dict[str, Any]
    traceback: str | None = None


class VerdictRecord(Record):
    """A judgement passed on the experiment."""

    question: str
    passed: bool
    finding: str
    interval: list[Number] | None


class DatasetRecord(Record):
    """Where a dataset came from and what it holds."""

    source: str
    sha256: str
    rows: int
    columns: list[str]
    split: dict[str, Any]


class RunStart(Record):
    """A run begins, or goes on."""

    resumed: bool
    manifest: dict[str, Any]
    spec: dict[str, Any] | None = None
    state: dict[str, Any] = {}
    kept: list[str] = []


class RunStop(Record):
    """A run ends."""

    status: Literal["succeeded", "failed", "cancelled"]
    duration_s: float
    failure: FailureRecord | None
    quality_targets: dict[str, Any]
    git: dict[str, Any] | None = None


class StageStart(Record):
    """An attempt at a stage begins."""

    name: str


class CacheOutcome(Record):
    """What the cache did for a stage: its result was found, kept, could not be kept, or has no key.

    Of a result that was found, ``experiment_id``, ``run_id`` and ``created_at`` say which run computed it, and
    ``duration_s`` how long that took.
    """

    outcome: Literal["hit", "kept", "not_kept", "uncacheable"]
    key: str | None
    reason: str | None
    experiment_id: str | None = None
    run_id: str | None = None
    created_at: str | None = None
    duration_s: float | None = None


class StageStop(Record):
    """A stage is complete; what it added."""

    cache: CacheOutcome | None = None
    duration_s: float
    metrics: dict[str, Any] = {}
    datasets: dict[str, DatasetRecord] = {}
    state: dict[str, Any] = {}


class StageFailure(FailureRecord):
    """An attempt at a stage ends in a failure; where another one follows, it says after how many seconds."""

    duration_s: float
    will_retry_in_s: float | None = None


class StageSkip(Record):
    """A stage does not run; ``detail`` says why in words, and what was known of it before is as in `StageStop`."""

    reason: Literal["disabled", "cached", "condition", "earlier_failure"]
    detail: str | None = None
    cache: CacheOutcome | None = None
    metrics: dict[str, Any] = {}
    datasets: dict[str, DatasetRecord] = {}
    state: dict[str, Any] = {}


class Metric(Record):
    """The value of a metric at a step."""

    name: str
    value: Number | None
    step: int | None


class Checkpoint(Record):
    """A checkpoint was written."""

    name: str
    path: str


class Artifact(Record):
    """A file was written into the stage's directory; the path is relative to the run directory."""

    name: str
    path: str
    bytes: int
    sha256: str


class Log(Record):
    """A message."""

    level: Literal["debug", "info", "warning", "error"]
    message: str
    fields: dict[str, Any]


class Reasoning(Record):
    """Why a stage did what it did."""

    decision: str
    reasoning: str
    alternatives: list[str]
    confidence: float | None = Field(ge=0, le=1)


PAYLOADS: dict[str, type[Record]] = {
    "run_start": RunStart,
    "run_stop": RunStop,
    "stage_start": StageStart,
    "stage_stop": StageStop,
    "stage_error": StageFailure,
    "stage_skip": StageSkip,
    "metric": Metric,
    "checkpoint": Checkpoint,
    "artifact": Artifact,
    "verdict": VerdictRecord,
    "log": Log,
    "hypothesis_formed": Reasoning,
    "alternative_considered": Reasoning,
    "pattern_applied": Reasoning,
    "constraint_evaluated": Reasoning,
    "decision_made": Reasoning,
}
