"""Do something in a copy of this process, so that this one stays as it is."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable
from typing import Any, NoReturn


def in_copy(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a function returns in a fork of this process; ``{"error": how it ended}`` where it does not return.

    Args:
        work: Returns JSON values.
    """
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 warns of threads; those of libraries, which sleep
        pid = os.fork()
    if pid == 0:
        _answer(work, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        line = stream.readline()
    _, status = os.waitpid(pid, 0)
    if line.endswith(b"\n"):
        answer: dict[str, Any] = json.loads(line)
        return answer
    code = os.waitstatus_to_exitcode(status)
    return {"error": f"it ends the process with {f'exit status {code}' if code >= 0 else f'signal {-code}'}"}


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
