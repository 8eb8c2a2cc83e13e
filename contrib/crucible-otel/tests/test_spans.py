"""What a run looks like as a trace."""

from __future__ import annotations

import json
import socket
import subprocess

import pytest
from opentelemetry import context, trace
from opentelemetry.trace import SpanKind, StatusCode

from crucible_otel.timestamps import nanoseconds


def journal(result) -> list[dict]:
    return [json.loads(line) for line in (result.run_dir / "telemetry.jsonl").read_text().splitlines()]


def event_of(result, name: str, stage: str | None = None) -> dict:
    return next(each for each in journal(result) if each["event_name"] == name and each["stage"] == stage)


class TestRun:
    def test_it_is_one_trace_with_a_span_for_the_run_and_one_for_each_stage(self, watched):
        watched.run("Measure", "Judge")
        whole, parts = watched.spans["RUN demo"], [watched.spans[name] for name in ("measure", "judge")]
        assert whole.parent is None
        assert {part.parent.span_id for part in parts} == {whole.context.span_id}
        assert {part.context.trace_id for part in parts} == {whole.context.trace_id}
        assert (whole.kind, parts[0].kind) == (SpanKind.SERVER, SpanKind.INTERNAL)

    def test_its_times_are_those_of_the_events(self, watched):
        result = watched.run("Measure")
        for name, begin, end in (("RUN demo", "run_start", "run_stop"), ("measure", "stage_start", "stage_stop")):
            span, stage = watched.spans[name], None if name == "RUN demo" else name
            assert span.start_time == nanoseconds(event_of(result, begin, stage)["timestamp"])
            assert span.end_time == nanoseconds(event_of(result, end, stage)["timestamp"])

    def test_it_says_what_was_run_by_the_conventions_for_pipelines(self, watched):
        fields = {"params": {"model": {"depth": 3}, "names": ["a", "b"]}, "tags": ["nightly"]}
        result = watched.run("Measure", seed=7, fields=fields)
        about = watched.spans["RUN demo"].attributes
        expected = {
            "cicd.pipeline.name": "demo",
            "cicd.pipeline.run.id": "one",
            "cicd.pipeline.action.name": "RUN",
            "cicd.pipeline.result": "success",
            "cicd.pipeline.run.url.full": f"file://{socket.gethostname()}{result.run_dir.resolve()}",
            "crucible.run.seed": 7,
            "crucible.run.resumed": False,
            "crucible.run.tags": ("nightly",),
            "crucible.params.model.depth": 3,
            "crucible.params.names": ("a", "b"),
        }
        assert {name: about[name] for name in expected} == expected
        assert "error.type" not in about
        assert watched.spans["RUN demo"].status.status_code is StatusCode.UNSET

    def test_it_says_which_revision_of_the_repository_it_was_made_from(self, watched, tmp_path, monkeypatch):
        repository = tmp_path / "repository"
        git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", repository]
        subprocess.run(["git", "init", "-q", repository], check=True)
        subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "one"], check=True)
        head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
        with monkeypatch.context() as patched:
            patched.chdir(repository)
            watched.run("Measure")
        about = watched.spans["RUN demo"].attributes
        assert (about["vcs.ref.head.revision"], about["crucible.git.dirty"]) == (head, False)

    def test_a_run_without_a_record_has_no_address(self, watched):
        watched.run("Measure", persist=False)
        assert "cicd.pipeline.run.url.full" not in watched.spans["RUN demo"].attributes
        assert "cicd.pipeline.task.run.url.full" not in watched.spans["measure"].attributes

    def test_a_verdict_that_says_no_fails_it_but_not_the_stage(self, watched):
        watched.run("Judge")
        whole = watched.spans["RUN demo"]
        assert (whole.attributes["cicd.pipeline.result"], whole.attributes["error.type"]) == ("failure", "gate_failed")
        assert whole.status.status_code is StatusCode.ERROR
        assert "It is not." in whole.status.description
        assert watched.spans["judge"].attributes["cicd.pipeline.task.run.result"] == "success"

    def test_events_of_a_run_whose_beginning_was_not_seen_are_left_alone(self, watched):
        result = watched.run("Measure", persist=True)
        watched.exporter.clear()
        from crucible_core import Event

        for event in journal(result)[1:]:
            watched.observer(Event.from_dict(event))
        assert watched.exporter.get_finished_spans() == ()

    def test_one_that_ends_without_a_word_is_closed_when_its_like_begins(self, watched):
        from crucible_core import Event

        result = watched.run("Measure")
        events = [Event.from_dict(each) for each in journal(result)]
        watched.exporter.clear()
        for event in [*events[:3], *events]:
            watched.observer(event)
        found = watched.exporter.get_finished_spans()
        assert [span.name for span in found] == ["measure", "RUN demo"] * 2
        assert [span.attributes.get("error.type") for span in found] == ["interrupted", "interrupted", None, None]


