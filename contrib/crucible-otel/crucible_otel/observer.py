"""Turn the events of runs into traces and metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry import metrics, trace

from crucible_otel import __version__
from crucible_otel.measures import Measures
from crucible_otel.open_run import OpenRun
from crucible_otel.spans import SCOPE, Spans

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from crucible_core import Event


class OTelObserver:
    """An observer of runs, any number of them at once: ``run(experiment, observers=[OTelObserver(...)])``.

    As a plugin it observes every run without being asked; this is for programs that choose the providers themselves.

    Args:
        tracer_provider: Where spans go; the global one where it is not given.
        meter_provider: Where metrics go; the global one where it is not given.
    """

    def __init__(
        self, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
    ) -> None:
        self._spans = Spans(tracer_provider or trace.get_tracer_provider())
        self._measures = Measures((meter_provider or metrics.get_meter_provider()).get_meter(SCOPE, __version__))
        self._runs: dict[tuple[str, str], OpenRun] = {}

    def __call__(self, event: Event) -> None:
        """Take in an event; those of a run whose beginning was not seen are left alone."""
        key = (event.experiment_id, event.run_id)
        if event.event_name == "run_start":
            self._start(key, event)
        elif event.event_name == "run_stop":
            run = self._runs.pop(key, None)
            if run is not None:
                run.stop(event)
        elif key in self._runs:
            self._runs[key].take(event)

    def _start(self, key: tuple[str, str], event: Event) -> None:
        """Begin a run; one that is open goes on where it says so, and is over where another begins in its place."""
        known = self._runs.get(key)
        if known is not None and known.goes_on_with(event):
            known.take(event)
            return
        if known is not None:
            known.abandon()
        self._runs[key] = OpenRun(event, self._spans, self._measures)
