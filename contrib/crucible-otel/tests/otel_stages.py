"""Stages that do what is to be seen in telemetry; runs name them by module, processes find them beside their spec."""

from __future__ import annotations

import os
import signal
import time
from typing import Annotated, Any

from pydantic import Field

from crucible_core import Context, Stage, StageError, StageOptions, Verdict


class Measure(Stage):
    """Log a metric at each step, and write what came out."""

    name = "measure"
    version = "1.2.0"
    writes = ("metrics.{id}",)

    class Options(StageOptions):
        steps: Annotated[int, Field(description="How many.")] = 3

    def run(self, context: Context, options: Any) -> Context:
        runtime = context.runtime
        for step in range(options.steps):
            runtime.log_metric("loss", 1 / (step + 1), step)
        runtime.log("measured", rows=3)
        runtime.decide("stop", "no more steps", alternatives=["go on"], confidence=0.5)
        return context.put_metric(runtime.stage_id, {"loss": 0.25, "by": {"a": 1, "b": 2}, "name": "x"})


class Judge(Stage):
    """Pass a verdict, write an artifact and tell of a checkpoint."""

    name = "judge"
    version = "1.0.0"

    def run(self, context: Context, options: Any) -> Context:
        path = context.runtime.artifact_path("model.bin")
        path.write_bytes(b"weights")
        context.runtime.checkpoint("best", path)
        context.runtime.emit("acme.epoch", number=1)
        return context.put_verdict(Verdict("Is it good?", passed=False, finding="It is not.", interval=(0.1, 0.2)))


class Refuse(Stage):
    """Fail as foreseen."""

    name = "refuse"
    version = "1.0.0"
    errors = {"too_few": "Too few."}

    def run(self, context: Context, options: Any) -> Context:
        raise StageError("too_few", "there are 2, 3 are needed", found=2)


class Crash(Stage):
    """Fail as nobody foresaw."""

    name = "crash"
    version = "1.0.0"

    def run(self, context: Context, options: Any) -> Context:
        raise KeyError("no such key \ud800")


class Interrupt(Stage):
    """Be told to stop."""

    name = "interrupt"
    version = "1.0.0"

    def run(self, context: Context, options: Any) -> Context:
        raise KeyboardInterrupt


class Third(Stage):
    """Succeed at the third attempt."""

    name = "third"
    version = "1.0.0"
    errors = {"too_early": "It is not the third."}

    def run(self, context: Context, options: Any) -> Context:
        if context.runtime.attempt < 3:
            raise StageError("too_early", f"this is attempt {context.runtime.attempt}")
        return context


class Wait(Stage):
    """Wait until the time is over."""

    name = "wait"
    version = "1.0.0"

    def run(self, context: Context, options: Any) -> Context:
        while time.monotonic() < context.runtime.deadline:
            time.sleep(0.001)
        raise StageError("timeout", "the time is over")


class Kill(Stage):
    """End the process as ``kill -9`` does, where its environment says ``KILLED``."""

    name = "kill"
    version = "1.0.0"

    def run(self, context: Context, options: Any) -> Context:
        if "KILLED" in os.environ:
            os.kill(os.getpid(), signal.SIGKILL)
        return context


class Libraries(Stage):
    """Use a library that is traced."""

    name = "libraries"
    version = "1.0.0"

    def run(self, context: Context, options: Any) -> Context:
        from opentelemetry import trace

        with trace.get_tracer("a_package").start_as_current_span("request"):
            return context
