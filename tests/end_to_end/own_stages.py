"""Stages that end-to-end tests put beside their specs, as a user would."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import Any

from crucible_core import Context, Stage, StageError, StageOptions, Traits, Verdict


class Measure(Stage):
    """Measure something and say why."""

    name = "measure"
    version = "1.0.0"
    writes = ("metrics.{id}",)

    class Options(StageOptions):
        value: float = 0.5
        name: str = "loss"

    def run(self, context: Context, options: Any) -> Context:
        runtime = context.runtime
        for done in range(3):
            runtime.progress(done, 3)
            runtime.log_metric(options.name, options.value, done)
        runtime.decide("use the mean — größer", "it is robust", ["use the median"], 0.9)
        runtime.artifact_path("note.txt").write_text("é", encoding="utf-8")
        return context.put_metric(runtime.stage_id, {options.name: options.value})


class Gate(Stage):
    """Judge."""

    name = "gate"
    version = "1.0.0"

    class Options(StageOptions):
        passes: bool = False

    def run(self, context: Context, options: Any) -> Context:
        return context.put_verdict(Verdict("Is it fair?", options.passes, "It was measured."))


class Crash(Stage):
    """Fail."""

    name = "crash"
    version = "1.0.0"

    def run(self, context: Context, options: Any) -> Context:
        raise ZeroDivisionError("nobody foresaw this")


class Refuse(Stage):
    """Fail in a foreseen way."""

    name = "refuse"
    version = "1.0.0"
    errors = {"too_cold": "It is too cold."}

    def run(self, context: Context, options: Any) -> Context:
        raise StageError("too_cold", "it is too cold; heat")


class Wait(Stage):
    """Say so and wait for a signal; when interrupted, wait again as often as asked."""

    name = "wait"
    version = "1.0.0"

    class Options(StageOptions):
        again: int = 0

    def run(self, context: Context, options: Any) -> Context:
        for _ in range(options.again):
            try:
                self._wait()
            except KeyboardInterrupt:
                continue
        self._wait()
        return context

    def _wait(self) -> None:
        print("waiting", flush=True)  # noqa: T201 - what the test waits for
        time.sleep(600)


class Listen(Stage):
    """Say so and wait until the run is to stop."""

    name = "listen"
    version = "1.0.0"

    class Options(StageOptions):
        returns: bool = False
        crashes: bool = False

    def run(self, context: Context, options: Any) -> Context:
        print("waiting", flush=True)  # noqa: T201 - what the test waits for
        while not context.runtime.cancelled:
            time.sleep(0.01)
        if options.crashes:
            raise ValueError("something broke off")
        if not options.returns:
            raise StageError("cancelled", "stopped at row 5")
        return context


class Fail(Stage):
    """Say so and fail, as often as asked."""

    name = "fail"
    version = "1.0.0"
    writes = ("metrics.{id}",)

    class Options(StageOptions):
        times: int = 99

    def run(self, context: Context, options: Any) -> Context:
        print("waiting", flush=True)  # noqa: T201 - what the test waits for
        if context.runtime.attempt <= options.times:
            raise ZeroDivisionError("x")
        return context.put_metric(context.runtime.stage_id, {"attempt": context.runtime.attempt})


class Pids(Stage):
    """Tell the ids of this process and of one that it starts, and sleep."""

    name = "pids"
    version = "1.0.0"
    traits = Traits(subprocess=True, reasons={"subprocess": "It is to be left behind."})

    def run(self, context: Context, options: Any) -> Context:
        child = subprocess.Popen(["sleep", "600"])
        print("pids", os.getpid(), child.pid, flush=True)  # noqa: T201 - what the test looks for
        print("waiting", flush=True)  # noqa: T201 - what the test waits for
        time.sleep(600)
        return context


class Die(Stage):
    """Be killed."""

    name = "die"
    version = "1.0.0"

    def run(self, context: Context, options: Any) -> Context:
        os.kill(os.getpid(), signal.SIGKILL)
        return context


class Fill(Stage):
    """Record more than there is room for."""

    name = "fill"
    version = "1.0.0"

    def run(self, context: Context, options: Any) -> Context:
        for _ in range(10_000):
            context.runtime.log("x" * 1000)
        return context


class Leave(Stage):
    """Call sys.exit()."""

    name = "leave"
    version = "1.0.0"

    def run(self, context: Context, options: Any) -> Context:
        raise SystemExit(5)


class Killed(Stage):
    """Be killed once; go through when a run goes on."""

    name = "killed"
    version = "1.0.0"

    def run(self, context: Context, options: Any) -> Context:
        if context.runtime.attempt == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return context
