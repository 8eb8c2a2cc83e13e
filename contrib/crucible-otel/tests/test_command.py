"""A run of the command, and what a collector receives of it."""

from __future__ import annotations

import sys

from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from otlp_receiver import values

from crucible_otel.timestamps import nanoseconds

SECRET = "s3cr3t-t0k3n"


def test_a_collector_receives_the_trace_and_the_metrics_of_a_run(command, collector):
    done = command.run("Measure", "Judge", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    assert (done.returncode, done.stderr.count("crucible-otel")) == (4, 0)
    spans = {span.name: span for span in collector.spans}
    assert set(spans) == {"RUN demo", "measure", "judge"}
    assert spans["measure"].parent_span_id == spans["RUN demo"].span_id
    assert values(spans["RUN demo"].attributes)["cicd.pipeline.result"] == "failure"
    assert [event.name for event in spans["measure"].events].count("crucible.metric") == 3
    assert set(collector.metrics) == {
        "cicd.pipeline.run.active",
        "cicd.pipeline.run.duration",
        "cicd.pipeline.run.errors",
        "crucible.metric.value",
        "crucible.runs",
        "crucible.stage.duration",
    }
    assert isinstance(collector.metrics["crucible.runs"], Metric)


def test_its_times_are_those_of_the_journal(command, collector):
    from json import loads

    command.run("Measure", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    journal = (command.directory / "artifacts/crucible/demo/one/telemetry.jsonl").read_text().splitlines()
    start, *_, stop = map(loads, journal)
    (whole,) = (span for span in collector.spans if span.name == "RUN demo")
    assert whole.start_time_unix_nano == nanoseconds(start["timestamp"])
    assert whole.end_time_unix_nano == nanoseconds(stop["timestamp"])


def test_the_environment_says_what_the_process_is_called(command, collector):
    command.run("Measure", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    (about, *_) = collector.resources
    assert about["service.name"] == "crucible"
    assert about["process.runtime.name"] == sys.implementation.name
    asked = {"OTEL_SERVICE_NAME": "experiments", "OTEL_RESOURCE_ATTRIBUTES": "team=a,host.name=here"}
    collector.requests.clear()
    command.run("Measure", run_id="two", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, **asked)
    (about, *_) = collector.resources
    assert {name: about[name] for name in ("service.name", "team", "host.name")} == {
        "service.name": "experiments",
        "team": "a",
        "host.name": "here",
    }


def test_headers_and_compression_are_obeyed(command, collector):
    asked = {"OTEL_EXPORTER_OTLP_HEADERS": "api-key=abc", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"}
    command.run("Measure", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, **asked)
    assert len(collector.spans) == 2
    assert {(each["api-key"], each["Content-Encoding"]) for each in collector.headers} == {("abc", "gzip")}


def test_one_signal_alone_may_be_asked_for(command, collector):
    command.run("Measure", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{collector.url}/v1/traces")
    assert (len(collector.spans), collector.metrics) == (2, {})
    collector.requests.clear()
    asked = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_TRACES_EXPORTER": "none"}
    command.run("Measure", run_id="two", **asked)
    assert (collector.spans, "crucible.runs" in collector.metrics) == ([], True)


def test_a_sampler_is_obeyed(command, collector):
    command.run("Measure", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_TRACES_SAMPLER="always_off")
    assert (collector.spans, "crucible.runs" in collector.metrics) == ([], True)


def test_secrets_are_not_exported(command, collector):
    (command.directory / "secret_stage.py").write_text(
        "from typing import Any\n"
        "from pydantic import SecretStr\n"
        "from crucible_core import Stage, StageOptions\n\n\n"
        "class Leak(Stage):\n"
        '    """Tell a secret."""\n\n'
        '    name = "leak"\n'
        '    version = "1.0.0"\n\n'
        "    class Options(StageOptions):\n"
        "        token: SecretStr\n\n"
        "    def run(self, context, options: Any):\n"
        "        told = options.token.get_secret_value()\n"
        "        context.runtime.log(f'the token is {told}', token=told)\n"
        "        raise ValueError(told)\n"
    )
    spec = command.directory / "secret.yaml"
    spec.write_text(
        "id: secret\npipeline:\n  - {id: leak, name: leak, module: 'secret_stage:Leak', "
        f"options: {{token: {SECRET}}}}}\n"
    )
    program = f"from crucible_core import run; run({str(spec)!r}, output_dir='runs')"
    done = command.python(program, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    assert done.returncode == 0, done.stderr
    assert len(collector.spans) == 2
    assert not [each for each in collector.requests if SECRET.encode() in each.SerializeToString()]


def test_stages_in_processes_of_their_own_are_spans_like_others(command, collector):
    policies = {
        "crash": "isolation: process, on_failure: continue",
        "kill": "isolation: process, on_failure: skip_rest",
    }
    command.run("Crash", "Kill", "Judge", policies=policies, KILLED="yes", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    told = {span.name: values(span.attributes) for span in collector.spans}
    assert (told["crash"]["cicd.pipeline.task.run.result"], told["crash"]["error.type"]) == ("failure", "stage_crashed")
    assert (told["kill"]["cicd.pipeline.task.run.result"], told["kill"]["error.type"]) == ("error", "worker_died")
    assert told["judge"]["crucible.stage.skip_reason"] == "earlier_failure"
    ids = {span.name: span.span_id for span in collector.spans}
    assert {span.parent_span_id for span in collector.spans if span.name != "RUN demo"} == {ids["RUN demo"]}


def test_a_killed_run_that_is_resumed_is_one_whole_trace(command, collector):
    asked = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "1"}
    command.run("Measure", "Kill", "Judge", KILLED="yes", **asked)
    done = command.run_on("one", **asked)
    assert done.returncode == 4, done.stderr
    assert {span.trace_id for span in collector.spans} == {collector.spans[0].trace_id}
    known = {span.span_id for span in collector.spans}
    assert {span.parent_span_id for span in collector.spans} <= known | {b""}
    assert (
        sorted(span.name for span in collector.spans if span.name != "measure")
        == ["RUN demo"] * 2 + ["judge"] + ["kill"] * 2
    )


def test_under_traceparent_it_is_part_of_what_started_it_also_in_the_record(command, collector):
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    asked = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
    command.run("Measure", "Refuse", TRACEPARENT=parent, **asked)
    (whole,) = (span for span in collector.spans if span.name == "RUN demo")
    assert (whole.trace_id.hex(), whole.parent_span_id.hex()) == (parent[3:35], parent[36:52])
    collector.requests.clear()
    command.run_on("one", **asked)
    (resumed,) = (span for span in collector.spans if span.name == "RUN demo")
    assert (resumed.trace_id, resumed.links[0].span_id) == (whole.trace_id, whole.span_id)
