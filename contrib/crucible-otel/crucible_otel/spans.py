"""Start spans whose ids are known beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from opentelemetry.trace import INVALID_SPAN_CONTEXT, SpanContext, SpanKind, TraceFlags

from crucible_otel import __version__
from crucible_otel.identity import DerivedIds, RunIdentity

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Link, Span, TracerProvider

SCOPE = "crucible_otel"


class Spans:
    """The tracer of this plugin.

    Args:
        provider: Where spans go. One that is not of OpenTelemetry's SDK gives its spans ids of its own.
    """

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = cast("Any", provider.get_tracer(SCOPE, __version__))  # ids are the SDK's business, not the API's
        self._ids: DerivedIds | None = None
        generator = getattr(self._tracer, "id_generator", None)
        if isinstance(generator, DerivedIds):  # a tracer is shared by all who ask for its scope
            self._ids = generator
        elif generator is not None:
            self._ids = self._tracer.id_generator = DerivedIds(generator)

    def start(
        self,
        name: str,
        identity: RunIdentity,
        seq: int,
        *,
        at: int,
        context: Context,
        attributes: Mapping[str, Any],
        kind: SpanKind = SpanKind.INTERNAL,
        links: Sequence[Link] = (),
    ) -> Span:
        """Start the span that begins with the event of this number.

        Args:
            name: What it is called.
            identity: The run.
            seq: Number of the event.
            at: Its time, in nanoseconds.
            context: What it is a part of.
            attributes: What is known of it from the beginning, also to samplers.
            kind: Its kind.
            links: Other spans that it has to do with.
        """
        if self._ids is not None:
            self._ids.will_be(identity.trace_id, identity.span_id(seq))
        try:
            span: Span = self._tracer.start_span(
                name, context, kind=kind, attributes=attributes, links=links, start_time=at
            )
        finally:
            if self._ids is not None:
                self._ids.will_be(0, 0)
        return span

    def elsewhere(self, trace_id: int, identity: RunIdentity, seq: int) -> SpanContext:
        """Return what stands for a span of this run that another process made; nothing valid where ids are not ours."""
        if self._ids is None:
            return INVALID_SPAN_CONTEXT
        return SpanContext(trace_id, identity.span_id(seq), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
