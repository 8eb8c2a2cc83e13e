"""What ends a run from outside: Ctrl-C, and SIGTERM, taken as Ctrl-C is, so that the run's record is closed."""

from __future__ import annotations

import signal
from typing import NoReturn

INTERRUPTED, TERMINATED = 130, 143
"""Exit codes after Ctrl-C and SIGTERM."""

GRACE_S, MAX_GRACE_S = 10.0, 86_400.0
"""Seconds that a stage has to end by itself, when nothing else is said and at most."""


class Terminated(SystemExit, KeyboardInterrupt):
    """SIGTERM: an exit with its own code, which nothing that lets Ctrl-C pass holds up."""

    def __init__(self) -> None:
        super().__init__(TERMINATED)


def interrupt_on_sigterm() -> None:
    """Raise `Terminated` in the main thread when SIGTERM comes, from now on."""
    signal.signal(signal.SIGTERM, terminate)


def terminate(_: int, __: object) -> NoReturn:
    """Handle SIGTERM."""
    raise Terminated
