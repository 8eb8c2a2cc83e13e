"""What a stage that runs is given before it is ended, here and in a process of its own."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from crucible_core.runs import rebuild_manifest


def listening(**options):
    return {"module": "own_stages:Listen", "options": options}


def isolated(name):
    return {"module": f"own_stages:{name}", "isolation": "process"}


def waiting(crucible, *stages, grace="60", run_id="r"):
    """Start a run and return it, with what it said, once its stage waits."""
    process = crucible.start("run", crucible.spec(*stages), "--run-id", run_id, "--grace", grace)
    return process, until(process, "waiting\n")


def until(process, wanted):
    said = []
    for line in process.stdout:
        said.append(line)
        if line == wanted:
            return said
    return pytest.fail(f"never {wanted!r}: {said} {process.communicate()}")


def ended(crucible, process, code):
    """Return the statuses of the stages of a run that ended with a code."""
    _, err = process.communicate(timeout=60)
    manifest = crucible.manifest()
    assert (process.returncode, manifest["status"], err.count("Traceback")) == (code, "cancelled", 0)
    assert manifest == rebuild_manifest(crucible.run_dir())
    attempts = [
        event for event in crucible.events() if event["event_name"] in ("stage_start", "stage_error", "stage_stop")
    ]
    open_attempts = sum(1 if event["event_name"] == "stage_start" else -1 for event in attempts)
    assert open_attempts == 0
    return [stage["status"] for stage in manifest["stages"]]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("isolation", [None, "process"])
def test_a_stage_that_listens_stops_by_itself(crucible, number, code, isolation):
    process, _ = waiting(crucible, "Measure", {**listening(), "isolation": isolation}, "Measure")
    os.killpg(process.pid, number)
    statuses = ended(crucible, process, code)
    assert statuses == ["succeeded", "cancelled", "pending"]
    assert crucible.manifest()["stages"][1]["reason"] == "cancelled: stopped at row 5"
    assert crucible.manifest()["failure"]["details"]["signal"] == number.name


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("isolation", [None, "process"])
def test_a_stage_that_returns_is_done_and_the_next_does_not_begin(crucible, number, code, isolation):
    process, _ = waiting(crucible, {**listening(returns=True), "isolation": isolation}, "Measure")
    os.killpg(process.pid, number)
    assert ended(crucible, process, code) == ["succeeded", "pending"]
    assert crucible.manifest()["failure"]["message"] == "cancelled before s1"


def test_a_stage_that_breaks_when_it_is_to_stop_was_cancelled(crucible):
    process, _ = waiting(crucible, {**listening(crashes=True), "retry": {"backoff_s": 0}}, "Measure")
    os.killpg(process.pid, signal.SIGINT)
    assert ended(crucible, process, 130) == ["cancelled", "pending"]
    failure = crucible.manifest()["failure"]
    assert failure["message"] == "told to stop, it ended with stage_crashed: ValueError: something broke off"
    assert failure["details"] == {"signal": "SIGINT", "ended_with": "stage_crashed"}
    assert "something broke off" in failure["traceback"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("isolation", [None, "process"])
def test_a_stage_that_does_not_listen_is_ended_after_its_grace(crucible, number, code, isolation):
    process, _ = waiting(crucible, {"module": "own_stages:Wait", "isolation": isolation}, "Measure", grace="0.3")
    os.killpg(process.pid, number)
    assert ended(crucible, process, code) == ["cancelled", "pending"]


@pytest.mark.parametrize("isolation", [None, "process"])
def test_a_second_ctrl_c_ends_it_at_once(crucible, isolation):
    process, _ = waiting(crucible, {"module": "own_stages:Wait", "isolation": isolation}, grace="3000")
    os.killpg(process.pid, signal.SIGINT)
    said = next(line for line in process.stderr if "3000" in line)
    assert said == "crucible: SIGINT: s0 has 3000 s to end; Ctrl-C again ends it at once\n"
    os.killpg(process.pid, signal.SIGINT)
    assert ended(crucible, process, 130) == ["cancelled"]


def test_ctrl_c_while_the_next_attempt_is_waited_for_ends_the_run_and_it_goes_on_later(crucible):
    stage = {"module": "own_stages:Fail", "options": {"times": 1}, "retry": {"backoff_s": 3000, "max_backoff_s": 3000}}
    process, _ = waiting(crucible, stage, "Measure")
    for line in process.stderr:
        if "attempt 2 begins in" in line:
            break
    os.killpg(process.pid, signal.SIGINT)
    assert ended(crucible, process, 130) == ["failed", "pending"]
    done = crucible("run", "--resume", "r")
    assert done.returncode == 0, done.stderr
    manifest = crucible.manifest()
    assert [(stage["status"], stage["attempts"]) for stage in manifest["stages"]] == [
        ("succeeded", 2),
        ("succeeded", 1),
    ]
    assert manifest["metrics"]["s0"] == {"attempt": 2}


def test_a_cancelled_run_goes_on_with_the_stage_that_was_cancelled(crucible):
    process, _ = waiting(crucible, "Measure", listening(), "Measure")
    os.killpg(process.pid, signal.SIGTERM)
    ended(crucible, process, 143)
    process = crucible.start("run", "--resume", "r")
    until(process, "waiting\n")
    os.killpg(process.pid, signal.SIGINT)
    assert ended(crucible, process, 130) == ["succeeded", "cancelled", "pending"]
    assert [stage["attempts"] for stage in crucible.manifest()["stages"]] == [1, 2, 0]


@pytest.mark.parametrize("how", ["kill -9 of the run", "ctrl-c twice"])
def test_nothing_of_a_stage_in_its_process_outlives_the_run(crucible, how):
    process, said = waiting(crucible, isolated("Pids"))
    pids = [int(each) for each in said[-2].split()[1:]]
    if how == "kill -9 of the run":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGINT)
        for line in process.stderr:
            if "has 60 s to end" in line:
                break
        os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert gone(*pids)


def test_what_a_stage_in_its_process_prints_is_not_among_the_events(crucible):
    done = crucible("run", crucible.spec(isolated("Fail")), "--json", "--run-id", "r")
    assert all(line.startswith('{"schema_version"') for line in done.stdout.splitlines())
    assert "waiting" in done.stderr


def gone(*pids):
    deadline = time.monotonic() + 60
    while any(map(_is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not any(map(_is_alive, pids))


def _is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
