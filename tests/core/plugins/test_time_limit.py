"""Code of plugins that is not done in its time is interrupted, or said to be stuck."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from crucible_core.plugins.containment import contained
from crucible_core.plugins.time_limit import TimeLimit, TimeUp

SHORT = TimeLimit(0.2, "the hook module of acme", "acme")
LONG = TimeLimit(60, "the hook module of acme", "acme")


def spin():
    while True:
        pass


def careless():
    try:
        spin()
    except Exception:  # noqa: BLE001
        spin()


def press_and_spin():
    signal.raise_signal(signal.SIGINT)
    spin()


WAYS = {
    "computes": spin,
    "catches exceptions": careless,
    "sleeps": lambda: time.sleep(100),
    "waits for a thread": lambda: threading.Event().wait(),
    "waits for a process": lambda: subprocess.run(["sleep", "100"], check=False),
    "waits for data": lambda: os.read(os.pipe()[0], 1),
}


@pytest.mark.parametrize("work", WAYS.values(), ids=WAYS)
def test_what_is_not_done_in_its_time_is_interrupted(work):
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(TimeUp, match=r"^it was not done after 0.2 s and was interrupted$"), contained(SHORT):
        work()
    assert signal.getsignal(signal.SIGINT) is handler


def test_in_another_thread_what_computes_is_interrupted():
    found = []

    def work():
        try:
            with contained(SHORT):
                spin()
        except TimeUp as error:
            found.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == ["it was not done after 0.2 s and was interrupted"]


def test_ctrl_c_is_the_users_meanwhile():
    with pytest.raises(KeyboardInterrupt), contained(LONG):
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("ignored", [True, False])
def test_what_ignores_ctrl_c_is_interrupted_all_the_same(ignored):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN if ignored else signal.SIG_DFL)
    try:
        with pytest.raises(TimeUp), contained(SHORT):
            press_and_spin() if ignored else spin()
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_inner_of_two_limits_is_the_one_that_counts():
    with contained(LONG), pytest.raises(TimeUp), contained(SHORT):
        spin()


def test_watching_costs_microseconds():
    took = []
    for _ in range(200):
        began = time.thread_time()
        with contained(LONG):
            pass
        took.append(time.thread_time() - began)
    assert min(took) < 0.002


STUCK = """
import sys, threading
from crucible_core.plugins import time_limit
from crucible_core.plugins.containment import contained
time_limit.GRACE = 1
with contained(time_limit.TimeLimit(0.2, "the hook module of acme", "acme")):
    lock = threading.Lock()
    lock.acquire()
    for _ in range(2):
        try:
            lock.acquire(timeout=2)
        except BaseException:
            pass
print("went on")
"""


def test_what_cannot_be_interrupted_is_told_and_waited_for_where_nobody_says_otherwise():
    done = subprocess.run([sys.executable, "-c", STUCK], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "went on\n")
    assert done.stderr == (
        "crucible: the hook module of acme was not done after 0.2 s, and it cannot be interrupted\n"
        "  switch it off: crucible plugins disable acme\n"
    )
