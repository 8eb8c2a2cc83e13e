"""The spans of a run's attempts at its stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crucible_otel.attempt import Attempt
from crucible_otel.attributes import flattened, number_of, numbers, told
from crucible_otel.earlier import Begun
from crucible_otel.measures import TASK_RESULT
from crucible_otel.outcomes import error_type, result_of, tell_failure
from crucible_otel.timestamps import nanoseconds

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span

    from crucible_core import Event
    from crucible_otel.facts import RunFacts
    from crucible_otel.measures import Measures
    from crucible_otel.spans import Spans

INTERRUPTED: Mapping[str, Any] = {"code": "interrupted", "message": "the process that ran it is gone"}


@dataclass(frozen=True)
class Lost:
    """An attempt that a killed process left unfinished.

    Args:
        context: What its span is a part of.
        begun: Where it began.
        last: The last moment at which the process is known to have lived, in nanoseconds.
    """

    context: Context
    begun: Begun
    last: int


@dataclass
class StageSpans:
    """What is open of a run's stages.

    Args:
        facts: The run.
        spans: Where spans go.
        measures: Where metrics go.
        context: What the spans are a part of.
        lost: What an earlier process left open, by stage.
    """

    facts: RunFacts
    spans: Spans
    measures: Measures
    context: Context
    lost: dict[str, Lost]
    _open: dict[str, Attempt] = field(default_factory=dict)

    def open_attempt(self, stage: str | None) -> Attempt | None:
        """Return the attempt that is under way at a stage."""
        return self._open.get(stage or "")

    def start(self, event: Event) -> None:
        """Open the span of an attempt."""
        stage, at = str(event.stage), nanoseconds(event.timestamp)
        attempt = Attempt(self._started(event, Begun(event.seq, at), self.context), at)
        attempt.enter(self.context)
        self._open[stage] = attempt

    def stop(self, event: Event) -> None:
        """End the span of an attempt that succeeded."""
        attempt, at = self._taken(event)
        self._tell_results(event, attempt.span)
        self._end(str(event.stage), attempt, at, event.payload, None)

    def error(self, event: Event) -> None:
        """End the span of an attempt that failed; of an earlier process's, when the run is resumed."""
        stage, lost = str(event.stage), self.lost.pop(str(event.stage), None)
        if stage in self._open or lost is None:
            attempt, at = self._taken(event)
        else:
            attempt, at = Attempt(self._started(event, lost.begun, lost.context), lost.begun.at), lost.last
        attempt.span.set_attributes(told({"crucible.retry.delay_s": event.payload.get("will_retry_in_s")}))
        self._end(stage, attempt, at, event.payload, event.payload)

    def skip(self, event: Event) -> None:
        """Make the span of a stage that did not run: it takes no time."""
        at, reason = nanoseconds(event.timestamp), str(event.payload.get("reason"))
        span = self._started(event, Begun(event.seq, at), self.context)
        span.set_attributes({TASK_RESULT: "skip", "crucible.stage.skip_reason": reason})
        self._tell_results(event, span)
        span.end(at)
        self.measures.skipped(self.facts.where(str(event.stage)), reason)

    def close(self, at: int) -> None:
        """End what is still open when nobody will tell of its end any more."""
        for stage in list(self._open):
            self._end(stage, self._open.pop(stage), at, {}, INTERRUPTED)

    def _tell_results(self, event: Event, span: Span) -> None:
        """Say what a stage came to: now, or before, where it is skipped because that is known."""
        metrics = event.payload.get("metrics")
        if metrics:
            span.set_attributes(flattened("crucible.metrics", metrics, limit=48))
            for name, value in numbers("", metrics).items():
                self.measures.value(self.facts.where(str(event.stage)), self.facts.run_id, name[1:], value)
        for name, dataset in (event.payload.get("datasets") or {}).items():
            facts = {f"crucible.dataset.{name}.{key}": dataset.get(key) for key in ("source", "sha256", "rows")}
            span.set_attributes(told(facts))

    def _started(self, event: Event, begun: Begun, context: Context) -> Span:
        stage = str(event.stage)
        attributes = self.facts.stage_attributes(stage, event.attempt, begun.seq)
        return self.spans.start(
            stage, self.facts.identity, begun.seq, at=begun.at, context=context, attributes=attributes
        )

    def _taken(self, event: Event) -> tuple[Attempt, int]:
        """Return the attempt that an event ends, and when; one whose beginning nobody told began its duration ago."""
        at = nanoseconds(event.timestamp)
        attempt = self._open.pop(str(event.stage), None)
        if attempt is None:
            begun = Begun(event.seq, at - round((number_of(event.payload.get("duration_s")) or 0) * 1e9))
            attempt = Attempt(self._started(event, begun, self.context), begun.at)
        return attempt, at

    def _end(
        self, stage: str, attempt: Attempt, at: int, payload: Mapping[str, Any], failure: Mapping[str, Any] | None
    ) -> None:
        attempt.leave()
        for name, value in attempt.last.items():
            self.measures.value(self.facts.where(stage), self.facts.run_id, name, value)
        end_span(attempt.span, TASK_RESULT, failure, at)
        seconds = number_of(payload.get("duration_s")) or (at - attempt.at) / 1e9
        where, error = self.facts.where(stage), error_type(failure)
        self.measures.attempt_ended(where, result_of(failure), seconds, error)
        self.measures.failed(where, error)


def end_span(span: Span, result: str, failure: Mapping[str, Any] | None, at: int) -> None:
    """End the span of a run or an attempt, saying how it went."""
    span.set_attribute(result, result_of(failure))
    if failure is not None:
        tell_failure(span, failure, at)
    span.end(at)
