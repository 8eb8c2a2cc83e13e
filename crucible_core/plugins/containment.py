"""Run code of a plugin so that it can neither end this process nor pass for the user who interrupts it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["OwnInterruptError", "ProcessExit", "contained"]


class ProcessExit(SystemExit):
    """``os._exit`` was called."""


class OwnInterruptError(Exception):
    """Raised from a ``KeyboardInterrupt`` that no signal led to: the code raised it itself."""


@contextmanager
def contained() -> Iterator[None]:
    """Let ``os._exit`` raise `ProcessExit` meanwhile, and tell the code's own ``KeyboardInterrupt`` from Ctrl-C.

    What ends the process natively ends it all the same. Children by ``fork``, and other threads, leave as they like.

    Raises:
        ProcessExit: The code called ``os._exit``.
        OwnInterruptError: It raised ``KeyboardInterrupt``.
    """
    with _exits_raised(), _interrupts_seen() as seen:
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
def _interrupts_seen() -> Iterator[list[int]]:
    """Yield a list that grows with each SIGINT, which does besides what it did before."""
    seen: list[int] = []
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield seen
        return

    def note(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        handler(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield seen
    finally:
        if signal.getsignal(signal.SIGINT) is note:
            signal.signal(signal.SIGINT, handler)
