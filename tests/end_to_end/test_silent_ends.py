"""Ends of the process that Python says nothing of: each is told, and none looks like success."""

from __future__ import annotations

import os
import signal

import pytest

STAGE = """
from crucible_core import Stage


class Own(Stage):
    '''Do what the test is about.'''

    name = "own"
    version = "1.0.0"

    def run(self, context, options):
        {run}
        return context
"""


@pytest.fixture
def own(crucible):
    """Write a module with a stage, given what it does on import and when it runs; return the name of its spec."""

    def write(on_import="", run="pass"):
        (crucible.path / "own.py").write_text(f"import os, signal\n{on_import}\n{STAGE.format(run=run)}")
        return crucible.spec({"module": "own:Own"})

    return write


@pytest.mark.parametrize("statement", ["os._exit(0)", "os._exit(3)", "raise SystemExit(0)", "raise KeyboardInterrupt"])
@pytest.mark.parametrize("command", ["validate", "run"])
def test_a_module_that_would_end_the_process_is_a_stage_that_does_not_load(crucible, own, command, statement):
    done = crucible(command, own(on_import=statement))
    assert (done.returncode, done.stdout) == (2, "")
    assert statement.removeprefix("raise ").partition("(")[0] in done.stderr.replace("sys.exit", "SystemExit")
    assert f"({crucible.path}/own.py:2)" in done.stderr


HOOKS = """
import os
from crucible_core import hookimpl
{}

@hookimpl
def crucible_trace_event(event):
    print(event)
"""


@pytest.fixture
def deadly(crucible):
    """Write a plugin with a hook module, given what it does on import."""

    def write(on_import):
        info = crucible.path / "deadly-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: deadly\nVersion: 1.0\nRequires-Dist: crucible-core\n"
        )
        (info / "entry_points.txt").write_text("[crucible.plugins]\ndeadly = deadly_hooks\n")
        (crucible.path / "deadly_hooks.py").write_text(HOOKS.format(on_import))
        crucible.env |= {"PYTHONPATH": str(crucible.path), "CRUCIBLE_PLUGIN_TIMEOUT": "1"}

    return write


@pytest.mark.parametrize("statement", ["os._exit(0)", "raise SystemExit(0)", "raise KeyboardInterrupt"])
def test_a_hook_module_that_would_end_the_process_is_a_broken_plugin_and_the_run_goes_on(
    crucible, own, deadly, statement
):
    deadly(statement)
    done = crucible("run", own(), "--run-id", "r")
    assert done.returncode == 0, done.stderr
    assert crucible.manifest()["status"] == "succeeded"
    assert "deadly" in done.stderr
    assert f"({crucible.path}/deadly_hooks.py:4)" in done.stderr


@pytest.mark.parametrize("command", ["validate", "run"])
def test_a_hook_module_that_hangs_is_a_broken_plugin_and_the_command_goes_on(crucible, deadly, command):
    deadly("import time; time.sleep(1000)")
    done = crucible(command, crucible.spec({"name": "validate"}))
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith(
        "note: the hooks of deadly 1.0 are left out, and stages they offer: it was not done after 1 s and was "
        f"interrupted ({crucible.path}/deadly_hooks.py:4); crucible plugins disable deadly\n"
    )


def test_a_hook_module_that_cannot_be_interrupted_ends_the_command(crucible, own, deadly):
    deadly("import ctypes; lock = bytes(64); take = ctypes.CDLL(None).pthread_mutex_lock; take(lock); take(lock)")
    done = crucible("run", own())
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "crucible: the hook module of deadly was not done after 1 s, and it cannot be interrupted\n"
        "  switch it off: crucible plugins disable deadly\n"
    )


def test_one_that_keeps_the_interpreters_lock_ends_the_command_with_its_place(crucible, own, deadly):
    deadly("import ctypes; lock = bytes(64); take = ctypes.PyDLL(None).pthread_mutex_lock; take(lock); take(lock)")
    done = crucible("run", own())
    assert (done.returncode, done.stdout) == (1, "")
    assert f'File "{crucible.path}/deadly_hooks.py", line 4 in <module>' in done.stderr


def test_a_stage_that_ends_the_process_is_named(crucible, own):
    done = crucible("run", own(run="os._exit(0)"), "--run-id", "r")
    assert done.returncode == 1
    assert f"\ncrucible: ended by os._exit(0) at {crucible.path}/own.py:14\n" in done.stderr
    assert [event["event_name"] for event in crucible.events()] == ["run_start", "stage_start"]


def test_a_child_that_a_stage_forks_ends_as_it_likes(crucible, own):
    done = crucible("run", own(run="os.fork() or os._exit(0); os.wait()"))
    assert done.returncode == 0
    assert "ended by" not in done.stderr


@pytest.mark.parametrize("command", ["validate", "run"])
def test_a_crash_of_the_interpreter_has_a_place(crucible, own, command):
    done = crucible(command, own(on_import="os.kill(os.getpid(), signal.SIGSEGV)"))
    assert done.returncode == -signal.SIGSEGV
    assert "Segmentation fault" in done.stderr
    assert f'File "{crucible.path}/own.py", line 2' in done.stderr


def test_ctrl_c_says_which_module_held_up_the_command(crucible, own):
    process = crucible.start("validate", own(on_import="print('waiting', flush=True); signal.pause()"))
    assert process.stdout.readline() == "waiting\n"
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.endswith("crucible: interrupted while importing own\n")
