"""Providers of this plugin's own, which export by OTLP over HTTP in the background."""

from __future__ import annotations

import os
import platform
import socket
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExportResult, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opentelemetry.sdk.metrics.export import MetricsData
    from opentelemetry.sdk.trace import ReadableSpan

    from crucible_otel.delivery import Delivery


class SpanExporter(OTLPSpanExporter):
    """OpenTelemetry's, watched."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__()
        self._delivery = delivery

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch."""
        return self._delivery.watched(partial(super().export, spans), SpanExportResult.FAILURE)


class MetricExporter(OTLPMetricExporter):
    """OpenTelemetry's, watched."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__()
        self._delivery = delivery

    def export(self, metrics_data: MetricsData, *args: Any, **kwargs: Any) -> MetricExportResult:
        """Send what was measured."""
        return self._delivery.watched(
            partial(super().export, metrics_data, *args, **kwargs), MetricExportResult.FAILURE
        )


class SpanProcessor(BatchSpanProcessor):
    """OpenTelemetry's; that its queue is full is noted as well."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__(SpanExporter(delivery))
        self._delivery = delivery

    def on_end(self, span: ReadableSpan) -> None:
        """Queue a span."""
        with self._delivery.quiet():
            super().on_end(span)


def own_tracer_provider(delivery: Delivery) -> TracerProvider:
    """Return a provider that exports spans; nothing waits for it when the program ends."""
    provider = TracerProvider(resource=resource(), shutdown_on_exit=False)
    provider.add_span_processor(SpanProcessor(delivery))
    return provider


def own_meter_provider(delivery: Delivery) -> MeterProvider:
    """Return a provider that exports metrics, likewise."""
    reader = PeriodicExportingMetricReader(MetricExporter(delivery))
    return MeterProvider([reader], resource=resource(), shutdown_on_exit=False)


def resource() -> Resource:
    """Return what this process is; what ``OTEL_RESOURCE_ATTRIBUTES`` and ``OTEL_SERVICE_NAME`` say wins."""
    asked = Resource.create()
    named = not str(asked.attributes.get("service.name", "unknown_service")).startswith("unknown_service")
    ours = {
        "host.name": socket.gethostname(),
        "process.pid": os.getpid(),
        "process.runtime.name": platform.python_implementation().lower(),
        "process.runtime.version": platform.python_version(),
    }
    more = {name: value for name, value in ours.items() if name not in asked.attributes}
    return asked.merge(Resource(more if named else {**more, "service.name": "crucible"}))


def place(environment: Mapping[str, str] = os.environ) -> str:
    """Return where the telemetry goes, without what may be secret in the address."""
    names = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")
    address = urlsplit(next(filter(None, (environment.get(name, "").strip() for name in names)), ""))
    host = address.netloc.rpartition("@")[2]
    return f"{address.scheme}://{host}{address.path}"
