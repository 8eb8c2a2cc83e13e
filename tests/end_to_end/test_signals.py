"""Signals to a running command: the record is closed, the exit code says what happened."""

from __future__ import annotations

import os
import signal

import pytest

from crucible_core.runs import observed_status, rebuild_manifest


def _waiting(crucible, *arguments, **spec):
    """Start a run and return once its stage waits."""
    process = crucible.start(
        "run", crucible.spec(*spec.pop("stages", ["Measure", "Wait", "Measure"])), "--run-id", "r", *arguments
    )
    _until_waiting(process, process.stderr if "--json" in arguments else process.stdout)
    return process


def _until_waiting(process, stream=None):
    for line in stream or process.stdout:
        if line == "waiting\n":
            return
    pytest.fail(f"the stage never waited: {process.communicate()}")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("grace", ["0", "0.2"])
def test_a_signal_in_a_stage_cancels_the_run(crucible, number, code, grace):
    process = _waiting(crucible, "--grace", grace)
    os.killpg(process.pid, number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert "cancelled after" in out
    assert "Traceback" not in out + err
    manifest = crucible.manifest()
    assert manifest["status"] == "cancelled"
    assert [stage["status"] for stage in manifest["stages"]] == ["succeeded", "cancelled", "pending"]
    assert manifest == rebuild_manifest(crucible.run_dir())
    assert [event["event_name"] for event in crucible.events()][-2:] == ["stage_error", "run_stop"]


def test_a_second_interrupt_ends_a_stage_that_held_up_the_first(crucible):
    process = _waiting(crucible, "--grace", "0", stages=[{"module": "own_stages:Wait", "options": {"again": 1}}])
    os.killpg(process.pid, signal.SIGINT)
    _until_waiting(process)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert crucible.manifest()["status"] == "cancelled"


def test_sigterm_reaches_a_run_that_prints_json(crucible):
    process = _waiting(crucible, "--json", "--grace", "0")
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 143
    assert '"event_name":"run_stop"' in out


def test_git_facts_survive_ctrl_c(crucible):
    import subprocess

    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *command], cwd=crucible.path, check=True)
    process = _waiting(crucible, "--grace", "0")
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert len(crucible.manifest()["git"]["revision"]) == 40


@pytest.mark.parametrize("before", [0, 1, 3])
def test_a_killed_run_keeps_every_completed_stage(crucible, before):
    process = crucible("run", crucible.spec(*["Measure"] * before, "Die", "Measure"), "--run-id", "r")
    assert process.returncode == -signal.SIGKILL
    names = [event["event_name"] for event in crucible.events()]
    assert names.count("stage_stop") == before
    assert names[-1] == "stage_start"
    rebuilt = rebuild_manifest(crucible.run_dir())
    assert [stage["status"] for stage in rebuilt["stages"]] == [*["succeeded"] * before, "running", "pending"]
    assert observed_status(rebuilt) == observed_status(crucible.manifest()) == "interrupted"


def test_a_run_is_running_until_it_is_killed(crucible):
    process = _waiting(crucible)
    assert observed_status(crucible.manifest()) == "running"
    assert "interrupted" not in crucible("trace", "r").stderr
    process.kill()
    process.communicate(timeout=60)
    assert observed_status(crucible.manifest()) == "interrupted"
    trace = crucible("trace", "latest", "--event", "stage_stop")
    assert trace.returncode == 0
    assert len(trace.stdout.splitlines()) == 1
    assert "this run was interrupted" in trace.stderr
