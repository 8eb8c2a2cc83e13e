"""Events are numbered without gaps, recorded as the schema says, and told to observers who cannot change a run."""

import json
import threading

import numpy as np
import pytest

from crucible_core.contract.event_names import REASONING_EVENTS
from crucible_core.trace.emitter import Emitter
from crucible_core.trace.event import Event


class Journal:
    """Lines in memory; raises at the numbers it is told to."""

    def __init__(self, fails_at=(), writes_first=False):
        self.written, self.calls = [], 0
        self.fails_at, self.writes_first = fails_at, writes_first

    def append(self, line, timestamp, event_name, stage, payload):
        self.calls += 1
        fails = self.calls in self.fails_at
        if not fails or self.writes_first:
            self.written.append(line)
        if fails:
            raise OSError("disk full")

    def lines(self):
        return len(self.written)

    @property
    def events(self):
        return [json.loads(line, parse_constant=pytest.fail) for line in self.written]


def emitter_of(*observers, journal=None, complaints=None):
    named = tuple((getattr(each, "name", f"observer {index}"), each) for index, each in enumerate(observers))
    return Emitter("run-1", "demo", journal, named, complaints.append if complaints is not None else None)


def test_line_and_event_say_the_same():
    journal, seen = Journal(), []
    emitter = emitter_of(seen.append, journal=journal)
    emitter.emit("run_start", None, {"resumed": False})
    emitter.emit("log", "train", {"message": 'a "quoted"\nline', "n": np.float32(0.5), "x": float("nan")}, 2)
    assert [event.to_dict() for event in seen] == journal.events
    assert [Event.from_dict(values) for values in journal.events] == seen
    assert journal.events[1]["payload"] == {"message": 'a "quoted"\nline', "n": 0.5, "x": "NaN"}
    assert [(event["seq"], event["stage"], event["attempt"]) for event in journal.events] == [
        (1, None, None),
        (2, "train", 2),
    ]
    assert all(line.count("\n") == 1 and line.endswith("\n") for line in journal.written)


def test_the_envelope_has_exactly_the_fields_of_the_design():
    journal = Journal()
    emitter_of(journal=journal).emit("run_start", None, {})
    assert list(journal.events[0]) == [
        *("schema_version", "seq", "timestamp", "event_name", "run_id"),
        *("experiment_id", "stage", "attempt", "payload"),
    ]
    assert journal.events[0]["timestamp"].endswith("+00:00")


def test_when_nobody_listens_nothing_is_made_but_reasoning():
    emitter = emitter_of()
    assert not emitter.listening
    emitter.emit("metric", "train", {"name": object()})
    assert emitter.reasoning == []
    emitter.emit("decision_made", "train", {"decision": "d"}, 1)
    assert [event.payload for event in emitter.reasoning] == [{"decision": "d"}]


@pytest.mark.parametrize("name", REASONING_EVENTS)
def test_reasoning_is_kept_for_the_context(name):
    emitter = emitter_of(journal=Journal())
    emitter.emit("log", "a", {})
    emitter.emit(name, "a", {"decision": "d"})
    assert [(event.seq, event.event_name) for event in emitter.reasoning] == [(2, name)]


