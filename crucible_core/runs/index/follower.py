"""The process that pushes runs to a shared index: it reads what their journals say, and writes it there."""

from __future__ import annotations

import json
import os
import select
import time
from pathlib import Path

from crucible_core.contract.errors import named
from crucible_core.runs.index.pushing import Pushing

__all__ = ["follow_runs"]

_LOOK_S = 0.5
"""How often a journal is looked at."""

_LAST_PUSH_S = 10.0
"""How long runs that were missed before are pushed after a run; what is left then is left to the next."""


def follow_runs(url: str) -> None:
    """Push one run after the other, as standard input names them, and say on standard output when one is pushed.

    A line ``{"run_dir": ...}`` begins a run, a line ``{}`` ends it and is answered by a list of what a person should
    know. Where the process that writes them is gone, so is the run: what is left of it is pushed, then this one ends.

    Args:
        url: Where the index is.
    """
    orders, parent = _Orders(), os.getppid()
    pushing = Pushing(url)
    while order := orders.next(None):
        pushing.begin(Path(json.loads(order)["run_dir"]))
        end: bytes | None = None
        while end is None and os.getppid() == parent:
            try:
                pushing.look()
            except Exception as error:  # noqa: BLE001 - whatever the journal holds, the end of the run is pushed yet
                pushing.give_up(f"the run could not be pushed while it went on: {named(error)}")
            end = orders.next(_LOOK_S)
        notes = pushing.finish(until=time.monotonic() + _LAST_PUSH_S)
        if not end:
            break
        os.write(1, json.dumps(notes).encode() + b"\n")
    pushing.close()


class _Orders:
    """Lines from standard input, waited for as long as wanted."""

    def __init__(self) -> None:
        self._read = b""

    def next(self, timeout_s: float | None) -> bytes | None:
        """Return the next line; None where none comes in time, and empty where none will come any more."""
        while b"\n" not in self._read:
            if not select.select([0], [], [], timeout_s)[0]:
                return None
            more = os.read(0, 1 << 16)
            if not more:
                return b""
            self._read += more
        line, _, self._read = self._read.partition(b"\n")
        return line
