"""Run code of a plugin so that it can neither end nor hold up this process, nor pass for the user who interrupts it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from crucible_core.plugins.time_limit import TimeLimit, Watch, watched

__all__ = ["OwnInterruptError", "ProcessExit", "contained"]


class ProcessExit(SystemExit):
    """``os._exit`` was called."""


class OwnInterruptError(Exception):
    """Raised from a ``KeyboardInterrupt`` that no signal led to: the code raised it itself."""


@contextmanager
def contained(limit: TimeLimit | None = None) -> Iterator[None]:
    """Let ``os._exit`` raise `ProcessExit` meanwhile, and tell the code's own ``KeyboardInterrupt`` from Ctrl-C.

    What ends the process natively ends it all the same. Children by ``fork``, and other threads, leave as they like.

    Args:
        limit: How long the code may take; for ever when None.

    Raises:
        ProcessExit: The code called ``os._exit``.
        OwnInterruptError: It raised ``KeyboardInterrupt``.
        TimeUp: It was not done in its time.
    """
    with _exits_raised(), watched(limit) as watch, _interrupts_seen(watch) as seen:
        try:
            yield
        except KeyboardInterrupt as error:
            if seen or isinstance(error, SystemExit):  # Ctrl-C, or SIGTERM as the command takes it
                raise
            raise OwnInterruptError from error


@contextmanager
def _exits_raised() -> Iterator[None]:
    leave, here = os._exit, (os.getpid(), threading.get_ident())
    active = True

    def leave_or_raise(status: int) -> Any:
        if active and here == (os.getpid(), threading.get_ident()):
            raise ProcessExit(status)
        leave(status)  # somebody kept this function

    os._exit = leave_or_raise
    try:
        yield
    finally:
        active = False
        if os._exit is leave_or_raise:
            os._exit = leave


@contextmanager
def _interrupts_seen(watch: Watch | None) -> Iterator[list[int]]:
    """Yield a list that grows with each SIGINT but those of a watch; it does besides what it did before."""
    seen: list[int] = []
    handler = signal.getsignal(signal.SIGINT)
    wanted = callable(handler) or (watch is not None and handler is not None)
    if threading.current_thread() is not threading.main_thread() or not wanted:
        yield seen
        return

    def note(number: int, frame: FrameType | None) -> None:
        if watch is None or not watch.take_signal():
            seen.append(number)
            _handle(handler, number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield seen
    finally:
        if watch is not None:
            watch.end()
        if signal.getsignal(signal.SIGINT) is note:
            signal.signal(signal.SIGINT, handler)


def _handle(handler: Any, number: int, frame: FrameType | None) -> None:
    """Do what a signal did before, as a background process may ignore it."""
    if callable(handler):
        handler(number, frame)
    elif handler is signal.SIG_DFL:
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