def test_threads_leave_no_gap_and_no_disorder():
    journal, seen = Journal(), []
    emitter = emitter_of(seen.append, journal=journal)
    barrier = threading.Barrier(8)

    def work(name):
        barrier.wait()
        for step in range(100):
            emitter.emit("a.b", name, {"step": step})

    threads = [threading.Thread(target=work, args=(f"s{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event["seq"] for event in journal.events] == list(range(1, 801))
    assert [event.seq for event in seen] == list(range(1, 801))
    for number in range(8):
        mine = [event.payload["step"] for event in seen if event.stage == f"s{number}"]
        assert mine == list(range(100))


@pytest.mark.parametrize("error", [ValueError("oops"), SystemExit(3), GeneratorExit(), MemoryError()])
def test_an_observer_that_raises_is_reported_once_and_the_others_go_on(error):
    calls, seen, complaints, journal = [], [], [], Journal()

    def broken(event):
        calls.append(event)
        raise error

    emitter = emitter_of(broken, seen.append, journal=journal, complaints=complaints)
    for _ in range(3):
        emitter.emit("a.b", "s", {})
    assert len(calls) == 1
    assert [event.event_name for event in seen] == ["a.b", "log", "a.b", "a.b"]
    assert [event.seq for event in seen] == [1, 2, 3, 4]
    assert [event["seq"] for event in journal.events] == [1, 2, 3, 4]
    assert len(complaints) == 1
    assert complaints[0].startswith(
        f"observer observer 0 failed on a.b and is not called again: {type(error).__name__}"
    )
    assert seen[1].payload["fields"] == {"observer": "observer 0"}


def test_an_observer_is_not_blamed_for_its_namesake():
    seen = []

    def made(works):
        def observer(event):
            if not works:
                raise ValueError
            seen.append(event)

        observer.name = "same"
        return observer

    emitter = emitter_of(made(False), made(True))
    emitter.emit("a.b", "s", {})
    emitter.emit("a.b", "s", {})
    assert [event.event_name for event in seen] == ["a.b", "log", "a.b"]


def test_observers_that_all_raise_are_each_reported():
    complaints = []
    emitter = emitter_of(*[lambda event: 1 / 0] * 3, complaints=complaints)
    emitter.emit("a.b", "s", {})
    emitter.emit("a.b", "s", {})
    assert [text.split(" failed")[0] for text in complaints] == [f"observer observer {number}" for number in range(3)]


def test_an_observer_whose_exception_cannot_be_said_is_reported_too():
    class MuteError(Exception):
        def __str__(self):
            raise RuntimeError("no")

    def broken(event):
        raise MuteError

    complaints = []
    emitter_of(broken, complaints=complaints).emit("a.b", "s", {})
    assert complaints == ["observer observer 0 failed on a.b and is not called again: MuteError"]


def test_an_interrupt_in_an_observer_is_an_interrupt():
    def interrupted(event):
        raise KeyboardInterrupt

    journal = Journal()
    emitter = emitter_of(interrupted, journal=journal)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            emitter.emit("a.b", "s", {})
    assert [event["seq"] for event in journal.events] == [1, 2]


@pytest.mark.parametrize(("writes_first", "numbers"), [(False, [1, 2]), (True, [1, 2, 3])])
def test_after_a_journal_that_raised_the_numbers_are_still_those_of_the_lines(writes_first, numbers):
    journal = Journal(fails_at=(2,), writes_first=writes_first)
    emitter = emitter_of(journal=journal)
    emitter.emit("a.b", "s", {})
    with pytest.raises(OSError, match="disk full"):
        emitter.emit("a.b", "s", {})
    emitter.emit("a.b", "s", {})
    assert [event["seq"] for event in journal.events] == numbers


def test_observers_are_not_told_of_what_was_not_recorded():
    seen = []
    emitter = emitter_of(seen.append, journal=Journal(fails_at=(1,)))
    with pytest.raises(OSError, match="disk full"):
        emitter.emit("a.b", "s", {})
    assert seen == []


def test_an_observer_may_emit_and_may_not_change_what_the_next_is_told_of():
    journal, seen = Journal(), []

    def talkative(event):
        if event.event_name == "a.b":
            emitter.emit("a.answer", event.stage, {"to": event.seq})

    emitter = emitter_of(talkative, seen.append, journal=journal)
    emitter.emit("a.b", "s", {})
    assert sorted(event.seq for event in seen) == [1, 2]
    assert [event["event_name"] for event in journal.events] == ["a.b", "a.answer"]


def test_payloads_that_contain_themselves_or_cannot_be_shown_are_recorded():
    class Shy:
        def __repr__(self):
            raise RuntimeError("no")

    circle = {}
    circle["self"] = circle
    journal = Journal()
    emitter_of(journal=journal).emit("a.b", "s", {"circle": circle, "shy": Shy()})
    assert journal.events[0]["payload"]["shy"] == "<Shy>"


def test_a_run_continued_goes_on_counting():
    seen = []
    Emitter("r", "e", observers=(("x", seen.append),), first_seq=7).emit("run_start", None, {})
    assert seen[0].seq == 7
