"""Processes that have the core imported and do nothing but be forked: each stage gets a copy instead of a new start.

Starting an interpreter and importing the core takes a third of a second of processor time, more than most stages need
for everything else. What is forked has imported nothing of any stage.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

__all__ = ["Nursery", "NurseryGoneError", "leave_nurseries", "nurseries_kept", "released", "taken"]

_START = (
    "import json, sys; job = json.loads(sys.argv[1]); sys.path[:] = job['path']; "
    "from crucible_core.testing.nursing import nurse; nurse(job['socket'])"
)
_AT_START = ("PYTHON", "PYDANTIC_", "LC_", "LANG", "LD_", "DYLD_", "MALLOC_", "GLIBC_", "HOME", "PATH")
"""Beginnings of the names of variables that an interpreter, or what the core imports, looks at when it starts."""
_NUMBER = 8
_PATIENCE_S = 5.0


class NurseryGoneError(Exception):
    """The process to be forked is gone."""


class Nursery:
    """One process to be forked.

    Args:
        flags: Options of its interpreter.
        environ: Its environment, all that matters before a child gets one of its own.

    Attributes:
        users: How many children are in use.
    """

    def __init__(self, flags: Iterable[str], environ: Mapping[str, str]) -> None:
        self.users = 0
        self._lock = threading.Lock()
        self._ours, theirs = socket.socketpair()
        path = [os.path.abspath(each) for each in sys.path]  # noqa: PTH100 - "" is the working directory
        with theirs:
            said = json.dumps({"path": path, "socket": theirs.fileno()})
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
                [sys.executable, "-P", *flags, "-c", _START, said],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env=dict(environ),
            )

    def born(self, job: Mapping[str, Any], descriptors: Iterable[int]) -> int:
        """Fork it; return the process id of the child.

        Args:
            job: What the child is to do, as `nursing` has it.
            descriptors: File descriptors that the child gets.

        Raises:
            NurseryGoneError: It does not answer.
        """
        data = json.dumps(job).encode()
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
        with self._lock:
            try:
                self._ours.sendmsg([len(data).to_bytes(_NUMBER, "big")], rights)
                self._ours.sendall(data)
                answer = self._ours.recv(_NUMBER, socket.MSG_WAITALL)
            except OSError as error:
                raise NurseryGoneError from error
        if len(answer) < _NUMBER:
            raise NurseryGoneError
        return int.from_bytes(answer, "big")

    def leave(self) -> None:
        """Have no more to do with it."""
        self._ours.close()

    def close(self) -> None:
        """End it; it waits for its children, which have ended or are about to."""
        self.leave()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


_NURSERIES: dict[Any, Nursery] = {}
_KEEPING: list[None] = []
_LOCK = threading.Lock()


def taken(flags: tuple[str, ...], environ: Mapping[str, str]) -> Nursery:
    """Return the process that these flags and this environment ask for, started where there is none.

    It is to be released.
    """
    at_start = {name: value for name, value in environ.items() if name.startswith(_AT_START)}
    key = flags, frozenset(at_start.items())
    with _LOCK:
        if key not in _NURSERIES:
            _NURSERIES[key] = Nursery(flags, at_start)
        found = _NURSERIES[key]
        found.users += 1
    return found


def released(nursery: Nursery, *, gone: bool = False) -> None:
    """Give one back that was taken; it ends when nobody uses it, unless it is to be kept.

    Args:
        nursery: Which one.
        gone: Whether it is gone, so that nobody else is to get it.
    """
    with _LOCK:
        nursery.users -= 1
        for key in [key for key, each in _NURSERIES.items() if each is nursery and gone]:
            del _NURSERIES[key]
    if gone:
        nursery.close()
    _end_unused()


@contextlib.contextmanager
def nurseries_kept() -> Iterator[None]:
    """Keep meanwhile what was started, for the stages to come."""
    with _LOCK:
        _KEEPING.append(None)
    try:
        yield
    finally:
        with _LOCK:
            _KEEPING.pop()
        _end_unused()


def leave_nurseries() -> None:
    """Let a fork of this process have nothing to do with them."""
    for each in _NURSERIES.values():
        each.leave()


def _end_unused() -> None:
    with _LOCK:
        unused = [] if _KEEPING else [key for key, each in _NURSERIES.items() if not each.users]
        ending = [_NURSERIES.pop(key) for key in unused]
    for each in ending:
        each.leave()  # so that they end side by side
    for each in ending:
        each.close()


@atexit.register
def _end_all() -> None:
    _KEEPING.clear()
    _end_unused()
