"""A collector that is not there, or does not do its work, is no matter of the run's."""

from __future__ import annotations

import json
import socket
from threading import Event

import pytest
from otlp_receiver import receiving


def ended_well(done, command, run_id: str = "one") -> bool:
    manifest = json.loads((command.directory / f"artifacts/crucible/demo/{run_id}/manifest.json").read_text())
    return done.returncode == 0 and manifest["status"] == "succeeded"


def complaints(done) -> list[str]:
    return [line for line in done.stderr.splitlines() if "opentelemetry" in line.lower() or "crucible-otel" in line]


@pytest.fixture
def nobody():
    """Return an address that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_one_that_refuses_is_told_of_in_one_line(command, nobody):
    done = command.run("Measure", OTEL_EXPORTER_OTLP_ENDPOINT=nobody, OTEL_BSP_SCHEDULE_DELAY="1")
    assert ended_well(done, command)
    (complaint,) = complaints(done)
    places = f"{nobody}/v1/traces (Connection refused), {nobody}/v1/metrics (Connection refused)"
    assert complaint == f"crucible-otel: run one is not affected; its telemetry did not reach {places}"


def test_one_whose_name_is_unknown_is_told_of_in_one_line(command):
    done = command.run("Measure", OTEL_EXPORTER_OTLP_ENDPOINT="http://me:secret@collector.invalid:4318")
    assert ended_well(done, command)
    (complaint,) = complaints(done)
    assert "http://collector.invalid:4318/v1/traces (" in complaint
    assert "secret" not in complaint


def test_the_process_ends_while_one_that_hangs_still_does(command):
    """It is let go only when the process is gone; a run that waited for it would never end."""
    with receiving(released=Event()) as hanging:
        done = command.run("Measure", OTEL_EXPORTER_OTLP_ENDPOINT=hanging.url, OTEL_EXPORTER_OTLP_TIMEOUT="2")
        assert hanging.asked.is_set()
        assert not hanging.released.is_set()
    assert ended_well(done, command)
    assert len(complaints(done)) == 1


@pytest.mark.parametrize(
    ("status", "reason"), [(503, "Service Unavailable"), (404, "404 Not Found"), (400, "400 Bad Request")]
)
def test_one_that_answers_with_an_error_is_told_of_in_one_line(command, status, reason):
    with receiving(status=status) as unable:
        done = command.run("Measure", OTEL_EXPORTER_OTLP_ENDPOINT=unable.url, OTEL_EXPORTER_OTLP_TIMEOUT="1")
    assert ended_well(done, command)
    (complaint,) = complaints(done)
    assert reason in complaint


def test_many_runs_of_one_process_get_one_line_together(command, nobody):
    spec = command.spec("Measure")
    program = f"from crucible_core import run\nfor _ in range(5): assert run({str(spec)!r}, output_dir='runs').ok"
    done = command.python(program, OTEL_EXPORTER_OTLP_ENDPOINT=nobody, OTEL_BSP_SCHEDULE_DELAY="1")
    assert done.returncode == 0, done.stderr
    assert len(complaints(done)) == 1


def test_one_that_comes_back_gets_the_runs_from_then_on(command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    spec = command.spec("Measure")
    program = (
        "import sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from crucible_core import run\n"
        "from otlp_receiver import receiving\n"
        f"assert run({str(spec)!r}, output_dir='runs').ok\n"
        f"with receiving(port={port}) as receiver:\n"
        f"    assert run({str(spec)!r}, run_id='later', output_dir='runs').ok\n"
        "    receiver.wait_for('later')\n"
    )
    done = command.python(program, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}", OTEL_BSP_SCHEDULE_DELAY="1")
    assert done.returncode == 0, done.stderr


def test_more_spans_than_fit_into_the_queue_cost_spans_and_nothing_else(command):
    spec = command.directory / "many.yaml"
    stages = "\n".join(f"  - {{id: s{n}, name: measure, module: 'otel_stages:Measure'}}" for n in range(60))
    spec.write_text(f"id: demo\npipeline:\n{stages}\n")
    program = f"from crucible_core import run\nassert run({str(spec)!r}, output_dir='runs').ok"
    small = {"OTEL_BSP_MAX_QUEUE_SIZE": "4", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "4", "OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    with receiving(released=Event()) as hanging:
        done = command.python(program, OTEL_EXPORTER_OTLP_ENDPOINT=hanging.url, **small)
    assert done.returncode == 0, done.stderr
    (complaint,) = complaints(done)
    assert complaint.endswith("spans were dropped since too many waited: raise OTEL_BSP_MAX_QUEUE_SIZE")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "speaks http/protobuf"),
        ("OTEL_TRACES_EXPORTER", "zipkin", "OTEL_TRACES_EXPORTER=zipkin"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0", "max_queue_size must be a positive integer"),
    ],
)
def test_what_it_cannot_do_it_says_once_and_the_run_goes_on(command, nobody, variable, value, said):
    done = command.run("Measure", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=nobody, **{variable: value})
    assert ended_well(done, command)
    (complaint,) = complaints(done)
    assert said in complaint
