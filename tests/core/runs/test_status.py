"""A run's status, as whoever looks sees it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from crucible_core.runs import observed_status
from crucible_core.runs.provenance import process_alive, process_identity, process_start


def _running(**changes):
    return {"status": "running", "process": {**process_identity(), **changes}}


@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled"])
def test_a_run_that_ended_is_what_it_ended_as(status):
    assert observed_status({**_running(pid=0), "status": status}) == status


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "running"),
        ({"started_at": 1}, "interrupted"),
        ({"boot_id": "another boot"}, "interrupted"),
        ({"pid": 2**22 + 1}, "interrupted"),
        ({"host": "elsewhere"}, "running"),
        ({"host": "elsewhere", "boot_id": "another boot"}, "running"),
        ({"started_at": None}, "running"),
    ],
    ids=["alive", "pid used again", "rebooted", "no such pid", "other host", "other host, other boot", "unknown"],
)
def test_a_running_run_is(changes, status):
    assert observed_status(_running(**changes)) == status


def test_a_killed_process_nobody_has_waited_for_is_dead():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    identity = {**process_identity(), "pid": child.pid, "started_at": process_start(child.pid)}
    assert process_alive(identity) is True
    child.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, its entry still there
    assert process_alive(identity) is False
    child.communicate()


def test_a_manifest_without_process_is_taken_at_its_word():
    assert observed_status({"status": "running", "process": {}}) == "running"
