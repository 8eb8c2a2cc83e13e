"""When this process began, for telling whether a file may have changed since it was imported."""

from __future__ import annotations

import os
import time
from functools import cache

from crucible_core.runs.provenance import process_start

__all__ = ["process_began_ns"]

_ALREADY_NS = time.time_ns()
_INTERPRETER_NS = 10_000_000
"""The start is known to a hundredth of a second, rounded down; Python takes longer before it imports anything."""


@cache
def process_began_ns() -> int:
    """Return the time before which nothing was imported by this process, in nanoseconds since the epoch.

    A process that was forked keeps what its parent found, if it asked: it has its modules from there.
    """
    ticks = process_start(os.getpid())
    if ticks is None:
        return 0  # nobody can say: then every file may have changed
    running = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - ticks * (1_000_000_000 // os.sysconf("SC_CLK_TCK"))
    return min(time.time_ns() - running + _INTERPRETER_NS, _ALREADY_NS)
