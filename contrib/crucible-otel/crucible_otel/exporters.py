"""Providers of this plugin's own, which export by OTLP over HTTP in the background."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExportResult, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult

from crucible_otel.delivery import Delivery
from crucible_otel.resource import process_resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.sdk.metrics.export import MetricsData
    from opentelemetry.sdk.trace import ReadableSpan


class Session(requests.Session):
    """Requests' own, which tells how each request fares: the exporters say at last that they gave up, but not why."""

    delivery: Delivery

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request."""
        try:
            response = super().request(*args, **kwargs)
        except requests.RequestException as error:
            self.delivery.note(str(error), unreachable=True)
            raise
        if not response.ok:
            self.delivery.note(f"{response.status_code} {response.reason}", unreachable=False)
        return response


def session() -> Session | None:
    """Return what requests are sent by; None where the environment names somebody who provides it, with credentials."""
    provided = any(name.startswith("OTEL_PYTHON_EXPORTER_OTLP_HTTP") for name in os.environ)
    return None if provided else Session()


class SpanExporter(OTLPSpanExporter):
    """OpenTelemetry's, watched."""

    def __init__(self, by: Session | None) -> None:
        super().__init__(session=by)
        self.delivery = Delivery(public_address(self._endpoint))
        if by is not None:
            by.delivery = self.delivery

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch."""
        return self.delivery.watched(partial(super().export, spans), SpanExportResult.FAILURE)


class MetricExporter(OTLPMetricExporter):
    """OpenTelemetry's, watched."""

    def __init__(self, by: Session | None) -> None:
        super().__init__(session=by)
        self.delivery = Delivery(public_address(self._endpoint))
        if by is not None:
            by.delivery = self.delivery

    def export(self, metrics_data: MetricsData, *args: Any, **kwargs: Any) -> MetricExportResult:
        """Send what was measured."""
        export = partial(super().export, metrics_data, *args, **kwargs)
        return self.delivery.watched(export, MetricExportResult.FAILURE)


class SpanProcessor(BatchSpanProcessor):
    """OpenTelemetry's; that its queue is full is noted as well."""

    def __init__(self, exporter: SpanExporter) -> None:
        super().__init__(exporter)
        self._delivery = exporter.delivery

    def on_end(self, span: ReadableSpan) -> None:
        """Queue a span."""
        with self._delivery.quiet():
            super().on_end(span)


def own_tracer_provider() -> tuple[TracerProvider, Delivery]:
    """Return a provider that exports spans; nothing waits for it when the program ends."""
    exporter = SpanExporter(session())
    provider = TracerProvider(resource=process_resource(), shutdown_on_exit=False)
    provider.add_span_processor(SpanProcessor(exporter))
    exporter.delivery.flush = provider.force_flush
    return provider, exporter.delivery


def own_meter_provider() -> tuple[MeterProvider, Delivery]:
    """Return a provider that exports metrics, likewise."""
    exporter = MetricExporter(session())
    reader = PeriodicExportingMetricReader(exporter)
    provider = MeterProvider([reader], resource=process_resource(), shutdown_on_exit=False)
    exporter.delivery.flush = provider.force_flush
    return provider, exporter.delivery


def public_address(url: str) -> str:
    """Return an address without what may be secret in it.

    Example:
        >>> public_address("https://me:secret@collector.example:4318/v1/traces?key=secret")
        'https://collector.example:4318/v1/traces'
    """
    address = urlsplit(url)
    return f"{address.scheme}://{address.netloc.rpartition('@')[2]}{address.path}"
