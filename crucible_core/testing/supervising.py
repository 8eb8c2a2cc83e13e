"""A process that waits for the one in which a stage runs, and ends whatever that leaves behind."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from typing import Any

from crucible_core.testing.holdings import children

_PR_SET_CHILD_SUBREAPER = 36

CODE_BYTES = 8
"""How an exit code is said: so many bytes, big end first, negative for a signal."""


def supervise(questions: int, answers: int, ending: int | None = None) -> None:
    """Fork, and return in the child alone, which leads a process group of its own.

    The parent waits for it, kills what it left running, however that was started, and ends in the same way. SIGTERM
    makes it kill the child first, and so does that nobody is there any more who could ask the child anything.

    Args:
        questions: File descriptor by which the child is asked.
        answers: File descriptor by which it answers.
        ending: File descriptor by which the parent says how the child ended, beside ending in the same way itself.
    """
    adopt_orphans()
    child: list[int] = []

    def kill(*_: Any) -> None:
        for pid in child:
            os.kill(pid, signal.SIGKILL)

    signal.signal(signal.SIGTERM, kill)
    child.append(os.fork())
    if child == [0]:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        if ending is not None:
            os.close(ending)
        return
    os.close(answers)
    _watch(child[0], questions)
    code = _waited_for(child[0])
    if ending is not None:
        os.write(ending, code.to_bytes(CODE_BYTES, "big", signed=True))
    _end_like(code)


def _watch(child: int, questions: int) -> None:
    """Return when the child has ended; kill it when whoever asks it is gone, as after a SIGKILL."""
    try:
        process = os.pidfd_open(child)
    except (AttributeError, OSError):  # not Linux, or an old one: it is waited for all the same
        return
    poll = select.poll()
    poll.register(process, select.POLLIN)
    poll.register(questions, 0)  # that the other end is closed is told in any case
    if process not in dict(poll.poll()):
        os.kill(child, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of processes whose parent ends (Linux), so that what a stage leaves running can be found."""
    import ctypes

    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _waited_for(child: int) -> int:
    """Return how the child ended, once it and what it left behind is gone."""
    found = 0
    while found != child:
        found, status = os.waitpid(-1, 0)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            living, _ = children()
            for pid in living:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            os.waitpid(-1, 0)  # those that it started become ours when it is gone
    return os.waitstatus_to_exitcode(status)


def _end_like(code: int) -> None:
    if code >= 0:
        os._exit(code)
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if -code not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
    os._exit(1)
