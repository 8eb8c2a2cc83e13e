"""A run is read whatever became of its files."""

from __future__ import annotations

import json

import pytest

from crucible_core.runs.directory import RunDirectory
from crucible_core.runs.recorded import UnreadableRunError, read_run
from crucible_core.runs.sound_manifest import sound_manifest

STOP = {"status": "succeeded", "duration_s": 2.0, "failure": None, "quality_targets": {}}


def read(run_dir):
    return read_run(RunDirectory(run_dir))


def test_the_manifest_of_a_run_that_ended_is_its_last_word(record):
    result = record("Everything")
    run = read(result.run_dir)
    assert (run.source, run.status, run.label, run.notes) == ("manifest.json", "succeeded", "exp/r", ())
    assert run.manifest == json.loads((result.run_dir / "manifest.json").read_bytes())


@pytest.mark.parametrize(
    "manifest",
    [None, "", "{", "[]", "null", "{}", '{"stages": 3}', "[" * 100_000, '{"status": "running", "stages": []}'],
    ids=["gone", "empty", "torn", "a list", "null", "no keys", "wrong keys", "deep", "of the beginning"],
)
def test_else_the_journal_tells(record, manifest):
    run_dir = record("Everything").run_dir
    (run_dir / "manifest.json").unlink()
    if manifest is not None:
        (run_dir / "manifest.json").write_text(manifest)
    run = read(run_dir)
    assert (run.source, run.status) == ("telemetry.jsonl", "succeeded")
    assert run.manifest["metrics"] == {"s0": {"accuracy": 0.9, "spread": "NaN"}}
    assert bool(run.notes) == (manifest is None or "running" not in manifest)


def test_a_run_that_was_resumed_and_killed_is_not_what_its_older_manifest_says(hand_made):
    run_dir = hand_made(
        (1, "stage_start", "a", {"name": "a"}),
        (2, "run_stop", None, {**STOP, "status": "failed"}),
        (3, "run_start", None, {"resumed": True, "manifest": {"stages": [], "status": "running", "started_at": None}}),
        stages=["a"],
        final={"status": "failed", "finished_at": "2026-11-24T07:43:14.000000+00:00"},
    )
    run = read(run_dir)
    assert (run.source, run.status) == ("telemetry.jsonl", "running")


def test_a_long_last_line_is_read_whole(hand_made):
    failure = {"stage": None, "code": "c", "message": "x" * 300_000, "details": {}}
    run_dir = hand_made(
        (2, "run_stop", None, {**STOP, "failure": failure}),
        final={"status": "succeeded", "finished_at": "2026-11-24T07:43:14.000000+00:00"},
    )
    assert read(run_dir).source == "manifest.json"


def test_a_journal_that_cannot_be_read_leaves_the_manifest_with_a_note(record):
    run_dir = record("Everything").run_dir
    journal = run_dir / "telemetry.jsonl"
    journal.write_bytes(b"damage\n" + b"".join(journal.read_bytes().splitlines(keepends=True)[1:-1]))
    run = read(run_dir)
    assert run.manifest["status"] == "succeeded"
    assert "telemetry.jsonl:1: not an event" in run.notes[0]


@pytest.mark.parametrize("journal", ["", "damage\n{}\n", '{"event_name": "run_start"}\n'])
def test_without_either_there_is_nothing_to_read(record, journal):
    run_dir = record("Everything").run_dir
    (run_dir / "telemetry.jsonl").write_text(journal)
    (run_dir / "manifest.json").write_text("{")
    with pytest.raises(UnreadableRunError, match=r"manifest.json is damaged: it is not JSON; "):
        read(run_dir)


def test_a_renamed_directory_is_noticed(record):
    run_dir = record("Everything").run_dir
    moved = run_dir.rename(run_dir.with_name("other"))
    run = read(moved)
    assert (run.label, run.notes) == ("exp/other", ("its directory was renamed; its record says exp/r",))


def test_a_manifest_of_another_age_or_in_any_state_has_what_readers_rely_on():
    empty = sound_manifest({})
    wrong = sound_manifest({key: 1.5 if value is None else None for key, value in empty.items()})
    assert {key: value for key, value in wrong.items() if key != "duration_s"} == {
        key: value for key, value in empty.items() if key != "duration_s"
    }
    assert (empty["stages"], empty["status"], empty["inputs"]) == ([], "unknown", {"assigns": {}, "outputs": 0})


def test_damaged_members_are_left_out():
    sound = sound_manifest(
        {
            "stages": [{"id": "a", "attempts": True}, {"name": "no id"}, "text", None],
            "artifacts": [{"path": "p", "stage": "a"}, {"path": 1, "stage": "a"}, []],
            "verdicts": [3, {"passed": True}],
            "datasets": {"a": 1, "b": {}},
            "inputs": {"assigns": {"x": 1, "y": {}}, "outputs": "many"},
            "process": {"host": "here", "pid": "1; rm"},
        }
    )
    assert [stage["id"] for stage in sound["stages"]] == ["a"]
    assert sound["stages"][0]["attempts"] == 0
    assert [each["path"] for each in sound["artifacts"]] == ["p"]
    assert (sound["verdicts"], sound["datasets"]) == ([{"passed": True}], {"b": {}})
    assert (sound["inputs"], sound["process"]) == ({"assigns": {"y": {}}, "outputs": 0}, {})
