"""Each exit code, and the message that comes with it, from a real process."""

from __future__ import annotations

import pytest

ENDINGS = {
    "succeeded": (["Measure"], 0, "succeeded", "succeeded after"),
    "crash": (["Measure", "Crash"], 1, "failed", "stage_crashed in s1: ZeroDivisionError: nobody foresaw this"),
    "foreseen": (["Refuse", "Measure"], 1, "failed", "too_cold in s0: it is too cold; heat"),
    "gate": (["Gate", "Measure"], 4, "failed", "failed: 1 of 1 verdicts say no"),
    "exit": (["Leave", "Measure"], 1, "cancelled", "told to exit in s0"),
}


@pytest.mark.parametrize(("stages", "code", "status", "said"), ENDINGS.values(), ids=ENDINGS)
def test_a_run_ends_with_its_code_its_reason_and_its_place(crucible, stages, code, status, said):
    done = crucible("run", crucible.spec(*stages), "--run-id", "r")
    assert done.returncode == code
    assert said in done.stdout
    assert "record: artifacts/crucible/exp/r" in done.stdout
    assert crucible.manifest()["status"] == status
    assert "Traceback" not in done.stdout + done.stderr


def test_debug_shows_the_traceback_of_a_crash_from_the_stage_on(crucible):
    done = crucible("run", crucible.spec("Crash"), "--debug")
    assert done.returncode == 1
    assert "own_stages.py" in done.stdout
    assert "crucible_core" not in done.stdout


def test_all_that_is_wrong_with_a_plan_is_said_at_once(crucible):
    spec = crucible.spec(
        "Nobody",
        {"module": "nowhere:Stage"},
        {"name": "guardrail"},
        {"module": "own_stages:Gate", "options": {"passe": 1}},
    )
    done = crucible("run", spec)
    assert done.returncode == 2
    assert "4 problems" in done.stderr
    for said in (
        "no attribute 'Nobody'",
        "'nowhere' does not exist",
        "did you mean 'guardrails'?",
        "did you mean 'passes'?",
    ):
        assert said in done.stderr
    assert not (crucible.path / "artifacts").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "nothing.yaml"], "nothing.yaml: no such file"),
        (["run", "spec.yaml", "--run-id", "../x"], "run id '../x'"),
        (["run", "spec.yaml", "--run-id", ""], "run id ''"),
        (["run", "spec.yaml", "--output-dir", "spec.yaml"], "Not a directory"),
        (["run", "spec.yaml", "--output-dir", "/proc/none"], "cannot make /proc/none"),
        (["run", "spec.yaml", "--seed", "-1"], "Invalid value for '--seed'"),
        (["run", "spec.yaml", "-o", "value=1"], "write stage.option=value"),
        (["run", "spec.yaml", "-o", "s9.value=1"], "no stage 's9' whose options could be overridden; there are: s0"),
        (["run", "spec.yaml", "-o", "s0.value=x"], "expected a number, got 'x' (a string)"),
        (["run", "spec.yaml", "--assign", "a=@none.json"], "cannot read none.json: No such file"),
        (["run", "spec.yaml", "--colour"], "No such option"),
        (["rnu", "spec.yaml"], "no command 'rnu'; did you mean 'run'?"),
        (["stages", "lst"], "Did you mean 'list'?"),
        (["trace", "nothing"], "no run 'nothing'"),
        (["schema", "sepc"], "no schema 'sepc'; there are: "),
        (["stages", "describe", "guardrail"], "did you mean 'guardrails'?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_exits_with_2_and_says_what_is_wrong(crucible, arguments, said):
    crucible.spec("Measure")
    done = crucible(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert not (crucible.path / "artifacts").exists()


def test_debug_changes_no_exit_code(crucible):
    done = crucible("--debug", "run", "nothing.yaml")
    assert done.returncode == 2
    assert "Traceback" in done.stderr
    assert done.stderr.endswith("crucible: nothing.yaml: no such file\n")


def test_a_run_id_that_exists_is_refused(crucible):
    arguments = ("run", crucible.spec("Measure"), "--run-id", "r")
    assert crucible(*arguments).returncode == 0
    before = crucible.manifest()
    again = crucible(*arguments)
    assert again.returncode == 2
    assert "run 'r' of 'exp' exists already, in artifacts/crucible/exp/r" in again.stderr
    assert crucible.manifest() == before


def test_dry_run_shows_the_plan_and_writes_nothing(crucible):
    spec = crucible.spec("Measure", "Gate")
    before = sorted(crucible.path.iterdir())
    done = crucible("run", spec, "--dry-run", "--run-id", "r", env={**crucible.env, "PYTHONDONTWRITEBYTECODE": "1"})
    assert done.returncode == 0
    assert "spec.yaml is valid: experiment 'exp', 2 stages" in done.stdout
    assert sorted(crucible.path.iterdir()) == before


def test_no_record_writes_nothing(crucible):
    done = crucible("run", crucible.spec("Measure"), "--no-record")
    assert done.returncode == 0
    assert "record:" not in done.stdout
    assert not (crucible.path / "artifacts").exists()


def test_json_prints_the_lines_of_the_journal(crucible):
    done = crucible("run", crucible.spec("Measure", "Gate"), "--json", "--run-id", "r")
    assert done.returncode == 4
    assert done.stdout.encode() == (crucible.run_dir() / "telemetry.jsonl").read_bytes()
    assert done.stderr == ""


def test_overrides_and_seed_and_assigns_reach_the_run(crucible):
    (crucible.path / "rows.json").write_text('[{"a": 1}]')
    spec = crucible.spec("Measure", {"name": "data_checks", "options": {"data": "assigns.rows"}})
    done = crucible("run", spec, "--run-id", "r", "-o", "s0.value=1e-3", "--seed", "7", "--assign", "rows=@rows.json")
    assert done.returncode == 0, done.stderr
    manifest = crucible.manifest()
    assert manifest["seed"] == 7
    assert manifest["metrics"]["s0"] == {"loss": 0.001}
    assert manifest["stages"][0]["options"]["value"] == 0.001
