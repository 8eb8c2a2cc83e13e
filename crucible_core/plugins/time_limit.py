"""Interrupt code of a plugin that is not done in its time, and say so where it cannot be interrupted."""

from __future__ import annotations

import _thread
import contextlib
import faulthandler
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

__all__ = ["GRACE", "TimeLimit", "TimeUp", "Watch", "end_what_is_stuck", "watched"]

GRACE = 5
"""How often, once a second, code is interrupted that goes on all the same, before it counts as stuck."""
_NATIVE_GRACE = 5.0
"""Seconds more, after which nothing of Python runs any more: native code keeps the interpreter's lock."""


class TimeUp(BaseException):
    """Raised in code whose time is up; an ``except Exception`` of that code is not to stop it."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"it was not done after {seconds:g} s and was interrupted")


class TimeLimit(NamedTuple):
    """How long some code of a plugin may take.

    Attributes:
        seconds: The time.
        what: What the code is, for a message: ``the hook module acme_hooks of acme``.
        plugin: The distribution to switch off where it cannot be interrupted.
    """

    seconds: float
    what: str
    plugin: str

    @property
    def stuck(self) -> str:
        """What to say where the code cannot be interrupted."""
        return (
            f"crucible: {self.what} was not done after {self.seconds:g} s, and it cannot be interrupted\n"
            f"  switch it off: crucible plugins disable {self.plugin}"
        )


_end: Callable[[str], None] | None = None


def end_what_is_stuck(end: Callable[[str], None]) -> None:
    """Have the process ended where code is stuck, by a function that is given what to say; otherwise it is waited for.

    It is called in another thread than the one that is stuck.
    """
    global _end  # noqa: PLW0603 - whether the process may be ended is the process's
    _end = end


class Watch:
    """Waits in a thread for code to be done, and interrupts it when it is not.

    Args:
        limit: How long it may take.
        thread: The thread that the code runs in; in the main thread ``SIGINT`` interrupts it, also while it waits.
    """

    def __init__(self, limit: TimeLimit, thread: int) -> None:
        self._limit = limit
        self._thread = thread
        self._by_signal = thread == threading.main_thread().ident and signal.getsignal(signal.SIGINT) is not None
        self._done = False
        self._sent = False
        self._running = _thread.allocate_lock()
        self._waiting = _thread.allocate_lock()

    def start(self) -> None:
        """Begin to wait."""
        self._running.acquire()
        self._waiting.acquire()
        _thread.start_new_thread(self._wait, ())

    def end(self) -> None:
        """Wait no more: the code is done."""
        if self._done:
            return
        self._done = True
        self._running.release()
        self._waiting.acquire()

    def take_signal(self) -> bool:
        """Tell whether a ``SIGINT`` came from here; when the code is still at it, its time is up.

        Raises:
            TimeUp: It is.
        """
        sent, self._sent = self._sent, False
        if sent and not self._done:
            raise TimeUp(self._limit.seconds)
        return sent

    def _wait(self) -> None:
        done = self._running.acquire(timeout=self._limit.seconds)
        for _ in range(GRACE):
            if not done:
                self._interrupt()
                done = self._running.acquire(timeout=1)
        if not done:
            (_end or _warn)(self._limit.stuck)
        self._waiting.release()

    def _interrupt(self) -> None:
        if not self._by_signal:
            import ctypes

            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(self._time_up()))
            return
        self._sent = True
        signal.pthread_kill(self._thread, signal.SIGINT)

    def _time_up(self) -> type[TimeUp]:
        """Return a class that is made without arguments, as an exception in another thread is."""
        seconds = self._limit.seconds
        return type("TimeUp", (TimeUp,), {"__init__": lambda this: TimeUp.__init__(this, seconds)})


def _warn(text: str) -> None:
    with contextlib.suppress(Exception):  # stderr may be anything
        sys.stderr.write(f"{text}\n")


@contextmanager
def watched(limit: TimeLimit | None) -> Iterator[Watch | None]:
    """Watch the code of the block, where there is a limit."""
    if limit is None:
        yield None
        return
    watch = Watch(limit, threading.get_ident())
    watch.start()
    try:
        with _native_end(limit):
            yield watch
    finally:
        watch.end()


@contextmanager
def _native_end(limit: TimeLimit) -> Iterator[None]:
    """End a process that may be ended, with a traceback, even where no thread of Python gets to run."""
    if _end is None:
        yield
        return
    with contextlib.suppress(Exception):  # stderr may be no file
        faulthandler.dump_traceback_later(limit.seconds + GRACE + _NATIVE_GRACE, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
