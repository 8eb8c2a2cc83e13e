"""SIGTERM, taken as Ctrl-C is: the run's record is closed before the process ends."""

from __future__ import annotations

import signal
from typing import NoReturn

INTERRUPTED, TERMINATED = 130, 143


class Terminated(SystemExit, KeyboardInterrupt):
    """SIGTERM: an exit with its own code, which nothing that lets Ctrl-C pass holds up."""

    def __init__(self) -> None:
        super().__init__(TERMINATED)


def interrupt_on_sigterm() -> None:
    """Raise `Terminated` in the main thread when SIGTERM comes, from now on."""
    signal.signal(signal.SIGTERM, _terminate)


def _terminate(_: int, __: object) -> NoReturn:
    raise Terminated
