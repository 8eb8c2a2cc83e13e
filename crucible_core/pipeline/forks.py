"""Forks of this process that a stage makes and lets come back from ``run``: they may not go on with the run."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

generation: int = 0
"""How many forks this process is away from the one that imported this module."""


def _count() -> None:
    global generation  # noqa: PLW0603 - it is about the process
    generation += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_count)


def end_fork(stage_id: str, error: BaseException | None) -> NoReturn:
    """End a fork that came back from a stage, as the exception that it came back with says, and record nothing.

    Args:
        stage_id: The stage.
        error: What was raised, if anything was.
    """
    code = error.code if isinstance(error, SystemExit) else 1
    if not isinstance(error, SystemExit):
        came_back = f"raised {type(error).__name__} out of" if error is not None else "returned from"
        words = f"crucible: a fork of this process {came_back} run() of the stage {stage_id} and ends here; end a fork "
        sys.stderr.write(f"{words}with os._exit(), or start a process with multiprocessing or subprocess\n")
        sys.stderr.flush()
    os._exit(0 if code is None else code if isinstance(code, int) else 1)
