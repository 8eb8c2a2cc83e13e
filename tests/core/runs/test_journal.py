"""The journal: what is in it is whole, what is cut off is left out."""

from __future__ import annotations

import json

import pytest

from crucible_core.pipeline.runner import RecordError
from crucible_core.runs import rebuild_manifest
from crucible_core.runs.journal import JournalFile
from crucible_core.trace.jsonl import JournalError, read_events


def test_lines_are_there_at_once(tmp_path):
    journal = JournalFile(tmp_path / "j")
    journal.append("one\n")
    assert (tmp_path / "j").read_bytes() == b"one\n"
    journal.close()


def test_lines_are_appended_to_what_is_there(tmp_path):
    for line in ("one\n", "two\n"):
        journal = JournalFile(tmp_path / "j")
        journal.append(line)
        journal.sync()
        journal.close()
    assert (tmp_path / "j").read_bytes() == b"one\ntwo\n"


def test_half_a_surrogate_pair_is_the_same_json_when_read(tmp_path):
    journal = JournalFile(tmp_path / "j")
    journal.append(json.dumps({"a": "\udc80"}, ensure_ascii=False) + "\n")
    journal.close()
    assert json.loads((tmp_path / "j").read_bytes().decode("utf-8")) == {"a": "\udc80"}


def test_a_closed_journal_refuses_with_its_path(tmp_path):
    journal = JournalFile(tmp_path / "j")
    journal.close()
    journal.close()
    with pytest.raises(RecordError, match=f"cannot write {tmp_path / 'j'}: Bad file descriptor"):
        journal.append("late\n")


def test_a_full_disk_is_said_once_and_for_all_lines_after():
    journal = JournalFile("/dev/full")
    for _ in range(2):
        with pytest.raises(RecordError, match=r"cannot write /dev/full: No space left on device.* --output-dir"):
            journal.append("line\n")
    journal.close()


def test_every_length_of_a_cut_off_journal_can_be_read(record, tmp_path):
    run_dir = record("Everything").run_dir
    journal = run_dir / "telemetry.jsonl"
    whole = journal.read_bytes()
    lines = whole.split(b"\n")[:-1]
    for length in (len(whole), len(whole) - 1, len(whole) - len(lines[-1]) // 2, len(lines[0]) + 1, len(lines[0]), 0):
        journal.write_bytes(whole[:length])
        assert len(list(read_events(journal))) == whole[:length].count(b"\n")


@pytest.mark.parametrize("tail", [b'{"seq": 3', b"\x00" * 50, b"\xff\xfe\n", b"[]\n", b"{}\n", b"null\n"])
def test_garbage_at_the_end_is_left_out_of_the_manifest(record, tail):
    run_dir = record("Everything", "Crash").run_dir
    expected = rebuild_manifest(run_dir)
    with (run_dir / "telemetry.jsonl").open("ab") as stream:
        stream.write(tail)
    assert rebuild_manifest(run_dir) == expected


def test_damage_before_the_last_line_is_an_error_with_its_place(record):
    run_dir = record("Everything").run_dir
    journal = run_dir / "telemetry.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([*lines[:2], b"garbage\n", *lines[3:]]))
    with pytest.raises(JournalError, match=r"telemetry\.jsonl:3: not an event"):
        rebuild_manifest(run_dir)


@pytest.mark.parametrize("content", [b"", b'{"torn', b"\n"], ids=["empty", "torn", "blank"])
def test_a_journal_without_a_beginning_says_so(record, content):
    run_dir = record("Everything").run_dir
    (run_dir / "telemetry.jsonl").write_bytes(content)
    with pytest.raises(JournalError, match="does not begin with run_start") as caught:
        rebuild_manifest(run_dir)
    assert "killed before it began" in caught.value.hint


def test_a_missing_journal_is_an_error_with_its_path(tmp_path):
    with pytest.raises(JournalError, match=r"cannot read .*telemetry\.jsonl: No such file"):
        rebuild_manifest(tmp_path)


def test_a_moved_run_is_rebuilt_where_it_is(record, manifest_of, tmp_path):
    run_dir = record("Everything").run_dir
    expected = manifest_of(run_dir)
    run_dir.rename(tmp_path / "moved")
    (tmp_path / "moved" / "manifest.json").unlink()
    assert rebuild_manifest(tmp_path / "moved") == expected


def test_a_resumed_run_is_running_again_under_its_new_process():
    from crucible_core.runs.manifest import ManifestFold

    manifest = {"stages": [], "started_at": None, "process": {"pid": 1}, "git": None}
    fold = ManifestFold(manifest)
    stop = {"status": "failed", "duration_s": 1.0, "failure": {"code": "x"}, "quality_targets": {}}
    fold.add("t1", "run_start", None, {"resumed": False, "manifest": {}})
    fold.add("t2", "run_stop", None, stop)
    going_on = {"stages": [], "started_at": "t1", "process": {"pid": 2}, "status": "running", "failure": None}
    fold.add("t3", "run_start", None, {"resumed": True, "manifest": {**going_on, "finished_at": None}})
    assert (manifest["status"], manifest["failure"], manifest["finished_at"]) == ("running", None, None)
    assert (manifest["process"], manifest["started_at"]) == ({"pid": 2}, "t1")
