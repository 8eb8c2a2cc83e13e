"""The processes that are forked for each stage: shared while they are kept, replaced when they die, gone in the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crucible_core.testing import nursery
from crucible_core.testing.process import StageProcess
from crucible_core.testing.starting import Surroundings
from crucible_core.testing.target import find_targets

APART = Surroundings(environ=(("PYTHON_APART", "test_nursery"),))


@pytest.fixture
def target():
    (found,) = find_targets("sound:Sound")
    return found


def parent_of(process):
    """Return the process id of what a stage's process was forked from."""
    supervisor = process._child._pid
    return int(Path(f"/proc/{supervisor}/stat").read_text().rpartition(")")[2].split()[1])


def is_there(pid):
    return Path(f"/proc/{pid}").exists()


def asked(target, surroundings=APART):
    process = StageProcess(target, surroundings)
    assert process.ask({"do": "hello"}, 60) == {}
    return process


def test_two_stages_are_forked_from_one_process(target):
    processes = [asked(target), asked(target)]
    parents = {parent_of(each) for each in processes}
    assert len(parents) == 1
    for each in processes:
        each.close()
    third = asked(target)
    assert {parent_of(third)} == parents  # it is kept, as conftest.py asks for
    third.close()


def test_what_an_interpreter_looks_at_when_it_starts_needs_another_one(target):
    one, other = asked(target), asked(target, Surroundings(hash_seed=4711, environ=APART.environ))
    assert parent_of(one) != parent_of(other)
    one.close()
    other.close()


def test_one_that_dies_is_replaced(target):
    first = asked(target)
    killed = parent_of(first)
    os.kill(killed, signal.SIGKILL)
    second = asked(target)
    assert parent_of(second) != killed
    assert first.ask({"do": "hello"}, 60) == {}  # its own process goes on
    first.close()
    second.close()


def test_it_ends_with_its_last_stage_where_it_is_not_kept(target, monkeypatch):
    monkeypatch.setattr(nursery, "_KEEPING", [])
    monkeypatch.setattr(nursery, "_NURSERIES", {})
    with nursery.nurseries_kept():
        process = asked(target)
        pid = parent_of(process)
        process.close()
        assert is_there(pid)
    assert not is_there(pid)
    process = asked(target)
    pid = parent_of(process)
    process.close()
    assert not is_there(pid)


HANGS = """
import os, time
from pathlib import Path
from crucible_core import Stage, StageExample

class Hangs(Stage):
    "Hang, and say so."

    examples = (StageExample("Nothing."),)

    def run(self, context, options):
        Path(os.environ["HANGING"]).touch()
        time.sleep(600)
"""
KIT = "from crucible_core.testing import run_conformance; run_conformance('hangs:Hangs', timeout_s=600)"


def test_when_the_kit_is_killed_a_stage_that_hangs_and_what_it_was_forked_from_are_gone(tmp_path):
    (tmp_path / "hangs.py").write_text(HANGS)
    place, hanging = tmp_path / "place", tmp_path / "hanging"
    place.mkdir()
    environ = {**os.environ, "TMPDIR": str(place), "PYTHONPATH": str(tmp_path), "HANGING": str(hanging)}
    kit = subprocess.Popen([sys.executable, "-c", KIT], env=environ)
    try:
        wait_until(hanging.exists)
        assert len(processes_below(tmp_path)) > 1
    finally:
        kit.kill()
        kit.wait()
    wait_until(lambda: not processes_below(tmp_path))


def wait_until(done, patience_s=60.0):
    deadline = time.monotonic() + patience_s
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def processes_below(directory):
    """Return the processes that work below a directory or were started with it in their environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            below = str((place / "cwd").readlink()).startswith(str(directory))
            started = str(directory).encode() in (place / "environ").read_bytes()
            state = (place / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if (below or started) and state != "Z":
            found.append(place.name)
    return found
