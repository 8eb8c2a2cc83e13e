"""What is to happen when a step of a pipeline fails, as data."""

from __future__ import annotations

from enum import StrEnum


class Isolation(StrEnum):
    """Where a stage runs, when not in the process of the run."""

    PROCESS = "process"


class OnFailure(StrEnum):
    """What becomes of a run in which a stage failed."""

    STOP = "stop"
    CONTINUE = "continue"
    SKIP_REST = "skip_rest"
