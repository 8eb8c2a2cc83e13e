"""Do something in a copy of this process, so that this one stays as it is."""

from __future__ import annotations

import json
import os
import select
import signal
import time
import warnings
from collections.abc import Callable
from io import FileIO
from typing import Any, NoReturn

_CHUNK = 1 << 16


def in_copy(work: Callable[[], dict[str, Any]], timeout: float) -> dict[str, Any]:
    """Return what a function returns in a fork of this process; ``{"error": how it ended}`` where it does not return.

    Args:
        work: Returns JSON values.
        timeout: Seconds it may take; then it is killed.
    """
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 warns of threads; those of libraries, which sleep
        pid = os.fork()
    if pid == 0:
        _answer(work, writer)
    os.close(writer)
    with os.fdopen(reader, "rb", buffering=0) as stream:
        line = _line(stream, time.monotonic() + timeout)
    if line is None:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if line is None:
        return {"error": f"it was not done after {timeout:g} s and was killed"}
    if line.endswith(b"\n"):
        answer: dict[str, Any] = json.loads(line)
        return answer
    code = os.waitstatus_to_exitcode(status)
    return {"error": f"it ends the process with {f'exit status {code}' if code >= 0 else f'signal {-code}'}"}


def _line(stream: FileIO, deadline: float) -> bytes | None:
    """Return all that is written until the other end is closed; None where that takes too long."""
    found = b""
    while select.select([stream], [], [], max(0.0, deadline - time.monotonic()))[0]:
        chunk = stream.read(_CHUNK)
        if not chunk:
            return found
        found += chunk
        if found.endswith(b"\n"):
            return found
    return None


def _answer(work: Callable[[], dict[str, Any]], writer: int) -> NoReturn:
    pid = os.getpid()
    status = 1
    try:
        line = json.dumps(work()).encode() + b"\n"
        if os.getpid() == pid:  # else the work forked, and this is the other branch
            with os.fdopen(writer, "wb") as stream:
                stream.write(line)
            status = 0
    finally:
        os._exit(status)