class TestStage:
    def test_it_says_what_it_is_and_where_its_record_begins(self, watched):
        result = watched.run("Measure")
        about = watched.spans["measure"].attributes
        line = event_of(result, "stage_start", "measure")["seq"]
        expected = {
            "cicd.pipeline.task.name": "measure",
            "cicd.pipeline.task.run.id": "measure#1",
            "cicd.pipeline.task.run.result": "success",
            "crucible.stage.attempt": 1,
            "crucible.stage.name": "measure",
            "crucible.stage.version": "1.2.0",
            "crucible.metrics.measure.loss": 0.25,
            "crucible.metrics.measure.by.a": 1,
            "crucible.metrics.measure.name": "x",
        }
        assert {name: about[name] for name in expected} == expected
        assert about["cicd.pipeline.task.run.url.full"].endswith(f"/demo/one/telemetry.jsonl#L{line}")

    def test_what_it_records_are_events_of_its_span_at_their_times(self, watched):
        result = watched.run("Measure")
        found = watched.spans["measure"].events
        assert [each.name for each in found] == [*["crucible.metric"] * 3, "crucible.log", "crucible.decision_made"]
        values = [
            (each.attributes["crucible.metric.value"], each.attributes["crucible.metric.step"]) for each in found[:3]
        ]
        assert values == [(1.0, 0), (0.5, 1), (1 / 3, 2)]
        assert found[3].attributes == {
            "crucible.log.level": "info",
            "crucible.log.message": "measured",
            "crucible.log.fields.rows": 3,
        }
        assert found[4].attributes["crucible.decision_made.alternatives"] == ("go on",)
        assert found[3].timestamp == nanoseconds(event_of(result, "log", "measure")["timestamp"])

    def test_results_and_events_of_plugins_are_events_too(self, watched):
        watched.run("Judge")
        found = {each.name: dict(each.attributes) for each in watched.spans["judge"].events}
        assert set(found) == {"crucible.checkpoint", "acme.epoch", "crucible.verdict", "crucible.artifact"}
        assert found["acme.epoch"] == {"acme.epoch.number": 1}
        assert found["crucible.verdict"]["crucible.verdict.passed"] is False
        assert found["crucible.verdict"]["crucible.verdict.interval"] == (0.1, 0.2)
        assert len(found["crucible.artifact"]["crucible.artifact.sha256"]) == 64

    def test_ten_thousand_values_are_thinned_and_leave_room_for_the_rest(self, watched):
        watched.run("Measure", overrides={"measure": {"steps": 10_000}})
        span = watched.spans["measure"]
        steps = [each.attributes["crucible.metric.step"] for each in span.events if each.name == "crucible.metric"]
        assert steps == [*range(64), 127, 255, 511, 1023, 2047, 4095, 8191]
        assert {"crucible.log", "crucible.decision_made"} <= {each.name for each in span.events}
        assert span.dropped_events == 0

    def test_a_foreseen_failure_has_its_code(self, watched):
        watched.run("Refuse")
        span, whole = watched.spans["refuse"], watched.spans["RUN demo"]
        assert span.status.status_code is StatusCode.ERROR
        assert span.status.description == "there are 2, 3 are needed"
        assert span.attributes["error.type"] == whole.attributes["error.type"] == "too_few"
        assert span.attributes["cicd.pipeline.task.run.result"] == "failure"
        assert span.attributes["crucible.failure.details.found"] == 2
        assert span.events == ()

    def test_a_crash_has_its_exception_even_where_half_of_its_message_cannot_be_encoded(self, watched):
        watched.run("Crash")
        span = watched.spans["crash"]
        (raised,) = span.events
        assert (span.attributes["error.type"], raised.name) == ("stage_crashed", "exception")
        assert raised.attributes["exception.type"] == "KeyError"
        assert raised.attributes["exception.message"] == r"'no such key \ud800'"
        assert "otel_stages.py" in raised.attributes["exception.stacktrace"]

    def test_being_told_to_stop_is_no_error(self, watched):
        watched.run("Interrupt")
        for name, result in (("interrupt", "cicd.pipeline.task.run.result"), ("RUN demo", "cicd.pipeline.result")):
            span = watched.spans[name]
            assert span.attributes[result] == "cancellation"
            assert (span.status.status_code, "error.type" in span.attributes) == (StatusCode.UNSET, False)

    def test_each_attempt_is_a_span_that_says_when_the_next_one_comes(self, watched):
        stage = {"id": "third", "name": "third", "module": "otel_stages:Third"}
        stage["retry"] = {"attempts": 3, "backoff_s": 0.01, "jitter": 0, "codes": ["too_early"]}
        assert watched.run(fields={"pipeline": [stage]}).ok
        attempts = [span for span in watched.exporter.get_finished_spans() if span.name == "third"]
        assert [span.attributes["cicd.pipeline.task.run.id"] for span in attempts] == ["third#1", "third#2", "third#3"]
        assert [span.attributes.get("error.type") for span in attempts] == ["too_early", "too_early", None]
        assert [span.attributes.get("crucible.retry.delay_s") for span in attempts] == [0.01, 0.02, None]
        assert attempts[0].end_time <= attempts[1].start_time
        assert watched.spans["RUN demo"].attributes["cicd.pipeline.result"] == "success"

    def test_one_that_takes_too_long_is_a_timeout(self, watched):
        stage = {"id": "wait", "name": "wait", "module": "otel_stages:Wait", "timeout_s": 0.05}
        watched.run(fields={"pipeline": [stage]})
        about = watched.spans["wait"].attributes
        assert (about["cicd.pipeline.task.run.result"], about["error.type"]) == ("timeout", "timeout")
        assert watched.spans["RUN demo"].attributes["cicd.pipeline.result"] == "timeout"

    def test_a_stage_that_is_skipped_takes_no_time(self, watched):
        asked = {"id": "measure", "name": "measure", "module": "otel_stages:Measure", "enabled": False}
        watched.run("Judge", fields={"pipeline": [asked]})
        span = watched.spans["measure"]
        assert span.start_time == span.end_time
        assert span.attributes["cicd.pipeline.task.run.result"] == "skip"
        assert span.attributes["crucible.stage.skip_reason"] == "disabled"

    def test_a_warning_from_before_it_began_is_on_the_runs_span(self, watched):
        stage = {"id": "measure", "name": "measure", "module": "otel_stages:Measure", "options": {"stepps": 1}}
        watched.run(fields={"pipeline": [stage]}, validate_options="warn")
        (note,) = watched.spans["RUN demo"].events
        assert note.name == "crucible.log"
        assert note.attributes["crucible.stage.id"] == "measure"


