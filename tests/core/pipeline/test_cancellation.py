"""Telling a run to stop, and the time that the stage has which runs then."""

import signal
import subprocess
import sys
import threading
import time

import pytest

from crucible_core import CrucibleError, StageError
from crucible_core.pipeline.cancellation import Cancellation
from crucible_core.pipeline.progress import Progress


def after_start(flag):
    """Make a stage that sets a flag, or sends a signal, from another thread, and then waits to be told to stop."""

    def run(context, options):
        act = flag.set if hasattr(flag, "set") else lambda: signal.raise_signal(flag)
        threading.Thread(target=act).start()
        while not context.runtime.cancelled:
            time.sleep(0.001)
        raise StageError("cancelled", "stopped at row 5")

    return run


def asleep(flag):
    """Make a stage that sets a flag and does not look at anything then."""

    def run(context, options):
        flag.set()
        for _ in range(60_000):
            time.sleep(0.001)
        return context

    return run


def never(context, options):
    raise AssertionError("reached")


def ends(run_stages, *stages, **arguments):
    events = []
    result = run_stages(*stages, observers=[events.append], **arguments)
    return result, [(event.event_name, event.stage) for event in events]


CANCELLED = [("run_start", None), ("stage_start", "s0"), ("stage_error", "s0"), ("run_stop", None)]


def test_a_stage_sees_the_token_and_stops(run_stages):
    flag = threading.Event()
    result, events = ends(run_stages, after_start(flag), never, cancel=flag)
    assert (result.status, result.failure.message, result.failure.stage) == ("cancelled", "stopped at row 5", "s0")
    assert (events, result.failure.details) == (CANCELLED, {})


@pytest.mark.parametrize("main_thread", [True, False])
def test_a_stage_that_does_not_look_is_interrupted_after_its_grace(run_stages, main_thread):
    flag, found = threading.Event(), []

    def go():
        found.append(ends(run_stages, asleep(flag), never, cancel=flag, grace_s=0.1))

    if main_thread:
        go()
    else:
        thread = threading.Thread(target=go)
        thread.start()
        thread.join()
    ((result, events),) = found
    assert (result.status, result.failure.message, events) == ("cancelled", "interrupted in s0", CANCELLED)


def test_without_grace_it_is_interrupted_at_once(run_stages):
    flag = threading.Event()
    result, events = ends(run_stages, asleep(flag), cancel=flag, grace_s=0)
    assert (result.status, events) == ("cancelled", CANCELLED)


def test_ctrl_c_is_seen_by_the_stage_first(run_stages, capsys):
    result, events = ends(run_stages, after_start(signal.SIGINT), never)
    assert (result.status, result.failure.message, events) == ("cancelled", "stopped at row 5", CANCELLED)
    assert result.failure.details == {"signal": "SIGINT"}


def test_a_second_ctrl_c_interrupts_the_stage(run_stages):
    def stubborn(context, options):
        signal.raise_signal(signal.SIGINT)
        assert context.runtime.cancelled
        signal.raise_signal(signal.SIGINT)
        return context

    result, events = ends(run_stages, stubborn, never, grace_s=3000)
    assert (result.status, result.failure.message, events) == ("cancelled", "interrupted in s0", CANCELLED)


def test_ctrl_c_in_a_stage_that_swallows_it_once_comes_again(run_stages):
    caught = []

    def swallow(context, options):
        signal.raise_signal(signal.SIGINT)
        for _ in range(2):
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt:
                caught.append(1)
        return context

    result, events = ends(run_stages, swallow, never, grace_s=3000)
    assert (len(caught), result.failure.message, events[2]) == (2, "cancelled before s1", ("stage_stop", "s0"))


def test_an_interrupt_between_stages_needs_no_grace(run_stages):
    def interrupt(event):
        if event.event_name == "run_start":
            signal.raise_signal(signal.SIGINT)

    result = run_stages(never, observers=[interrupt], grace_s=3000)
    assert (result.status, result.failure.message) == ("cancelled", "interrupted in between two stages")


def test_ctrl_c_while_the_record_is_closed_does_not_undo_it(run_stages):
    def again(event):
        if event.event_name == "run_stop":
            signal.raise_signal(signal.SIGINT)

    def stop(context, options):
        signal.raise_signal(signal.SIGINT)
        raise StageError("cancelled", "stopped")

    assert run_stages(stop, observers=[again]).failure.message == "stopped"


def test_handlers_of_others_stay_in_force(run_stages):
    came = []
    before = signal.signal(signal.SIGINT, lambda *_: came.append(1))
    try:
        result = run_stages(lambda context, options: (signal.raise_signal(signal.SIGINT), context)[1])
    finally:
        signal.signal(signal.SIGINT, before)
    assert (came, result.ok) == ([1], True)


def test_where_somebody_else_handles_ctrl_c_the_token_interrupts_all_the_same(run_stages):
    flag = threading.Event()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        result, events = ends(run_stages, asleep(flag), cancel=flag, grace_s=0.1)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (result.status, events) == ("cancelled", CANCELLED)


def test_handlers_and_threads_are_as_before_afterwards(run_stages):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    flag = threading.Event()
    ends(run_stages, after_start(flag), cancel=flag)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_stage_that_ends_with_its_grace_is_not_interrupted_later(run_stages):
    """The interrupt that is due may come when the stage has just ended: it must not hit what comes after it."""

    progress = Progress(context=None, current=None, status="cancelled")
    with Cancellation(None, 0.0, progress, print) as cancellation:
        cancellation._signal, cancellation._is_due = signal.SIGINT, True
        signal.raise_signal(signal.SIGINT)
    assert progress.status == "cancelled"


def test_a_token_that_fails_fails_the_run_where_it_is_asked(run_stages):
    class Broken:
        def is_set(self):
            raise OSError("no connection")

    with pytest.raises(OSError, match="no connection"):
        run_stages(never, cancel=Broken())


@pytest.mark.parametrize("grace", [-1, "5", True, None, float("nan"), 1e9])
def test_a_wrong_grace_is_refused(run_stages, grace):
    with pytest.raises(CrucibleError, match=r"grace_s .*: give a number of seconds from 0 to 86400"):
        run_stages(never, grace_s=grace)


def test_a_tracer_works_after_an_interrupt_that_was_not_needed():
    """Python 3.11 never ends a traced call while it looks for an interrupt that was taken back."""
    code = (
        "import sys, threading, time\n"
        "from crucible_core.pipeline.cancellation import Cancellation, _interrupt\n"
        "from crucible_core.pipeline.progress import Progress\n"
        "def go():\n"
        "    try:\n"
        "        with Cancellation(None, 0, Progress(None), print) as cancellation:\n"
        "            cancellation._is_due = True\n"
        "            cancellation._watch(lambda: _interrupt(cancellation._thread))\n"
        "    except KeyboardInterrupt:\n"
        "        pass\n"
        "    sys.setprofile(lambda *_: None)\n"
        "    print('through')\n"
        "thread = threading.Thread(target=go, daemon=True)\n"
        "thread.start()\n"
        "thread.join()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "through\n"
