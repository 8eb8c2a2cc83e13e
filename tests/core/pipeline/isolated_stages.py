"""Stages that tests run in processes of their own."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from crucible_core import Context, Stage, StageError, StageOptions, Table, Traits, Verdict


class Thing:
    """A value of a class of one's own."""

    def __init__(self, n: int) -> None:
        self.n = n


class Work(Stage):
    """Do everything a stage may do."""

    writes = ("metrics.{id}", "assigns.made", "outputs", "artifacts.{id}")
    pickled = ("assigns.made",)

    class Options(StageOptions):
        rows: int = 2

    def run(self, context: Context, options: Any) -> Context:
        runtime = context.runtime
        runtime.log_metric("loss", float("nan"), 0)
        runtime.decide("go", "why not", ["stop"], 0.5)
        path = runtime.artifact_path("deep/weights.bin")
        path.write_bytes(b"weights")
        runtime.checkpoint("epoch 1", path)
        runtime.progress(1, 2)
        runtime.log("half", "warning", left=1)
        runtime.emit("demo.event", things=(1, 2))
        facts = {
            "seed": runtime.seed,
            "draw": runtime.rng("x").random(),
            "attempt": runtime.attempt,
            "stages": [stage.id for stage in runtime.plan.stages],
            "writes": list(runtime.plan.stages[0].writes),
            "run_id": runtime.record()["run_id"],
            "completed": list(context.completed_stages),
            "reasons": [event.payload["decision"] for event in context.trace],
        }
        return (
            context.put_metric(runtime.stage_id, facts)
            .assign(made=Thing(len(context.outputs)))
            .add_outputs({"n": n} for n in range(options.rows))
            .put_artifact(runtime.stage_id, Table(("a",), ((1,),), "t"))
            .put_verdict(Verdict("Good?", True, "Yes."))
        )


class Shrink(Stage):
    """Leave out what is there."""

    def run(self, context: Context, options: Any) -> Context:
        return Context(
            experiment_id=context.experiment_id,
            run_id=context.run_id,
            experiment=context.experiment,
            outputs=[{"n": "new"}],
            assigns={"big": context.assigns["big"]},
            trace=context.trace,
            runtime=context.runtime,
        )


class Die(Stage):
    """End the process."""

    class Options(StageOptions):
        how: str = "kill"
        times: int = 99

    def run(self, context: Context, options: Any) -> Context:
        if context.runtime.attempt > options.times:
            return context
        context.runtime.log_metric("before", 1)
        print("last words")  # noqa: T201 - what it printed is not to be lost
        if options.how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if options.how == "term":
            os.kill(os.getpid(), signal.SIGTERM)
        if options.how == "segfault":
            ctypes.string_at(0)
        os._exit(int(options.how))


class End(Stage):
    """End in one of the ways in which stages end."""

    errors = {"too_few": "Too few."}

    class Options(StageOptions):
        how: str

    def run(self, context: Context, options: Any) -> Any:
        ways: dict[str, BaseException] = {
            "crash": ZeroDivisionError("x"),
            "foreseen": StageError("too_few", "got 1", n=1),
            "exit": SystemExit(3),
            "interrupt": KeyboardInterrupt(),
        }
        if options.how in ways:
            raise ways[options.how]
        if options.how == "lock":
            return context.assign(fine=1, lock=threading.Lock())
        return {"none": None, "coroutine": _coroutine(), "other": Context()}[options.how]


async def _coroutine() -> None:
    """Be awaited by nobody."""


class Sleep(Stage):
    """Start a process, say so, and sleep for ever; ``stubborn`` also when told to end."""

    traits = Traits(subprocess=True, reasons={"subprocess": "It is to be left behind."})

    class Options(StageOptions):
        pids: str
        stubborn: bool = False

    def run(self, context: Context, options: Any) -> Context:
        child = subprocess.Popen(["sleep", "600"])
        said = Path(options.pids)
        said.with_suffix(".part").write_text(json.dumps([os.getpid(), child.pid]))
        said.with_suffix(".part").rename(said)
        while True:
            try:
                time.sleep(600)
            except BaseException:
                context.runtime.log_metric("told", 1)
                if not options.stubborn:
                    raise


class Listen(Stage):
    """Say that it runs, and stop when the run is to."""

    class Options(StageOptions):
        said: str
        returns: bool = False

    def run(self, context: Context, options: Any) -> Context:
        Path(options.said).touch()
        while not context.runtime.cancelled:
            time.sleep(0.01)
        if not options.returns:
            raise StageError("cancelled", "stopped at row 5")
        return context.assign(done=True)


class Many(Stage):
    """Report much, from several threads."""

    writes = ("metrics.{id}",)

    def run(self, context: Context, options: Any) -> Context:
        def report(name: str) -> None:
            for step in range(500):
                context.runtime.log_metric(name, step, step)

        threads = [threading.Thread(target=report, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return context.put_metric(context.runtime.stage_id, 1)


class ReadJournal(Stage):
    """Look into the journal right after a checkpoint was registered."""

    writes = ("metrics.{id}",)

    def run(self, context: Context, options: Any) -> Context:
        path = context.runtime.artifact_path("c.bin")
        path.touch()
        context.runtime.checkpoint("c", path)
        lines = (path.parents[2] / "telemetry.jsonl").read_text().splitlines()
        return context.put_metric(context.runtime.stage_id, json.loads(lines[-1])["event_name"])


class Edit(Stage):
    """Append to a file."""

    class Options(StageOptions):
        file: str

    def run(self, context: Context, options: Any) -> Context:
        with Path(options.file).open("a") as stream:
            stream.write("\n# edited meanwhile\n")
        return context


class Speak(Stage):
    """Print to both streams, from another process too."""

    def run(self, context: Context, options: Any) -> Context:
        print("größe on stdout")  # noqa: T201
        print("words on stderr", file=sys.stderr)  # noqa: T201
        subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)
        return context


class Hold(Stage):
    """Leave a process behind that holds the pipes and prints for ever."""

    def run(self, context: Context, options: Any) -> Context:
        if os.fork() == 0:
            with contextlib.suppress(OSError):
                while True:
                    os.write(1, b"x" * 1000)
            os._exit(0)
        return context.assign(done=True)


class Unloadable(Stage):
    """Cannot be made in the process it runs in."""

    def __init__(self) -> None:
        if "crucible_core.pipeline.execution.worker" in sys.modules and len(sys.argv) == 3:
            raise RuntimeError("not here")

    def run(self, context: Context, options: Any) -> Context:
        return context


class Rigid(Stage):
    """Does not pickle."""

    traits = Traits(picklable=False, reasons={"picklable": "It holds a connection."})

    def run(self, context: Context, options: Any) -> Context:
        return context
