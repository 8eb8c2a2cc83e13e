"""The metrics that are exported: those that the conventions have for pipelines, and what they lack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter

PIPELINE, TASK = "cicd.pipeline.name", "cicd.pipeline.task.name"
RUN_ID = "cicd.pipeline.run.id"
RESULT, TASK_RESULT = "cicd.pipeline.result", "cicd.pipeline.task.run.result"

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400)
_EXECUTING = {"cicd.pipeline.run.state": "executing"}


class Measures:
    """The instruments, made once for a meter.

    A run's id is on the values that stages logged, which mean nothing without it, and on nothing else: each value of
    an attribute makes a series of its own.
    """

    def __init__(self, meter: Meter) -> None:
        self._run_duration = meter.create_histogram(
            "cicd.pipeline.run.duration",
            "s",
            "Duration of a pipeline run grouped by pipeline, state and result.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self._active = meter.create_up_down_counter(
            "cicd.pipeline.run.active", "{run}", "The number of pipeline runs currently active in the system by state."
        )
        self._errors = meter.create_counter(
            "cicd.pipeline.run.errors", "{error}", "Failures of attempts at stages, and of runs, by code."
        )
        self._runs = meter.create_counter("crucible.runs", "{run}", "Runs that ended, by status.")
        self._stage_duration = meter.create_histogram(
            "crucible.stage.duration",
            "s",
            "Duration of an attempt at a stage.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self._skips = meter.create_counter("crucible.stage.skips", "{stage}", "Stages that did not run, by reason.")
        self._values = meter.create_gauge("crucible.metric.value", "1", "The last value of a metric of a run.")

    def run_began(self, pipeline: str) -> None:
        """Count a run that is under way."""
        self._active.add(1, {PIPELINE: pipeline, **_EXECUTING})

    def run_ended(
        self, pipeline: str, status: str, result: str, seconds: float | None, error: Mapping[str, str]
    ) -> None:
        """Count a run that is over; without a duration where nobody knows it."""
        self._active.add(-1, {PIPELINE: pipeline, **_EXECUTING})
        self._runs.add(1, {PIPELINE: pipeline, "crucible.run.status": status})
        if seconds is not None:
            self._run_duration.record(seconds, {PIPELINE: pipeline, **_EXECUTING, RESULT: result, **error})

    def attempt_ended(self, where: Mapping[str, str], result: str, seconds: float, error: Mapping[str, str]) -> None:
        """Count an attempt at a stage."""
        self._stage_duration.record(seconds, {**where, TASK_RESULT: result, **error})

    def failed(self, where: Mapping[str, str], error: Mapping[str, str]) -> None:
        """Count a failure, where it is one."""
        if error:
            self._errors.add(1, {**where, **error})

    def skipped(self, where: Mapping[str, str], reason: str) -> None:
        """Count a stage that did not run."""
        self._skips.add(1, {**where, "crucible.stage.skip_reason": reason})

    def value(self, where: Mapping[str, str], run_id: str, name: str, value: Any) -> None:
        """Keep the value of a metric."""
        self._values.set(value, {**where, RUN_ID: run_id, "crucible.metric.name": name})
