"""A journal is read as far as it was written."""

import json

import pytest

from crucible_core.trace.event import Event
from crucible_core.trace.jsonl import JournalError, read_events, read_lines


def line(seq, **changes):
    event = Event(seq, "2006-01-01T00:00:00.000000+00:00", "log", "r", "e", "s", 1, {"message": "ä\n"})
    return json.dumps({**event.to_dict(), **changes}, ensure_ascii=False).encode() + b"\n"


WHOLE = line(1) + line(2)


def read(path, content):
    path.write_bytes(content)
    return [event.seq for event in read_events(path)]


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "telemetry.jsonl"


def test_a_whole_journal(journal):
    assert read(journal, WHOLE) == [1, 2]
    assert read(journal, b"") == []


@pytest.mark.parametrize("cut", range(1, len(line(3))))
def test_a_torn_last_line_is_ignored_wherever_it_was_torn(journal, cut):
    assert read(journal, WHOLE + line(3)[:cut]) == [1, 2]


@pytest.mark.parametrize(
    "tail", [b"\0" * 100, b"\xff\xfe", b"garbage\n", b"\n", b"[1]\n", b"[" * 100_000 + b"\n", b"null\n"]
)
def test_what_a_power_cut_leaves_at_the_end_is_ignored(journal, tail):
    assert read(journal, WHOLE + tail) == [1, 2]


@pytest.mark.parametrize(
    "middle", [b"garbage\n", b"\n", b"[1]\n", b"\xff\n", b"{}{}\n", b"[" * 100_000 + b"\n", line(9)[:-5] + b"\n"]
)
def test_damage_in_the_middle_is_an_error_with_its_line(journal, middle):
    journal.write_bytes(line(1) + middle + line(2))
    events = read_events(journal)
    assert next(events).seq == 1
    with pytest.raises(JournalError, match=r"telemetry\.jsonl:2: not an event; the journal was damaged"):
        list(events)


@pytest.mark.parametrize(
    "name", ["seq", "timestamp", "event_name", "run_id", "experiment_id", "stage", "attempt", "payload"]
)
def test_an_event_that_lacks_a_field_is_an_error_with_its_line(journal, name):
    values = json.loads(line(2))
    del values[name]
    journal.write_bytes(line(1) + json.dumps(values).encode() + b"\n" + line(3))
    with pytest.raises(JournalError, match=rf"telemetry\.jsonl:2: the event has no field '{name}'"):
        list(read_events(journal))


def test_fields_added_by_a_later_version_are_ignored(journal):
    assert read(journal, line(1, new=1)) == [1]


def test_a_journal_that_is_not_there_or_is_no_file_is_an_error(journal):
    with pytest.raises(JournalError, match=r"cannot read .*telemetry\.jsonl: No such file"):
        list(read_events(journal))
    journal.mkdir()
    with pytest.raises(JournalError, match=r"cannot read .*telemetry\.jsonl: Is a directory"):
        list(read_lines(journal))


def test_lines_come_with_their_numbers(journal):
    journal.write_bytes(WHOLE)
    assert [(number, values["seq"]) for number, values in read_lines(journal)] == [(1, 1), (2, 2)]
