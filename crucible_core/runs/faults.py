"""Named points at which tests kill a process, to see what it leaves behind; nothing where no test asks."""

from __future__ import annotations

import os
import signal
from collections import Counter

POINT, LOG = "CRUCIBLE_FAULT_POINT", "CRUCIBLE_FAULT_LOG"
"""Environment: ``name`` or ``name:n``, the n-th reaching of which kills; and the file that gets every name reached."""


def reached(name: str) -> None:
    """Say that a boundary is reached: what came before it is done, what comes after has not begun.

    With ``CRUCIBLE_FAULT_POINT`` set to this name the process ends here by SIGKILL, and cleans up nothing.
    """


class FaultPoints:
    """What the environment asks for.

    Args:
        point: ``name`` or ``name:n``; empty to kill nothing.
        log: A file that gets a line with each name, before the process is killed there; empty for none.
    """

    def __init__(self, point: str, log: str) -> None:
        self._name, _, count = point.partition(":")
        self._count = int(count or 1)
        self._log = log
        self._seen: Counter[str] = Counter()

    def reached(self, name: str) -> None:
        """Note the name, and end the process where it is the one that was asked for."""
        if self._log:
            descriptor = os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
            os.write(descriptor, f"{name}\n".encode())
            os.close(descriptor)
        self._seen[name] += 1
        if name == self._name and self._seen[name] == self._count:
            os.kill(os.getpid(), signal.SIGKILL)


if os.environ.get(POINT) or os.environ.get(LOG):
    reached = FaultPoints(os.environ.get(POINT, ""), os.environ.get(LOG, "")).reached
