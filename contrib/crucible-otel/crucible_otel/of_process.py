"""The observer of all runs of this process, made when the first of them is to be exported."""

from __future__ import annotations

import logging
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING

from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.trace import NoOpTracerProvider

from crucible_otel.application import application_meter_provider, application_tracer_provider
from crucible_otel.observer import OTelObserver
from crucible_otel.settings import settings

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from crucible_core import Event
    from crucible_otel.delivery import Delivery

logger = logging.getLogger("crucible_otel")


class ProcessObserver:
    """Observe runs for as long as the process lives.

    Spans and metrics go to the providers that the application has set, which it flushes itself; else to providers of
    this plugin's own where an endpoint is given, which are flushed at the end of each run.
    """

    def __init__(self) -> None:
        asked = settings()
        self._flush_s = asked.flush_s
        self._deliveries: list[Delivery] = []
        self._warned = False
        for complaint in asked.complaints:
            logger.warning("crucible-otel: %s; until then nothing is exported there", complaint)
        self._observer = OTelObserver(
            application_tracer_provider() or self._tracer_provider(wanted=asked.traces),
            application_meter_provider() or self._meter_provider(wanted=asked.metrics),
        )

    def __call__(self, event: Event) -> None:
        """Take in an event, and see to it that a run's telemetry is out when the run ends."""
        self._observer(event)
        if event.event_name == "run_stop":
            self._flush(event.run_id)

    def _flush(self, run_id: str) -> None:
        for delivery in self._deliveries:
            delivery.begin_flush()
        until = monotonic() + self._flush_s
        for delivery in self._deliveries:
            delivery.wait(max(until - monotonic(), 0.0))
        self._warn_once(run_id)

    def _warn_once(self, run_id: str) -> None:
        failed = [f"{each.place} ({each.reason})" for each in self._deliveries if each.reason is not None]
        wrong = [f"its telemetry did not reach {', '.join(failed)}"] if failed else []
        if any(each.overflowed for each in self._deliveries):
            wrong.append("spans were dropped since too many waited: raise OTEL_BSP_MAX_QUEUE_SIZE")
        if wrong and not self._warned:
            self._warned = True
            logger.warning("crucible-otel: run %s is not affected; %s", run_id, "; ".join(wrong))

    def _tracer_provider(self, *, wanted: bool) -> TracerProvider:
        if not wanted:
            return NoOpTracerProvider()
        from crucible_otel.exporters import own_tracer_provider

        provider, delivery = own_tracer_provider()
        self._deliveries.append(delivery)
        return provider

    def _meter_provider(self, *, wanted: bool) -> MeterProvider:
        if not wanted:
            return NoOpMeterProvider()
        from crucible_otel.exporters import own_meter_provider

        provider, delivery = own_meter_provider()
        self._deliveries.append(delivery)
        return provider


@cache
def process_observer() -> ProcessObserver:
    """Return the observer of this process."""
    return ProcessObserver()
