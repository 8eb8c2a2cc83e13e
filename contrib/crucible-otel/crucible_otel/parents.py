"""What a run's span is a part of: a span of the application, or of whoever started the process."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from opentelemetry.context import Context, get_current
from opentelemetry.trace import get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

TRACEPARENT, TRACESTATE = "traceparent", "tracestate"


def parent_context(
    manifest: Mapping[str, Any], *, resumed: bool, environment: Mapping[str, str] = os.environ
) -> Context:
    """Return the context whose span the run is a part of; one without a span for a run that stands alone.

    A span that is open in this thread comes first. Then, as W3C Trace Context writes it down, what the run was given as
    ``telemetry_context``, and ``TRACEPARENT`` of the environment; the other way round for a resumed run, whose
    ``telemetry_context`` is that of its beginning.
    """
    if get_current_span().get_span_context().is_valid:
        return get_current()
    return next(filter(_has_span, _carried(manifest, environment, resumed=resumed)), Context())


def beginning_context(manifest: Mapping[str, Any]) -> Context:
    """Return the context that the run was given when it began; one without a span where none was recorded."""
    return _extracted(manifest.get("telemetry_context"))


def trace_id_in(context: Context) -> int:
    """Return the id of the trace that a context is a part of; 0 for none."""
    return get_current_span(context).get_span_context().trace_id


def _carried(manifest: Mapping[str, Any], environment: Mapping[str, str], *, resumed: bool) -> Iterator[Context]:
    given = beginning_context(manifest)
    in_environment = _extracted({name.lower(): environment.get(name, "") for name in ("TRACEPARENT", "TRACESTATE")})
    yield from (in_environment, given) if resumed else (given, in_environment)


def _extracted(carrier: Any) -> Context:
    texts = {}
    if isinstance(carrier, Mapping):
        texts = {name: carrier[name] for name in (TRACEPARENT, TRACESTATE) if isinstance(carrier.get(name), str)}
    return TraceContextTextMapPropagator().extract(texts, Context())


def _has_span(context: Context) -> bool:
    return get_current_span(context).get_span_context().is_valid
