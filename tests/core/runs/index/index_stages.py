"""Stages for runs that are looked at while they go on; named in specs as ``index_stages:Class``."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from crucible_core import Context, Stage, StageOptions
from crucible_core.runs import list_runs


class Score(Stage):
    """Measure something."""

    name = "score"
    version = "1.0.0"
    writes = ("metrics.{id}",)

    class Options(StageOptions):
        value: float = 1.0

    def run(self, context: Context, options: Any) -> Context:
        context.runtime.artifact_path("score.txt").write_text(str(options.value))
        return context.put_metric(context.runtime.stage_id, {"value": options.value})


class Gate(Stage):
    """Say through one named pipe that the run is here, and wait at another for a word."""

    name = "gate"
    version = "1.0.0"

    class Options(StageOptions):
        directory: str

    def run(self, context: Context, options: Any) -> Context:
        (Path(options.directory) / "here").write_text("here")
        (Path(options.directory) / "go").read_text()
        return context


class Die(Stage):
    """End the process as ``kill -9`` does."""

    name = "die"
    version = "1.0.0"

    def run(self, context: Context, options: Any) -> Context:
        os.kill(os.getpid(), signal.SIGKILL)
        return context


class Ask(Stage):
    """Ask about the runs beside this one."""

    name = "ask"
    version = "1.0.0"
    writes = ("assigns.seen",)

    class Options(StageOptions):
        directory: str

    def run(self, context: Context, options: Any) -> Context:
        return context.assign(seen=list_runs(options.directory))
