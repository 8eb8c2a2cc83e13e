"""What becomes of the trace of a run that several processes worked on."""

from __future__ import annotations

import json
import signal

import pytest

from crucible_core import Event
from crucible_otel.earlier import earlier_sessions
from crucible_otel.timestamps import nanoseconds

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def killed(watched, command):
    """Return what watches a run go on whose process killed itself in its second stage."""
    ended = command.run("Measure", "Kill", "Judge", arguments=("--output-dir", "."), KILLED="yes")
    assert ended.returncode == -signal.SIGKILL
    return watched


def lines(directory):
    return [json.loads(line) for line in (directory / "demo" / "one" / "telemetry.jsonl").read_text().splitlines()]


def test_a_resumed_run_is_in_the_trace_of_its_beginning_and_linked_to_it(watched):
    watched.run("Measure", "Refuse")
    (first,) = (span for span in watched.exporter.get_finished_spans() if span.name == "RUN demo")
    watched.exporter.clear()
    watched.go_on()
    second = watched.spans["RUN demo"]
    (link,) = second.links
    assert second.context.trace_id == first.context.trace_id
    assert second.context.span_id != first.context.span_id
    assert (link.context.trace_id, link.context.span_id) == (first.context.trace_id, first.context.span_id)
    assert (second.attributes["crucible.run.resumed"], first.attributes["crucible.run.resumed"]) == (True, False)
    assert watched.spans["refuse"].attributes["cicd.pipeline.task.run.id"] == "refuse#2"


def test_what_a_killed_process_left_open_is_closed_as_of_its_last_sign_of_life(killed):
    killed.go_on()
    runs = [span for span in killed.exporter.get_finished_spans() if span.name == "RUN demo"]
    attempts = [span for span in killed.exporter.get_finished_spans() if span.name == "kill"]
    last_sign = nanoseconds(
        next(e for e in lines(killed.directory) if e["event_name"] == "stage_start" and e["stage"] == "kill")[
            "timestamp"
        ]
    )
    assert [span.attributes["cicd.pipeline.result"] for span in runs] == ["error", "failure"]
    assert [span.attributes["cicd.pipeline.task.run.id"] for span in attempts] == ["kill#1", "kill#2"]
    assert [span.attributes.get("error.type") for span in attempts] == ["interrupted", None]
    assert attempts[0].parent.span_id == runs[0].context.span_id
    assert attempts[1].parent.span_id == runs[1].context.span_id
    assert runs[0].end_time == attempts[0].end_time == last_sign
    assert {span.context.trace_id for span in (*runs, *attempts)} == {runs[0].context.trace_id}
    assert runs[1].links[0].context.span_id == runs[0].context.span_id


def test_an_interrupted_attempt_is_counted_with_its_code(killed):
    killed.go_on()
    counted = {
        (about.get("cicd.pipeline.task.name"), about["error.type"])
        for about, _ in killed.points("cicd.pipeline.run.errors")
    }
    assert counted == {("kill", "interrupted"), (None, "gate_failed")}


def test_it_is_part_of_what_resumed_it_and_linked_to_where_it_began(watched, monkeypatch):
    watched.run("Measure", "Refuse", telemetry_context={"traceparent": PARENT})
    first = watched.spans["RUN demo"]
    watched.exporter.clear()
    with monkeypatch.context() as patched:
        patched.setenv("TRACEPARENT", PARENT.replace("0af7", "1bf8"))
        watched.go_on()
    second = watched.spans["RUN demo"]
    assert f"{second.context.trace_id:032x}" == "1bf8651916cd43dd8448eb211c80319c"
    (link,) = second.links
    assert (link.context.trace_id, link.context.span_id) == (first.context.trace_id, first.context.span_id)


def test_without_a_new_parent_it_stays_with_the_first(watched):
    watched.run("Measure", "Refuse", telemetry_context={"traceparent": PARENT})
    watched.go_on()
    runs = [span for span in watched.exporter.get_finished_spans() if span.name == "RUN demo"]
    assert [f"{span.parent.span_id:016x}" for span in runs] == ["b7ad6b7169203331"] * 2
    assert len({span.context.trace_id for span in runs}) == 1


def test_runs_of_one_name_at_different_times_are_different_traces(watched, tmp_path):
    watched.run("Measure", persist=False)
    watched.run("Measure", persist=False)
    runs = [span for span in watched.exporter.get_finished_spans() if span.name == "RUN demo"]
    assert len({span.context.trace_id for span in runs}) == 2


def test_a_journal_told_again_makes_the_same_spans(watched):
    watched.run("Measure", "Judge")
    made = watched.exporter.get_finished_spans()
    watched.exporter.clear()
    for line in lines(watched.directory):
        watched.observer(Event.from_dict(line))
    assert [span.to_json() for span in watched.exporter.get_finished_spans()] == [span.to_json() for span in made]


def test_one_whose_journal_is_gone_goes_on_all_the_same(killed):
    """The events alone are enough, less exactly."""
    events = lines(killed.directory)
    killed.go_on()
    killed.exporter.clear()
    resumed = lines(killed.directory)[len(events) :]
    resumed[0]["payload"]["manifest"]["output_dir"] = "nowhere"
    for event in resumed:
        killed.observer(Event.from_dict(event))
    attempts = [span for span in killed.exporter.get_finished_spans() if span.name == "kill"]
    assert [span.attributes.get("error.type") for span in attempts] == ["interrupted", None]
    assert len([span for span in killed.exporter.get_finished_spans() if span.name == "RUN demo"]) == 1


def test_one_that_finds_on_the_way_that_less_stands_is_still_one_span(killed):
    """The runner says so by another ``run_start`` of the same process."""
    before = len(lines(killed.directory))
    killed.go_on()
    killed.exporter.clear()
    told = [Event.from_dict(line) for line in lines(killed.directory)[before:]]
    for event in [*told[:2], told[0], *told[2:]]:
        killed.observer(event)
    killed_run, resumed_run = [span for span in killed.exporter.get_finished_spans() if span.name == "RUN demo"]
    assert [event.name for event in resumed_run.events].count("crucible.run_start") == 1
    assert killed_run.attributes["error.type"] == "interrupted"
    assert resumed_run.events[0].attributes["crucible.run_start.kept"] == ("measure",)


def test_a_journal_with_torn_and_foreign_lines_tells_what_it_can(tmp_path):
    start = {"seq": 1, "timestamp": "2026-01-01T00:00:00+00:00", "event_name": "run_start", "stage": None}
    begun = {"seq": 2, "timestamp": "2026-01-01T00:00:01+00:00", "event_name": "stage_start", "stage": "a"}
    alive = {"seq": 3, "timestamp": "2026-01-01T00:00:02+00:00", "event_name": "log", "stage": "a"}
    whole = [json.dumps({**each, "payload": {"manifest": {}}}) for each in (start, begun, alive)]
    torn = ["[]", '{"timestamp": "once"}', '"stage_start"', whole[1][:70], "\x00\xff"]
    (tmp_path / "telemetry.jsonl").write_text("\n".join([*whole, *torn]), encoding="utf-8")
    (session,) = earlier_sessions(tmp_path, before=4)
    assert (session.start.seq, session.stopped, set(session.open)) == (1, False, {"a"})
    assert session.last == nanoseconds("2026-01-01T00:00:02+00:00")


@pytest.mark.parametrize("directory", [None, "nowhere"])
def test_without_a_journal_nothing_is_known_of_before(tmp_path, directory):
    assert earlier_sessions(directory and tmp_path / directory, before=9) == []
