"""A run while it is under way: its span, and what happens in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import Link, SpanKind, set_span_in_context

from crucible_otel.attributes import Attributes, flattened, number_of, text_of, told
from crucible_otel.earlier import Begun, Session, earlier_sessions
from crucible_otel.facts import RunFacts
from crucible_otel.measures import PIPELINE, RESULT
from crucible_otel.outcomes import error_type, result_of
from crucible_otel.parents import beginning_context, parent_context, trace_id_in
from crucible_otel.stage_spans import INTERRUPTED, Lost, StageSpans, end_span
from crucible_otel.timestamps import nanoseconds

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span

    from crucible_core import Event
    from crucible_otel.attempt import Attempt
    from crucible_otel.measures import Measures
    from crucible_otel.spans import Spans

_NAME, _VALUE, _STEP = (f"crucible.metric.{field}" for field in ("name", "value", "step"))


class OpenRun:
    """One run in this process, from its ``run_start`` on.

    Args:
        start: The ``run_start``.
        spans: Where its spans go.
        measures: Where its metrics go.
    """

    def __init__(self, start: Event, spans: Spans, measures: Measures) -> None:
        self._facts = RunFacts.of(start)
        self._spans, self._measures = spans, measures
        self._last = nanoseconds(start.timestamp)
        lost = self._close_killed(start.seq) if self._facts.resumed else {}
        context = parent_context(self._facts.manifest, resumed=self._facts.resumed)
        about = {**self._facts.run_attributes(resumed=self._facts.resumed), **self._facts.process_attributes()}
        self._span = self._started(Begun(start.seq, self._last), context, about, self._links())
        self._stages = StageSpans(self._facts, spans, measures, set_span_in_context(self._span, context), lost)
        self._handlers: dict[str, Callable[[Event], None]] = {
            "run_start": self._taken_up_again,
            "stage_start": self._stages.start,
            "stage_stop": self._stages.stop,
            "stage_error": self._stages.error,
            "stage_skip": self._stages.skip,
            "metric": self._measured,
        }
        measures.run_began(self._facts.pipeline)

    def goes_on_with(self, start: Event) -> bool:
        """Tell whether a ``run_start`` is this run's own, which found that less of it stands than it thought."""
        facts = RunFacts.of(start)
        return facts.resumed and facts.identity == self._facts.identity and facts.resumes == self._facts.resumes

    def take(self, event: Event) -> None:
        """Take in an event of the run; `stop` is for the last."""
        self._handlers.get(event.event_name, self._happened)(event)

    def stop(self, event: Event) -> None:
        """End the run's span with its ``run_stop``."""
        payload, at = event.payload, nanoseconds(event.timestamp)
        failure, git = payload.get("failure"), payload.get("git") or {}
        about = {"vcs.ref.head.revision": git.get("revision"), "crucible.git.dirty": git.get("dirty")}
        self._span.set_attributes(told(about))
        self._close(at, failure, text_of(payload.get("status")), number_of(payload.get("duration_s")))
        if failure is not None and failure.get("stage") is None:  # that of a stage was counted with its attempt
            self._measures.failed({PIPELINE: self._facts.pipeline}, error_type(failure))

    def abandon(self) -> None:
        """End what is open of a run of whose end nobody will tell: its like begins anew in this process."""
        self._close(self._last, INTERRUPTED, "interrupted", None)

    def _close(self, at: int, failure: Mapping[str, Any] | None, status: str, seconds: float | None) -> None:
        self._stages.close(at)
        end_span(self._span, RESULT, failure, at)
        self._measures.run_ended(self._facts.pipeline, status, result_of(failure), seconds, error_type(failure))

    def _taken_up_again(self, event: Event) -> None:
        kept = flattened("crucible.run_start.kept", event.payload.get("kept") or [])
        self._span.add_event("crucible.run_start", kept, nanoseconds(event.timestamp))

    def _happened(self, event: Event) -> None:
        """Put an event that neither begins nor ends anything on the span it happened in."""
        self._last = nanoseconds(event.timestamp)
        attempt = self._stages.open_attempt(event.stage)
        name = _event_name(event)
        self._tell(event, attempt, name, flattened(name, event.payload))

    def _measured(self, event: Event) -> None:
        """Measure a metric, and put it on its span while there are not too many; the most frequent of events."""
        self._last = at = nanoseconds(event.timestamp)
        attempt, payload = self._stages.open_attempt(event.stage), event.payload
        name, value = text_of(payload.get("name")), number_of(payload.get("value"))
        if value is not None and (attempt is None or attempt.is_due(name, value, at)):
            self._measures.value(self._facts.where(event.stage or ""), self._facts.run_id, name, value)
        if attempt is None or attempt.shows_value():
            about = {_NAME: name, _VALUE: value, _STEP: payload.get("step")}
            self._tell(event, attempt, "crucible.metric", told(about))

    def _tell(self, event: Event, attempt: Attempt | None, name: str, about: Attributes) -> None:
        if attempt is not None:
            attempt.span.add_event(name, about, self._last)
            return
        if event.stage is not None:
            about["crucible.stage.id"] = text_of(event.stage)
        self._span.add_event(name, about, self._last)

    def _started(self, begun: Begun, context: Context, about: Attributes, links: Sequence[Link] = ()) -> Span:
        return self._spans.start(
            f"RUN {self._facts.pipeline}",
            self._facts.identity,
            begun.seq,
            at=begun.at,
            context=context,
            attributes=about,
            kind=SpanKind.SERVER,
            links=links,
        )

    def _links(self) -> list[Link]:
        """Return the link from a resumed run to its beginning."""
        if not self._facts.resumed:
            return []
        identity = self._facts.identity
        trace_id = trace_id_in(beginning_context(self._facts.manifest)) or identity.trace_id
        return [Link(self._spans.elsewhere(trace_id, identity, 1), {"crucible.link": "beginning"})]

    def _close_killed(self, before: int) -> dict[str, Lost]:
        """Export the span of the process that was killed before this one, and return which attempts it left open.

        It could not export it itself; the spans of its stages, if it exported any, are nobody's without it.
        """
        sessions: list[Session] = earlier_sessions(self._facts.directory, before)
        if not sessions or sessions[-1].stopped:
            return {}
        killed = sessions[-1]
        beginning = beginning_context(self._facts.manifest)
        about = self._facts.run_attributes(resumed=killed is not sessions[0])
        span = self._started(killed.start, beginning, about)
        end_span(span, RESULT, INTERRUPTED, killed.last)
        context = set_span_in_context(span, beginning)
        return {stage: Lost(context, begun, killed.last) for stage, begun in killed.open.items()}


def _event_name(event: Event) -> str:
    """Return the name of an event on a span; those of plugins carry the name of their plugin already."""
    name = text_of(event.event_name)
    return name if "." in name else f"crucible.{name}"
