"""What telemetry costs: ``python otel_chain.py STAGES VALUES``, in an environment that has crucible-otel.

The events of a run are handed to the observer, as a run does. Spans are queued for export in batches and metrics are
aggregated, as in use; then both are thrown away: sending is not in the figures, nor is what the runner and the record
cost. Beside it the SDK alone does the same that the observer lets it do: as many spans with as many attributes, a
duration in a histogram for each, and as many events.
"""

from __future__ import annotations

import sys
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from timing import Stopwatch

from crucible_core import Event
from crucible_otel import OTelObserver

NOW = "2026-11-22T09:30:00.000000+00:00"
ATTRIBUTES = {"task": "s", "run": "s#1", "url": "file://host/runs/demo/one/telemetry.jsonl#L2", "attempt": 1}
ATTRIBUTES |= {"name": "nothing", "version": "1.0.0", "distribution": "benchmark"}


class Thrown(SpanExporter):
    """Take spans and do nothing with them."""

    def export(self, spans: Any) -> SpanExportResult:  # noqa: ARG002 - an exporter's contract
        return SpanExportResult.SUCCESS


def traces() -> TracerProvider:
    made = TracerProvider(shutdown_on_exit=False)
    made.add_span_processor(BatchSpanProcessor(Thrown(), max_queue_size=200_000))
    return made


def metrics() -> MeterProvider:
    return MeterProvider([InMemoryMetricReader()], shutdown_on_exit=False)


def event(seq: int, name: str, stage: str | None, /, **payload: Any) -> Event:
    return Event(seq, NOW, name, "one", "demo", stage, None if stage is None else 1, payload)


def sdk_alone(stages: int, values: int) -> None:
    tracer, meter = traces().get_tracer("benchmark"), metrics().get_meter("benchmark")
    durations = meter.create_histogram("duration")
    for _ in range(stages):
        span = tracer.start_span("stage", attributes=ATTRIBUTES, start_time=1)
        for number in range(values):
            span.add_event("metric", {"name": "loss", "value": 0.5, "step": number}, 2)
        span.set_attribute("result", "success")
        span.end(3)
        durations.record(0.001, {"pipeline": "demo", "task": "s", "result": "success"})


def events_of(stages: int, values: int) -> list[Event]:
    about = [{"id": f"s{number}", "name": "nothing", "version": "1.0.0"} for number in range(stages)]
    manifest = {"stages": about, "created_at": NOW, "output_dir": "runs/demo/one"}
    told = [event(1, "run_start", None, resumed=False, manifest=manifest)]
    for number in range(stages):
        told.append(event(2, "stage_start", f"s{number}", name="nothing"))
        told += [event(3, "metric", f"s{number}", name="loss", value=0.5, step=step) for step in range(values)]
        told.append(event(4, "stage_stop", f"s{number}", duration_s=0.001))
    return told


def observe(told: list[Event]) -> None:
    observer = OTelObserver(traces(), metrics())
    for each in told:
        observer(each)


def main(stages: int, values: int) -> None:
    watch = Stopwatch(stages)
    for name, many in (("stage", 0), ("values", values)):
        told = events_of(stages, many)
        for _ in range(3):
            watch.time(f"sdk {name}", lambda many=many: sdk_alone(stages, many))
            watch.time(f"crucible {name}", lambda told=told: observe(told))
    watch.print()


main(int(sys.argv[1]), int(sys.argv[2]))
