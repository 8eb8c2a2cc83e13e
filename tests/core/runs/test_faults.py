"""Named points at which a test can end a process."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

PROGRAM = (
    "from crucible_core.runs import faults\nfor name in ('first', 'second', 'second', 'third'):\n"
    "    faults.reached(name)\n    print(name, flush=True)"
)


def run(tmp_path, **environment):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"PYTHONPATH": ":".join(sys.path), **environment},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )


@pytest.mark.parametrize(
    ("point", "done"),
    [
        ("first", []),
        ("second", ["first"]),
        ("second:2", ["first", "second"]),
        ("third:1", ["first", "second", "second"]),
    ],
)
def test_the_process_is_killed_at_the_point(tmp_path, point, done):
    result = run(tmp_path, CRUCIBLE_FAULT_POINT=point)
    assert result.returncode == -signal.SIGKILL
    assert result.stdout.split() == done


@pytest.mark.parametrize("point", ["", "fourth", "second:3"])
def test_a_point_that_is_not_reached_kills_nobody(tmp_path, point):
    assert run(tmp_path, CRUCIBLE_FAULT_POINT=point).returncode == 0


def test_the_log_has_what_was_reached_the_last_included(tmp_path):
    run(tmp_path, CRUCIBLE_FAULT_POINT="second:2", CRUCIBLE_FAULT_LOG="log")
    assert (tmp_path / "log").read_text() == "first\nsecond\nsecond\n"
    run(tmp_path, CRUCIBLE_FAULT_LOG="log")
    assert (tmp_path / "log").read_text().endswith("second\nfirst\nsecond\nsecond\nthird\n")


def test_without_the_environment_nothing_is_counted():
    """What a run pays is one call of a function without a body."""
    done = subprocess.run(
        [sys.executable, "-c", "from crucible_core.runs import faults; print(len(faults.reached.__code__.co_code))"],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    empty = compile("def f(name): ...", "", "exec").co_consts[0]
    assert int(done.stdout) == len(empty.co_code)