class TestParent:
    PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    def test_traceparent_of_the_environment_is_the_parent(self, watched, monkeypatch):
        with monkeypatch.context() as patched:
            patched.setenv("TRACEPARENT", self.PARENT)
            watched.run("Measure")
        whole = watched.spans["RUN demo"]
        assert f"{whole.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"
        assert f"{whole.parent.span_id:016x}" == "b7ad6b7169203331"

    def test_what_the_run_was_given_comes_before_the_environment(self, watched, monkeypatch):
        with monkeypatch.context() as patched:
            patched.setenv("TRACEPARENT", self.PARENT)
            watched.run("Measure", telemetry_context={"traceparent": self.PARENT.replace("b7ad", "c8ad")})
        assert f"{watched.spans['RUN demo'].parent.span_id:016x}" == "c8ad6b7169203331"

    @pytest.mark.parametrize("wrong", ["", "nonsense", PARENT[:-1], "00-" + "0" * 32 + "-b7ad6b7169203331-01"])
    def test_one_that_is_wrong_is_none(self, watched, monkeypatch, wrong):
        with monkeypatch.context() as patched:
            patched.setenv("TRACEPARENT", wrong)
            watched.run("Measure")
        assert watched.spans["RUN demo"].parent is None

    def test_one_that_is_not_sampled_is_obeyed(self, watched, monkeypatch):
        with monkeypatch.context() as patched:
            patched.setenv("TRACEPARENT", self.PARENT[:-1] + "0")
            assert watched.run("Measure").ok
        assert watched.spans == {}

    def test_a_span_that_is_open_in_the_program_comes_first(self, watched, monkeypatch):
        tracer = watched.tracer_provider.get_tracer("program")
        with monkeypatch.context() as patched, tracer.start_as_current_span("program"):
            patched.setenv("TRACEPARENT", self.PARENT)
            watched.run("Measure")
        assert watched.spans["RUN demo"].parent.span_id == watched.spans["program"].context.span_id

    def test_what_a_stage_does_is_part_of_its_span_and_nothing_is_left_behind(self, watched, monkeypatch):
        tracer = watched.tracer_provider.get_tracer("library")
        before = context.get_current()

        def traced(event):
            if event.event_name == "metric":
                tracer.start_span("request").end()

        watched_by = watched.observer
        watched.observer = lambda event: (watched_by(event), traced(event))
        watched.run("Measure", "Refuse")
        assert watched.spans["request"].parent.span_id == watched.spans["measure"].context.span_id
        assert context.get_current() is before
        assert trace.get_current_span() is trace.INVALID_SPAN
