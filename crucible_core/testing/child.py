"""A child process as whoever started it sees it: questions, answers, what it prints, and how it ended."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import secrets
import selectors
import shutil
import signal
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from crucible_core.testing.serving import NOT_ITS_OWN
from crucible_core.testing.supervising import CODE_BYTES

_KEPT_OUTPUT = 4_000
_CHUNK = 1 << 16
_PATIENCE_S = 5.0

_ENDS: set[int] = set()
"""This process's ends of the pipes to all children: a fork has to close them, or no child sees the others' end."""


class ProcessEndedError(Exception):
    """The child did not answer: it hung and was killed, exited, or crashed; the text says which."""


Wait = Callable[[bool], int | None]
"""Tells how a process ended, None where it runs, and may wait until it has."""


class Child:
    """A running child, its supervisor included.

    Args:
        pid: The supervisor's process id.
        wait: Tells how that ended.
        pipes: File descriptors of this process: to ask, for the answers, and of what is printed.
        home: The child's directory, which is removed with it.
        done: What is to be called when it is closed.
    """

    def __init__(
        self, pid: int, wait: Wait, pipes: tuple[int, int, int], home: str, done: Callable[[], None] = lambda: None
    ) -> None:
        self._pid = pid
        self._done = done
        self._wait = wait
        self._questions, self._answers, output = pipes
        self._ends = frozenset(pipes)
        self._home = home
        self._unread = b""
        self._output = _Output(output)
        _ENDS.update(pipes)
        _CHILDREN.add(self)

    def ask(self, question: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """Return its answer to a question.

        Args:
            question: JSON values.
            timeout: Seconds it may take.

        Raises:
            ProcessEndedError: There is none.
        """
        self._output.forget()
        token = secrets.token_hex(8)
        try:
            self._send(json.dumps({**question, "timeout": timeout, "token": token}).encode() + b"\n")
        except OSError:
            raise ProcessEndedError(self._ending()) from None
        line = self._line(time.monotonic() + timeout, timeout)
        try:
            answer: dict[str, Any] = json.loads(line)
            if answer.pop("token") == token:
                return answer
        except (ValueError, TypeError, KeyError, AttributeError):
            pass
        raise ProcessEndedError("it writes to file descriptors that are not its own")

    def _send(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._questions, data) :]

    def _line(self, deadline: float, timeout: float) -> bytes:
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            while b"\n" not in self._unread:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    self.kill()
                    raise ProcessEndedError(f"it was not done after {timeout:g} s and was killed")
                chunk = os.read(self._answers, _CHUNK)
                if not chunk:
                    raise ProcessEndedError(self._ending())
                self._unread += chunk
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def _ending(self) -> str:
        """Say how the child ended; it closed the pipe, so that it is about to where it has not."""
        deadline = time.monotonic() + _PATIENCE_S
        status = self._wait(False)
        while status is None and time.monotonic() < deadline:
            time.sleep(0.01)
            status = self._wait(False)
        if status in (None, NOT_ITS_OWN):
            return f"it closes or uses file descriptors that are not its own{self._output.last_words()}"
        assert status is not None
        if status >= 0:
            return f"it ends the process with exit status {status}{self._output.last_words()}"
        name = signal.Signals(-status).name if -status in list(signal.Signals) else f"signal {-status}"
        return f"it crashes the process ({name}){self._output.last_words()}"

    def kill(self) -> None:
        """Ask the supervisor to kill the child and all that it left, and kill it when it does not."""
        if self._wait(False) is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGTERM)
        deadline = time.monotonic() + _PATIENCE_S
        while self._wait(False) is None and time.monotonic() < deadline:
            time.sleep(0.005)
        for kill in (os.killpg, os.kill) if self._wait(False) is None else ():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self._pid, signal.SIGKILL)

    def close(self) -> None:
        """End it and whatever it started, and remove its files."""
        _CHILDREN.discard(self)
        self.kill()
        self._wait(True)
        _ENDS.difference_update(self._ends)
        for descriptor in (self._questions, self._answers):
            os.close(descriptor)
        self._output.close()
        shutil.rmtree(self._home, ignore_errors=True)
        self._done()


class _Output:
    """Read what a child prints as it comes, and keep the end of it: a child may print for ever."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._tail = b""
        self._thread = threading.Thread(target=self._read, daemon=True, name="crucible-conformance-output")
        self._thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(self._descriptor, _CHUNK):
                self._tail = (self._tail + chunk)[-_KEPT_OUTPUT:]

    def forget(self) -> None:
        self._tail = b""

    def last_words(self) -> str:
        last = self._tail.decode(errors="replace").strip().rpartition("\n")[2][-300:]
        return f"; it printed: {last}" if last else ""

    def close(self) -> None:
        self._thread.join(timeout=1.0)  # all writers are dead; a stray process of the stage's may hold the pipe
        os.close(self._descriptor)


class Told:
    """How a process ended, as its supervisor writes it to a pipe; it did not end well where nothing is written.

    Args:
        descriptor: The end to read.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._code: int | None = None
        _ENDS.add(descriptor)

    def __call__(self, block: bool) -> int | None:
        """Return the exit code, negative for a signal; None where the process runs.

        Args:
            block: Wait until it has ended.
        """
        if self._code is None and (block or self._is_written()):
            data = os.read(self._descriptor, CODE_BYTES)
            self._code = int.from_bytes(data, "big", signed=True) if data else -signal.SIGKILL
            _ENDS.discard(self._descriptor)
            os.close(self._descriptor)
        return self._code

    def _is_written(self) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self._descriptor, selectors.EVENT_READ)
            return bool(selector.select(0))


_CHILDREN: set[Child] = set()


def close_descriptors() -> None:
    """Close, after a fork, what leads to the children of the process that was forked."""
    for end in _ENDS:
        os.close(end)


@atexit.register
def _close_all() -> None:
    """End what nobody closed, such as the processes of a check that was called by hand."""
    for child in list(_CHILDREN):
        child.close()
