"""What a run leaves behind."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from crucible_core.runs import rebuild_manifest

ENDINGS = {
    "success": (("Everything", "Everything"), "succeeded"),
    "crash": (("Everything", "Crash", "Everything"), "failed"),
    "foreseen": (("Refuse",), "failed"),
    "cancel": (("Everything", "Interrupted", "Everything"), "cancelled"),
    "gate": (({"module": "record_stages:Everything", "options": {"passes": False}},), "failed"),
    "disabled": (("Everything", {"module": "record_stages:Crash", "enabled": False}), "succeeded"),
}
ending = pytest.mark.parametrize(("stages", "status"), ENDINGS.values(), ids=ENDINGS)


@ending
def test_manifest_is_what_the_journal_tells(record, manifest_of, stages, status):
    result = record(*stages, spec={"quality_targets": {"metrics.s0.accuracy": {"min": 0.5}}})
    assert result.status == manifest_of(result.run_dir)["status"] == status
    assert manifest_of(result.run_dir) == rebuild_manifest(result.run_dir)


@ending
def test_seq_is_the_line_number(record, events_of, stages, status):
    events = events_of(record(*stages).run_dir)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


@ending
def test_every_start_has_one_end(record, events_of, stages, status):
    names = [event["event_name"] for event in events_of(record(*stages).run_dir)]
    ends = names.count("stage_stop") + names.count("stage_error")
    assert (names[0], names[-1]) == ("run_start", "run_stop")
    assert names.count("stage_start") == ends


def test_the_run_directory_holds_journal_manifest_spec_and_artifacts(record, tmp_path):
    result = record("Everything")
    assert result.run_dir == tmp_path / "out" / "exp" / "r"
    files = sorted(path.relative_to(result.run_dir).as_posix() for path in result.run_dir.rglob("*") if path.is_file())
    assert files == ["artifacts/s0/weights/best.bin", "lock", "manifest.json", "spec.json", "telemetry.jsonl"]


def test_manifest_says_what_the_run_was(record, manifest_of):
    spec = {
        "description": "d",
        "tags": ["t"],
        "params": {"width": 3},
        "quality_targets": {"metrics.s0.accuracy": {"min": 0.5}, "metrics.none.there": {"max": 1}},
    }
    result = record("Everything", spec=spec, seed=7, telemetry_context={"who": "me"})
    manifest = manifest_of(result.run_dir)
    expected = {
        "schema_version": "1.0",
        "run_id": "r",
        "experiment_id": "exp",
        "description": "d",
        "tags": ["t"],
        "status": "failed",
        "params": {"width": 3},
        "seed": 7,
        "telemetry_context": {"who": "me"},
        "output_dir": str(result.run_dir),
        "metrics": {"s0": {"accuracy": 0.9, "spread": "NaN"}},
    }
    assert {key: manifest[key] for key in expected} == expected
    assert manifest["created_at"] <= manifest["started_at"] <= manifest["finished_at"]
    assert manifest["process"]["pid"] == os.getpid()
    assert "pydantic" in manifest["packages"]
    assert manifest["python"]["version"].startswith("3.")


def test_manifest_holds_targets_with_the_values_reached(record, manifest_of):
    targets = {"metrics.s0.accuracy": {"min": 0.5}, "metrics.none.there": {"max": 1}}
    manifest = manifest_of(record("Everything", spec={"quality_targets": targets}).run_dir)
    reached, missing = manifest["quality_targets"].values()
    assert (reached["min"], reached["value"], reached["reached"]) == (0.5, 0.9, True)
    assert (missing["value"], missing["reached"], missing["reason"]) == (
        None,
        None,
        "there is no metric metrics.none.there",
    )
    assert manifest["failure"]["code"] == "gate_failed"


def test_manifest_holds_stages_with_timings_and_status(record, manifest_of):
    stages = manifest_of(record("Everything", "Refuse", "Everything").run_dir)["stages"]
    assert [(stage["id"], stage["status"], stage["attempts"]) for stage in stages] == [
        ("s0", "succeeded", 1),
        ("s1", "failed", 1),
        ("s2", "pending", 0),
    ]
    assert stages[0]["version"] == "1.2.3"
    assert stages[0]["duration_s"] > 0
    assert stages[0]["started_at"].endswith("+00:00")
    assert stages[1]["reason"] == "too_cold: it is too cold; heat"
    assert stages[2]["duration_s"] is None


def test_manifest_tells_given_options_from_defaults(record, manifest_of):
    step = {"module": "record_stages:Everything", "options": {"accuracy": 1}}
    stage = manifest_of(record(step).run_dir)["stages"][0]
    assert stage["options"] == {"accuracy": 1.0, "unbounded": False, "passes": True}
    assert stage["given_options"] == ["accuracy"]


def test_artifacts_are_hashed_and_checkpoints_and_datasets_named(record, manifest_of):
    manifest = manifest_of(record("Everything").run_dir)
    assert manifest["artifacts"] == [
        {
            "stage": "s0",
            "name": "weights/best.bin",
            "path": "artifacts/s0/weights/best.bin",
            "bytes": 4,
            "sha256": hashlib.sha256(b"best").hexdigest(),
        }
    ]
    assert [(each["stage"], each["name"]) for each in manifest["checkpoints"]] == [("s0", "best")]
    assert manifest["datasets"]["dataset"]["rows"] == 1


def test_an_artifact_that_cannot_be_read_is_a_warning(record, manifest_of, events_of):
    result = record("Vanish")
    assert result.ok
    assert [each["name"] for each in manifest_of(result.run_dir)["artifacts"]] == ["good"]
    said = [event["payload"]["message"] for event in events_of(result.run_dir) if event["event_name"] == "log"]
    assert said == ["artifacts/s0/unreadable is not recorded as an artifact: Input/output error"]


@pytest.mark.parametrize("persist", [True, False])
def test_a_stage_sees_the_record_of_the_run_so_far(record, persist):
    seen = record("Everything", "Look", "Everything", persist=persist).context.assigns["seen"]
    assert [stage["status"] for stage in seen["stages"]][0::2] == ["succeeded", "pending"]
    assert seen["metrics"] == {"s0": {"accuracy": 0.9, "spread": "NaN"}}
    assert seen["verdicts"][0]["question"] == "Is it good?"
    assert (seen["status"], seen["run_id"]) == ("running", "r")


@pytest.mark.parametrize(
    ("event_name", "stages"),
    [
        ("run_start", ["pending", "pending"]),
        ("stage_start", ["cancelled", "pending"]),
        ("stage_stop", ["succeeded", "pending"]),
    ],
)
def test_an_interrupt_outside_a_stage_cancels_the_run(record, manifest_of, event_name, stages):
    def observer(event):
        if event.event_name == event_name:
            raise KeyboardInterrupt

    result = record("Everything", "Everything", observers=(observer,))
    manifest = manifest_of(result.run_dir)
    assert result.status == manifest["status"] == "cancelled"
    assert [stage["status"] for stage in manifest["stages"]] == stages
    assert manifest == rebuild_manifest(result.run_dir)


def test_a_stage_cannot_change_the_record(record, manifest_of):
    result = record("Meddle")
    manifest = manifest_of(result.run_dir)
    assert (manifest["status"], manifest["stages"][0]["name"]) == ("succeeded", "meddle")


@pytest.mark.parametrize(
    ("value", "recorded"),
    [
        ("half a pair: \ud800", "half a pair: \ud800"),
        ("no\nline\u2028break", "no\nline\u2028break"),
        ({"deep": {"er": [1, None, True]}}, {"deep": {"er": [1, None, True]}}),
    ],
    ids=["surrogate", "lines", "nested"],
)
def test_params_that_json_lacks_are_recorded_strictly(record, manifest_of, value, recorded):
    result = record("Everything", spec={"params": {"value": value}})
    for name in ("manifest.json", "spec.json"):
        document = json.loads((result.run_dir / name).read_bytes().decode("utf-8"), parse_constant=pytest.fail)
        assert document["params"] == {"value": recorded}
    assert manifest_of(result.run_dir) == rebuild_manifest(result.run_dir)


def test_spec_json_is_the_experiment_again(record):
    from crucible_core.ir import load_experiment

    result = record({"module": "record_stages:Everything", "options": {"accuracy": 0.5}}, "Everything")
    again, _ = load_experiment(result.run_dir / "spec.json")
    assert again == result.context.experiment


def test_observers_see_what_is_recorded(record, events_of):
    seen = []
    result = record("Everything", observers=(lambda event: seen.append(event.to_dict()),))
    assert seen == events_of(result.run_dir)


def test_an_observer_that_raises_is_reported_once_and_changes_nothing(record, events_of, capsys):
    def observer(event):
        raise RuntimeError("no interest")

    result = record("Everything", observers=(observer,))
    complaints = [each for each in events_of(result.run_dir) if "no interest" in str(each["payload"])]
    assert result.ok
    assert len(complaints) == 1
    assert capsys.readouterr().err.count("no interest") == 1


def test_a_run_without_record_tells_observers_of_its_stages(record, tmp_path):
    seen = []
    result = record("Everything", persist=False, observers=(seen.append,))
    assert result.run_dir is None
    assert not (tmp_path / "out").exists()
    assert [stage["id"] for stage in seen[0].payload["manifest"]["stages"]] == ["s0"]


def test_a_cancel_token_ends_the_run_between_stages(record, manifest_of):
    import threading

    token = threading.Event()
    token.set()
    result = record("Everything", cancel=token)
    assert result.status == manifest_of(result.run_dir)["status"] == "cancelled"
    assert manifest_of(result.run_dir)["stages"][0]["status"] == "pending"


def test_files_keep_the_umask(record):
    before = os.umask(0o027)
    try:
        result = record("Everything")
    finally:
        os.umask(before)
    for name in ("manifest.json", "spec.json", "telemetry.jsonl"):
        assert (result.run_dir / name).stat().st_mode & 0o777 == 0o640


def test_sync_records_the_same(record, manifest_of):
    assert manifest_of(record("Everything", durability="power").run_dir)["status"] == "succeeded"


def test_no_temporary_file_is_left(record):
    result = record("Everything", durability="power")
    assert [path.name for path in Path(result.run_dir).iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("written", [False, True])
def test_an_interrupt_while_an_event_is_recorded_loses_and_doubles_nothing(
    record, events_of, manifest_of, monkeypatch, written
):
    from crucible_core.runs.journal import JournalFile

    append, seen = JournalFile.append, []

    def interrupted(self, line):
        if '"metric"' in line and not seen:
            seen.append(line)
            if written:
                append(self, line)
            raise KeyboardInterrupt
        append(self, line)

    monkeypatch.setattr(JournalFile, "append", interrupted)
    result = record("Everything")
    events = events_of(result.run_dir)
    assert result.status == "cancelled"
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["event_name"] for event in events].count("metric") == written
    assert manifest_of(result.run_dir) == rebuild_manifest(result.run_dir)
    assert manifest_of(result.run_dir)["stages"][0]["status"] == "cancelled"


def test_an_interrupt_before_the_first_event_still_leaves_a_journal_with_its_beginning(
    record, manifest_of, monkeypatch
):
    from crucible_core.runs.journal import JournalFile

    append, calls = JournalFile.append, []

    def interrupted_once(self, line):
        calls.append(line)
        if len(calls) == 1:
            raise KeyboardInterrupt
        append(self, line)

    monkeypatch.setattr(JournalFile, "append", interrupted_once)
    result = record("Everything")
    assert result.status == "cancelled"
    assert rebuild_manifest(result.run_dir) == manifest_of(result.run_dir)


@pytest.mark.parametrize("event_name", ["run_start", "stage_start", "metric", "verdict", "stage_stop"])
@pytest.mark.parametrize("written", [False, True], ids=["before", "after"])
def test_wherever_an_interrupt_comes_the_journal_is_in_order(
    record, events_of, manifest_of, monkeypatch, event_name, written
):
    from crucible_core.runs.journal import JournalFile

    append, seen = JournalFile.append, []

    def interrupted(self, line):
        if f'"event_name":"{event_name}"' in line and not seen:
            seen.append(line)
            if written:
                append(self, line)
            raise KeyboardInterrupt
        append(self, line)

    monkeypatch.setattr(JournalFile, "append", interrupted)
    result = record("Everything", "Everything")
    events = events_of(result.run_dir)
    names = [event["event_name"] for event in events]
    assert (result.status, names[0], names[-1]) == ("cancelled", "run_start", "run_stop")
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert names.count("stage_start") == names.count("stage_stop") + names.count("stage_error")
    assert manifest_of(result.run_dir) == rebuild_manifest(result.run_dir)
