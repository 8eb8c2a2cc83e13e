"""Stages that can be stopped from outside, for runs that go on; named in specs as ``resume_stages:Class``."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from crucible_core import Context, Dataset, DatasetManifest, Figure, Stage, StageError, StageOptions, Verdict


def note(stage_id: str) -> None:
    """Leave word that a stage ran."""
    with Path("ran.txt").open("a", encoding="utf-8") as stream:
        stream.write(f"{stage_id}\n")


class Work(Stage):
    """Write something of every kind, and die where a file says so."""

    name = "work"
    version = "1.0.0"
    writes = ("metrics.{id}", "assigns.{id}", "artifacts.{id}", "outputs")
    errors = {"told_to_fail": "A file says so."}

    class Options(StageOptions):
        value: float = 1.0

    def run(self, context: Context, options: Any) -> Context:
        runtime = context.runtime
        note(runtime.stage_id)
        runtime.artifact_path("deep/file.txt").write_text(runtime.stage_id * 10)
        runtime.decide("go on", "nothing speaks against it", ["stop"])
        for order, act in (("kill", _kill), ("interrupt", _interrupt), ("fail", _fail), ("crash", _crash)):
            if Path(f"{order}-{runtime.stage_id}").exists():
                act()
        drawn = runtime.rng().random()
        context = context.put_metric(runtime.stage_id, {"value": options.value, "nan": float("nan"), "drawn": drawn})
        context = context.add_outputs(
            [{"id": f"{runtime.stage_id}-{n}", "score": float("inf"), "n": n} for n in range(3)]
        )
        context = context.put_verdict(Verdict("Does it work?", True, "It does.", (0.25, float("inf"))))
        context = context.put_artifact(runtime.stage_id, Figure(svg="<svg/>", title=runtime.stage_id, alt="nothing"))
        manifest = DatasetManifest(source="here", sha256="0" * 64, rows=1, columns=("a",))
        kept = {"tuple": (1, 2.5), "set": {1, 2}, "large": list(range(3000)), "data": Dataset([{"a": 1}], manifest)}
        return context.assign({runtime.stage_id: kept, "last": runtime.stage_id})


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _interrupt() -> None:
    raise KeyboardInterrupt


def _fail() -> None:
    raise StageError("told_to_fail", "a file says so")


def _crash() -> None:
    raise ZeroDivisionError


class Handle:
    """Something no codec keeps."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.call = lambda: name


class Ephemeral(Stage):
    """Hand on a value that nothing can keep."""

    name = "ephemeral"
    version = "1.0.0"
    writes = ("assigns.{id}", "metrics.{id}")
    ephemeral = ("assigns.{id}",)

    def run(self, context: Context, options: Any) -> Context:
        note(context.runtime.stage_id)
        context = context.put_metric(context.runtime.stage_id, _said())
        return context.assign({context.runtime.stage_id: Handle("made again")})


class Handed(Ephemeral):
    """Hand on a value that nothing can keep, or fail where a file says so."""

    name = "handed"
    errors = {"told_to_fail": "A file says so."}

    def run(self, context: Context, options: Any) -> Context:
        if Path(f"fail-{context.runtime.stage_id}").exists():
            _fail()
        return super().run(context, options)


def _said() -> str:
    path = Path("said.txt")
    return path.read_text(encoding="utf-8") if path.exists() else "the same"


class Undeclared(Stage):
    """Hand on a value that nothing can keep, and not say so."""

    name = "undeclared"
    version = "1.0.0"
    writes = ("assigns.handle",)

    def run(self, context: Context, options: Any) -> Context:
        return context.assign(handle=Handle("lost"))


class Pickled(Stage):
    """Hand on a value that may be pickled."""

    name = "pickled"
    version = "1.0.0"
    writes = ("assigns.point",)
    pickled = ("assigns.point",)

    def run(self, context: Context, options: Any) -> Context:
        note(context.runtime.stage_id)
        return context.assign(point=Point(1, 2))


class Point:
    """A value of a plain class."""

    def __init__(self, x: int, y: int) -> None:
        self.x, self.y = x, y


class Forget(Stage):
    """Return a context made from scratch, without what was there."""

    name = "forget"
    version = "1.0.0"
    writes = ("assigns.new",)

    def run(self, context: Context, options: Any) -> Context:
        note(context.runtime.stage_id)
        return Context(
            experiment_id=context.experiment_id,
            run_id=context.run_id,
            experiment=context.experiment,
            outputs=[{"id": "only"}],
            assigns={"new": 1},
            metrics={"kept": 1},
            runtime=context.runtime,
        )


class ChangesInPlace(Stage):
    """Change a value and rows where they are."""

    name = "changes_in_place"
    version = "1.0.0"
    reads = ("assigns.rows", "outputs")
    writes = ("assigns.rows", "outputs")

    def run(self, context: Context, options: Any) -> Context:
        for row in context.outputs:
            row["prediction"] = 1
        rows = context.assigns["rows"]
        rows.append(len(rows))
        return context


class TellsRows(Stage):
    """Say what there is, or die where a file says so."""

    name = "tells_rows"
    version = "1.0.0"
    reads = ("assigns.rows", "outputs")
    writes = ("metrics.{id}",)

    def run(self, context: Context, options: Any) -> Context:
        note(context.runtime.stage_id)
        if Path(f"kill-{context.runtime.stage_id}").exists():
            _kill()
        said = {"rows": list(context.assigns["rows"]), "outputs": [dict(row) for row in context.outputs]}
        return context.put_metric(context.runtime.stage_id, said)


class Lone(Stage):
    """Depend on nothing."""

    name = "lone"
    version = "1.0.0"
    writes = ("metrics.{id}",)

    def run(self, context: Context, options: Any) -> Context:
        note(context.runtime.stage_id)
        return context.put_metric(context.runtime.stage_id, 1)


class ReadsA(Lone):
    """Depend on what the stage a writes."""

    name = "reads_a"
    may_read = ("metrics.a",)

    def run(self, context: Context, options: Any) -> Context:
        note(context.runtime.stage_id)
        return context.put_metric(context.runtime.stage_id, 1 if "a" in context.metrics else 0)
