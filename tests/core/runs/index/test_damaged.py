"""A directory in any state is listed, says what is wrong with it, and hides no other."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from crucible_core.runs import list_runs


def _write(name, text):
    def change(run_dir):
        (run_dir / name).unlink(missing_ok=True)
        (run_dir / name).write_text(text)

    return change


def _without(*names):
    def change(run_dir):
        for name in names:
            (run_dir / name).unlink()

    return change


def _a_directory(run_dir):
    (run_dir / "telemetry.jsonl").unlink()
    (run_dir / "telemetry.jsonl").mkdir()


def _first_line(**changes):
    def change(run_dir):
        path = run_dir / "telemetry.jsonl"
        first = json.loads(path.read_text().splitlines()[0])
        path.write_text(json.dumps({**first, **changes}) + "\n")
        (run_dir / "manifest.json").unlink()

    return change


DAMAGE = {
    "no journal": (_without("telemetry.jsonl"), "telemetry.jsonl is missing"),
    "nothing but a spec": (_without("telemetry.jsonl", "manifest.json"), "telemetry.jsonl is missing"),
    "a journal that is a directory": (_a_directory, "telemetry.jsonl cannot be read: Is a directory"),
    "garbage in the middle": (_write("telemetry.jsonl", "{}\ngarbage\n{}\n"), "the event has no field"),
    "garbage": (_write("telemetry.jsonl", "\x00\x01\n\xff\n"), "does not begin with run_start"),
    "another journal": (_write("telemetry.jsonl", '{"a": 1}\n'), "the event has no field 'seq'"),
    "tags that are none": (_write("tags.json", '{"added": [1], "removed": []}'), "tags.json is damaged"),
    "tags that are no JSON": (_write("tags.json", "["), "tags.json is damaged"),
    "a payload of another kind": (_first_line(payload=5), "telemetry.jsonl cannot be read"),
    "a beginning of another kind": (_first_line(payload={"manifest": [1]}), "telemetry.jsonl cannot be read"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_told(database, out, name):
    change, reason = DAMAGE[name]
    change(out / "exp/two")
    database.catch_up(out)
    runs = database.runs()
    assert sorted(runs) == ["exp/one", "exp/three", "exp/two", "other/one"]
    assert runs["exp/two"]["status"] == "damaged"
    assert reason in runs["exp/two"]["damage"]
    assert [row["damage"] for place, row in runs.items() if place != "exp/two"] == [None] * 3
    (found,) = list_runs(out, status="damaged")
    assert (found.place, found.experiment_id, found.run_id) == ("exp/two", "exp", "two")
    assert reason in found.reason


def test_a_manifest_is_not_needed(out):
    (out / "exp/two/manifest.json").write_text('{"status": "runn')
    (out / "exp/one/manifest.json").unlink()
    assert {each.status for each in list_runs(out, experiment="exp")} == {"succeeded", "failed"}


def test_a_run_that_has_recorded_nothing_yet_is_no_damage(out):
    run_dir = out / "exp/two"
    manifest = json.loads((run_dir / "manifest.json").read_bytes())
    (run_dir / "manifest.json").write_text(json.dumps({**manifest, "status": "running", "finished_at": None}))
    for text in ("", '{"schema_version":"1.0","seq":1,"time'):
        (run_dir / "telemetry.jsonl").write_text(text)
        (found,) = [each for each in list_runs(out) if each.place == "exp/two"]
        assert (found.status, found.reason) == ("running", None)


def test_a_manifest_that_is_not_of_the_whole_journal_is_not_believed(out):
    """A run is resumed and killed: its manifest tells how the attempt before ended."""
    path = out / "exp/three/telemetry.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    last = json.loads(lines[-1])
    manifest = json.loads((out / "exp/three/manifest.json").read_bytes())
    manifest |= {"process": {**manifest["process"], "started_at": 1}, "status": "running", "failure": None}
    resumed = {"event_name": "run_start", "payload": {"resumed": True, "manifest": manifest}}
    path.write_text("".join(lines) + json.dumps({**last, **resumed, "seq": last["seq"] + 1}) + "\n")
    (found,) = [each for each in list_runs(out) if each.place == "exp/three"]
    assert (found.status, found.reason) == ("interrupted", None)


WRONG_VALUES = {
    "stages": [None, 5, {"id": 3, "attempts": "x", "duration_s": "NaN"}, {}],
    "metrics": [1],
    "artifacts": {"a": 1},
    "datasets": {"d": 5, "e\x00": {"rows": 2**70, "sha256": ["x"]}},
    "tags": ["a", "a", 5, "n\x00ul", "\udc80", "x" * 5000],
    "seed": 10**30,
    "created_at": "sometime",
    "duration_s": float("inf"),
    "git": "none",
    "process": {"pid": "x", "host": None},
    "failure": [],
    "python": None,
    "description": "half \ud800 a pair, \x00 and " + "long " * 1000,
    "finished_at": None,
}


def test_a_manifest_with_values_of_every_wrong_kind_is_indexed(database, out):
    run_dir = out / "exp/two"
    manifest = json.loads((run_dir / "manifest.json").read_bytes())
    (run_dir / "manifest.json").write_text(json.dumps({**manifest, **WRONG_VALUES}))
    (run_dir / "telemetry.jsonl").write_text("")
    (run_dir / "spec.json").write_text(json.dumps({"id": "exp", "a\x00": "\udc80\x00", "b": float("nan")}))
    database.catch_up(out)
    row = database.runs()["exp/two"]
    assert (row["seed"], row["created_at"], row["duration_s"], row["process_pid"]) == (str(10**30), None, None, None)
    assert row["description"].startswith("half \\ud800 a pair, \ufffd and long")
    assert len(row["description"]) == 500
    rows = database.rows()
    tags = [each["tag"] for each in rows["tags"] if each["run"] == row["key"]]
    assert tags == sorted(["5", "a", "n\ufffdul", "\\udc80", "x" * 499 + "\u2026"])
    datasets = [(each["name"], each["rows"]) for each in rows["datasets"] if each["run"] == row["key"]]
    assert datasets == [("e\ufffd", None)]
    assert {"id": "exp", "a\ufffd": "\\udc80\ufffd", "b": None} in [each["document"] for each in rows["definitions"]]


def test_names_of_any_characters(database, out):
    names = ["läuft", "走る", "a b", "it's", 'quo"te', "per%cent", ":colon", os.fsdecode(b"caf\xe9")]
    for name in names:
        shutil.copytree(out / "exp/one", out / "exp" / name)
    database.catch_up(out)
    assert sorted(database.runs()) == sorted(
        ["exp/one", "exp/three", "exp/two", "other/one", "exp/caf\\udce9", *(f"exp/{name}" for name in names[:-1])]
    )
    for name in names:
        shutil.rmtree(out / "exp" / name)
    assert database.catch_up(out).gone == len(names)


@pytest.mark.usefixtures("settled")
def test_names_that_are_no_text_are_known_again(database, out):
    shutil.copytree(out / "exp/one", out / "exp" / os.fsdecode(b"caf\xe9"))
    assert database.catch_up(out).read == 5
    assert database.catch_up(out)[:2] == (0, 0)


def test_an_experiment_that_cannot_be_read_is_told_and_hides_no_other(database, out, monkeypatch):
    database.catch_up(out)
    shutil.rmtree(out / "other")
    (out / "loop").symlink_to(out / "exp")
    (out / "dangling").symlink_to(out / "nowhere")
    found = database.catch_up(out)
    assert found.notes == ()
    assert sorted(each for each in database.runs() if each.endswith("/one")) == ["exp/one", "loop/one"]
