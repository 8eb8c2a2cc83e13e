"""A program that has set providers of its own gets the telemetry of its runs."""

from __future__ import annotations

PROVIDERS = """
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from crucible_core import run

exporter, reader, provider = InMemorySpanExporter(), InMemoryMetricReader(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
"""
METRICS = "metrics.set_meter_provider(MeterProvider([reader]))\n"


def printed(command, source: str, **asked: str) -> list[str]:
    done = command.python(PROVIDERS + source, **asked)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout.splitlines()


def test_its_runs_need_no_setting(command):
    spec = command.spec("Measure")
    source = METRICS + (
        f"run({str(spec)!r}, output_dir='runs')\n"
        "print([span.name for span in exporter.get_finished_spans()])\n"
        "print(len(reader.get_metrics_data().resource_metrics))\n"
    )
    assert printed(command, source) == ["['measure', 'RUN demo']", "1"]


def test_what_libraries_trace_in_a_stage_is_part_of_the_stages_span(command):
    spec = command.spec("Libraries")
    source = (
        f"run({str(spec)!r}, output_dir='runs')\n"
        "spans = {span.name: span for span in exporter.get_finished_spans()}\n"
        "print(spans['request'].parent.span_id == spans['libraries'].context.span_id)\n"
        "print(trace.get_current_span() is trace.INVALID_SPAN)\n"
    )
    assert printed(command, source) == ["True", "True"]


def test_its_own_spans_are_around_its_runs_and_keep_ids_of_their_own(command):
    spec = command.spec("Measure")
    source = (
        "tracer = trace.get_tracer('program')\n"
        "with tracer.start_as_current_span('work') as work:\n"
        f"    run({str(spec)!r}, output_dir='runs')\n"
        f"run({str(spec)!r}, output_dir='runs')\n"
        "found = exporter.get_finished_spans()\n"
        "runs = [span for span in found if span.name == 'RUN demo']\n"
        "print(runs[0].parent.span_id == work.context.span_id, runs[1].parent)\n"
        "print(type(provider.id_generator).__name__, len({span.context.span_id for span in found}) == len(found))\n"
    )
    assert printed(command, source) == ["True None", "RandomIdGenerator True"]


def test_it_comes_before_the_endpoint_signal_by_signal(command, collector):
    spec = command.spec("Measure")
    source = f"run({str(spec)!r}, output_dir='runs')\nprint(len(exporter.get_finished_spans()))\n"
    assert printed(command, source, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url) == ["2"]
    assert collector.spans == []
    assert "crucible.runs" in collector.metrics


def test_a_run_may_be_resumed_under_it(command):
    spec = command.spec("Measure", "Refuse")
    source = (
        f"run({str(spec)!r}, run_id='one', output_dir='runs')\n"
        "run(resume='one', output_dir='runs')\n"
        "first, second = [span for span in exporter.get_finished_spans() if span.name == 'RUN demo']\n"
        "print(second.links[0].context.span_id == first.context.span_id)\n"
        "print(second.context.trace_id == first.context.trace_id)\n"
    )
    assert printed(command, source) == ["True", "True"]


def test_the_sdk_may_be_disabled(command, collector):
    spec = command.spec("Measure")
    source = f"run({str(spec)!r}, output_dir='runs')\nprint(len(exporter.get_finished_spans()))\n"
    asked = {"OTEL_SDK_DISABLED": "TRUE", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
    assert printed(command, source, **asked) == ["0"]
    assert not collector.asked.is_set()


def test_a_run_in_a_child_process_is_exported_by_it(command, collector):
    spec = command.spec("Measure")
    source = (
        "from multiprocessing import get_context\n"
        "from crucible_core import run\n"
        f"run({str(spec)!r}, run_id='parent', output_dir='runs')\n"
        f"child = get_context('fork').Process(target=run, args=({str(spec)!r},), "
        "kwargs={'run_id': 'child', 'output_dir': 'runs'})\n"
        "child.start()\nchild.join()\nprint(child.exitcode)\n"
    )
    done = command.python(source, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    assert done.stdout == "0\n", done.stderr
    runs = [span for span in collector.spans if span.name == "RUN demo"]
    assert len(runs) == 2


def test_its_threads_may_run_at_once(command):
    spec = command.spec("Measure", "Judge")
    source = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        f"one = lambda n: run({str(spec)!r}, run_id=f'r{{n}}', output_dir='runs')\n"
        "with ThreadPoolExecutor(4) as pool: list(pool.map(one, range(12)))\n"
        "spans = exporter.get_finished_spans()\n"
        "roots = {span.context.span_id: span for span in spans if span.name == 'RUN demo'}\n"
        "rest = [span for span in spans if span.parent]\n"
        "print(len(roots), len(rest), all(roots[s.parent.span_id].context.trace_id == s.context.trace_id for s in rest))\n"
    )
    assert printed(command, source) == ["12 24 True"]
