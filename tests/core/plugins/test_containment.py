"""Code of plugins neither ends the process nor passes for the user who interrupts it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading

import pytest

from crucible_core.plugins.containment import OwnInterruptError, ProcessExit, contained


def test_an_exit_is_raised_and_is_not_caught_as_an_exception():
    careless = contextlib.suppress(Exception)  # what many write around doubtful code
    with pytest.raises(ProcessExit) as raised, contained(), careless:
        os._exit(3)
    assert raised.value.code == 3


def test_afterwards_it_is_as_it_was(monkeypatch):
    left = []
    monkeypatch.setattr(os, "_exit", left.append)
    ours, handler = os._exit, signal.getsignal(signal.SIGINT)
    with contained():
        kept = os._exit
    assert (os._exit, signal.getsignal(signal.SIGINT)) == (ours, handler)
    kept(7)  # as where a module has it from os
    assert left == [7]


def test_one_within_another_ends_with_it():
    with contained():
        outer = os._exit
        with contained():
            assert os._exit is not outer
        assert os._exit is outer


def test_what_the_code_put_there_stays(monkeypatch):
    monkeypatch.setattr(os, "_exit", os._exit)
    before = signal.getsignal(signal.SIGUSR1), signal.getsignal(signal.SIGINT)
    try:
        with contained():
            os._exit = print
            signal.signal(signal.SIGINT, print)
        assert (os._exit, signal.getsignal(signal.SIGINT)) == (print, print)
    finally:
        signal.signal(signal.SIGINT, before[1])


def test_a_child_by_fork_leaves_as_it_likes():
    with contained():
        child = os.fork()
        if child == 0:
            os._exit(5)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 5


def test_another_thread_ends_the_process_as_before():
    code = (
        "import os, threading\nfrom crucible_core.plugins.containment import contained\n"
        "with contained():\n"
        "    one = threading.Thread(target=os._exit, args=(6,))\n    one.start()\n    one.join()\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 6


def test_an_interrupt_of_its_own_is_not_the_users():
    with pytest.raises(OwnInterruptError) as raised, contained():
        raise KeyboardInterrupt("mine")
    assert str(raised.value.__cause__) == "mine"


def test_ctrl_c_is():
    with pytest.raises(KeyboardInterrupt), contained():
        signal.raise_signal(signal.SIGINT)


def test_a_signal_that_was_handled_otherwise_still_is():
    seen = []
    before = signal.signal(signal.SIGINT, lambda *_: seen.append("handled"))
    try:
        with contained():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == ["handled"]


def test_in_another_thread_signals_are_left_alone():
    found = []

    def work():
        with contained():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGINT)]
