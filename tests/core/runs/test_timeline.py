"""When the stages of a run did what, by its journal."""

from __future__ import annotations

import pytest

from crucible_core.runs.timeline import read_timeline
from crucible_core.trace.jsonl import JournalError

STOP = {"status": "succeeded", "duration_s": 9.0, "failure": None, "quality_targets": {}}


def error(code, duration=1.0):
    return {"stage": "a", "code": code, "message": "m", "details": {}, "duration_s": duration}


def timeline_of(run_dir, *, running=False):
    return read_timeline(run_dir / "telemetry.jsonl", running=running)


def rows(timeline):
    return [(each.stage, each.attempt, each.outcome, each.began_s, each.duration_s) for each in timeline.attempts]


def test_a_real_run(record):
    result = record("Everything", {"module": "record_stages:Crash", "enabled": False}, "Refuse", "Everything")
    timeline = timeline_of(result.run_dir)
    assert [(each.stage, each.attempt, each.outcome) for each in timeline.attempts] == [
        ("s0", 1, "succeeded"),
        ("s1", None, "skipped"),
        ("s2", 1, "failed"),
    ]
    assert [each.reason for each in timeline.attempts] == [None, "disabled", "too_cold: it is too cold; heat"]
    assert timeline.attempts[0].duration_s == pytest.approx(result.timings[0].duration, abs=1e-5)
    assert [each.status for each in timeline.sessions] == ["failed"]
    ends = [each.began_s + each.duration_s for each in timeline.attempts]
    assert max(ends) <= timeline.duration_s


def test_each_attempt_has_its_place(hand_made):
    run_dir = hand_made(
        (1, "stage_start", "a", {"name": "a"}),
        (2, "stage_error", "a", error("too_cold", 0.75)),
        (5, "stage_start", "a", {"name": "a"}),
        (6, "stage_stop", "a", {"duration_s": 1.0}),
        (7, "stage_skip", "b", {"reason": "condition", "detail": "a.n > 3 is not true"}),
        (9, "run_stop", None, STOP),
    )
    timeline = timeline_of(run_dir)
    assert rows(timeline) == [
        ("a", 1, "failed", 1.0, 0.75),
        ("a", 2, "succeeded", 5.0, 1.0),
        ("b", None, "skipped", 7.0, 0.0),
    ]
    assert timeline.duration_s == 9.0
    assert timeline.attempts[2].reason == "condition: a.n > 3 is not true"


@pytest.mark.parametrize(("running", "outcome"), [(True, "running"), (False, "interrupted")])
def test_an_attempt_without_an_end_lasted_until_the_last_that_is_known(hand_made, running, outcome):
    run_dir = hand_made((1, "stage_start", "a", {"name": "a"}), (4, "metric", "a", {"name": "m", "value": 1.0}))
    assert rows(timeline_of(run_dir, running=running)) == [("a", 1, outcome, 1.0, 3.0)]


def test_the_time_between_two_processes_is_left_out(hand_made):
    run_dir = hand_made(
        (1, "stage_start", "a", {"name": "a"}),
        (3, "metric", "a", {"name": "m", "value": 1.0}),
        (1000, "run_start", None, {"resumed": True, "manifest": {}}),
        (1000, "stage_error", "a", error("interrupted", 0.0)),
        (1001, "stage_start", "a", {"name": "a"}),
        (1002, "stage_stop", "a", {"duration_s": 1.0}),
        (1002, "run_stop", None, STOP),
    )
    timeline = timeline_of(run_dir)
    assert rows(timeline) == [("a", 1, "interrupted", 1.0, 2.0), ("a", 2, "succeeded", 4.0, 1.0)]
    assert [(each.began_s, each.duration_s, each.status) for each in timeline.sessions] == [
        (0.0, 3.0, None),
        (3.0, 2.0, "succeeded"),
    ]
    assert [each.session for each in timeline.attempts] == [1, 2]
    assert timeline.attempts[0].reason == "interrupted: m"


def test_a_clock_that_was_set_back_turns_no_time_around(hand_made):
    run_dir = hand_made(
        (1, "stage_start", "a", {"name": "a"}),
        (3, "stage_stop", "a", {"duration_s": 2.0}),
        (-3600, "stage_start", "b", {"name": "b"}),
        (-3599, "stage_stop", "b", {"duration_s": 1.0}),
    )
    assert rows(timeline_of(run_dir)) == [("a", 1, "succeeded", 1.0, 2.0), ("b", 1, "succeeded", 3.0, 1.0)]


HEAD = '{"schema_version":"1.0","seq":2,"timestamp":'
NO_TIME = f'{HEAD}"never","event_name":"stage_start","run_id":"r","experiment_id":"e","stage":"a","attempt":"x","payload":[]}}'
OTHER_ORDER = (
    '{"payload":{"event_name":"stage_start"},"attempt":null,"stage":7,"experiment_id":"e","run_id":"r",'
    '"event_name":"stage_stop","timestamp":null,"seq":"x"}'
)
NO_START = (
    f'{HEAD}"2026-11-24T07:43:13+00:00","event_name":"stage_stop","run_id":"r",'
    '"experiment_id":"e","stage":"never started","attempt":1,"payload":{"duration_s":-1}}'
)


@pytest.mark.parametrize("line", [NO_TIME, OTHER_ORDER, NO_START], ids=["no time", "other order", "no start"])
def test_events_of_others_are_no_reason_to_fail(hand_made, line):
    assert timeline_of(hand_made(f"{line}\n")).duration_s >= 0


def test_a_torn_last_line_is_ignored_and_damage_before_it_is_not(hand_made):
    run_dir = hand_made((1, "stage_start", "a", {"name": "a"}), '{"schema_ver')
    assert rows(timeline_of(run_dir)) == [("a", 1, "interrupted", 1.0, 0.0)]
    with (run_dir / "telemetry.jsonl").open("a") as journal:
        journal.write('\n{"seq": 4}\n')
    with pytest.raises(JournalError, match=r"telemetry.jsonl:3: not an event"):
        timeline_of(run_dir)


def test_a_torn_line_that_begins_like_an_event_is_ignored(hand_made):
    run_dir = hand_made((1, "metric", "a", {"name": "m", "value": 1.0}))
    journal = run_dir / "telemetry.jsonl"
    journal.write_bytes(journal.read_bytes()[:-10])
    assert timeline_of(run_dir).duration_s == 0.0
