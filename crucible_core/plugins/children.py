"""Child processes that are waited for in threads, and that an interrupt ends together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["Children", "side_by_side"]

Item = TypeVar("Item")
Result = TypeVar("Result")


class Children:
    """Child processes, each in a session of its own, so that what it started ends with it."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False
        self._lock = Lock()

    @contextlib.contextmanager
    def started(self, command: Sequence[str], **how: Any) -> Iterator[subprocess.Popen[bytes]]:
        """Start a child; at the end it is gone, whatever happened.

        Args:
            command: What to execute.
            how: As for `subprocess.Popen`.

        Raises:
            KeyboardInterrupt: There are to be no more children.
        """
        with self._lock:
            if self._ended:
                raise KeyboardInterrupt
            child = subprocess.Popen(command, start_new_session=True, **how)  # noqa: S603 - the caller's own program
            self._running.add(child)
        try:
            yield child
        finally:
            _kill(child)
            child.wait()
            with self._lock:
                self._running.discard(child)

    def end(self) -> None:
        """Kill the children that run, and start none any more."""
        with self._lock:
            self._ended = True
            for child in self._running:
                _kill(child)


def _kill(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # it is gone, and what it started
        os.killpg(child.pid, signal.SIGKILL)


def side_by_side(work: Callable[[Item, Children], Result], items: Iterable[Item]) -> tuple[Result, ...]:
    """Do some work with child processes for each item, as many at a time as there are processors.

    An interrupt ends all of it at once.
    """
    from concurrent.futures import ThreadPoolExecutor

    children = Children()
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        try:
            return tuple(pool.map(lambda item: work(item, children), items))
        except BaseException:
            children.end()
            raise
