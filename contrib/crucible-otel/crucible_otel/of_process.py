"""The observer of all runs of this process, made when the first of them is to be exported."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.trace import NoOpTracerProvider

from crucible_otel.application import application_meter_provider, application_tracer_provider
from crucible_otel.delivery import Delivery, logger
from crucible_otel.observer import OTelObserver
from crucible_otel.settings import settings

if TYPE_CHECKING:
    from crucible_core import Event
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider


class ProcessObserver:
    """Observe runs for as long as the process lives, with what it exports by."""

    def __init__(self) -> None:
        asked = settings()
        for complaint in asked.complaints:
            logger.warning("crucible-otel: %s; nothing is exported to there", complaint)
        self._flush_s = asked.flush_s
        self._flushes: list[Callable[[], object]] = []
        self._delivery: Delivery | None = None
        self._observer = OTelObserver(
            application_tracer_provider() or self._tracer_provider(wanted=asked.traces),
            application_meter_provider() or self._meter_provider(wanted=asked.metrics),
        )

    def __call__(self, event: Event) -> None:
        """Take in an event, and see to it that a run's telemetry is out when the run ends."""
        self._observer(event)
        if event.event_name == "run_stop" and self._delivery is not None:
            self._delivery.flush(self._flush, self._flush_s, f"run {event.run_id}")

    def _flush(self) -> None:
        for flush in self._flushes:
            flush()

    def _tracer_provider(self, *, wanted: bool) -> TracerProvider:
        if not wanted:
            return NoOpTracerProvider()
        from crucible_otel.exporters import own_tracer_provider

        provider = own_tracer_provider(self._own_delivery())
        self._flushes.append(provider.force_flush)
        return provider

    def _meter_provider(self, *, wanted: bool) -> MeterProvider:
        if not wanted:
            return NoOpMeterProvider()
        from crucible_otel.exporters import own_meter_provider

        provider = own_meter_provider(self._own_delivery())
        self._flushes.append(provider.force_flush)
        return provider

    def _own_delivery(self) -> Delivery:
        from crucible_otel.exporters import place

        self._delivery = self._delivery or Delivery(place())
        return self._delivery


@cache
def process_observer() -> ProcessObserver:
    """Return the observer of this process."""
    return ProcessObserver()
