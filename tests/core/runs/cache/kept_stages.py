"""Stages of whose results some can be kept; named in specs as ``kept_stages:Class``."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Annotated, Any

from pydantic import SecretStr

from crucible_core import Context, Spec, Stage, StageError, StageOptions, Traits

CALLS: list[str] = []
"""The stages that really ran, in order."""

STOPS: list[Event] = []
"""What stops the run once the stage that looks at that has begun."""


class Plain(Stage):
    """Leave a number."""

    name = "plain"
    version = "1.0.0"
    writes = ("metrics.{id}",)
    traits = Traits(cacheable=True)

    def run(self, context: Context, options: Any) -> Context:
        CALLS.append(context.runtime.stage_id)
        return self.work(context, options).put_metric(context.runtime.stage_id, {"n": 1})

    def work(self, context: Context, options: Any) -> Context:
        return context


class Random(Plain):
    """Not repeatable."""

    traits = Traits(cacheable=True, determinism="none", reasons={"determinism": "It rolls dice."})


class Unwilling(Plain):
    """Repeatable, but not to be kept."""

    traits = Traits()


class Clock(Plain):
    """Look at the time."""

    def work(self, context: Context, options: Any) -> Context:
        return context.assign(now=context.runtime.clock().isoformat())


class Record(Plain):
    """Look at the record."""

    def work(self, context: Context, options: Any) -> Context:
        return context.assign(seen=len(context.runtime.record()))


class Secret(Plain):
    """Use a secret."""

    class Options(StageOptions):
        token: SecretStr | None = None
        plain: Annotated[str, Spec("secret")] = ""


class Foreign:
    """A value that nothing can encode."""

    def __init__(self) -> None:
        self.handle = object()


class MakesForeign(Stage):
    """Put something into the context that no codec keeps."""

    name = "makes_foreign"
    version = "1.0.0"
    writes = ("assigns.foreign",)
    ephemeral = ("assigns.foreign",)

    def run(self, context: Context, options: Any) -> Context:
        return context.assign(foreign=Foreign())


class ReadsForeign(Plain):
    """Read something that no codec keeps."""

    reads = ("assigns.foreign",)


class Ephemeral(Plain):
    """Write something that is made again."""

    ephemeral = ("assigns.foreign",)


class Twice(Plain):
    """Fail at the first attempt."""

    errors = {"not_yet": "It is the first attempt."}

    def work(self, context: Context, options: Any) -> Context:
        if context.runtime.attempt == 1:
            raise StageError("not_yet", "once more")
        return context


class Link(Plain):
    """Leave a link among its files."""

    def work(self, context: Context, options: Any) -> Context:
        context.runtime.artifact_path("link").symlink_to("/etc/hostname")
        return context


class BigPath(Plain):
    """Name its own file in a value that becomes an object."""

    writes = ("metrics.{id}", "assigns.big")

    def work(self, context: Context, options: Any) -> Context:
        path = context.runtime.artifact_path("file")
        path.write_text("x")
        return context.assign(big=[str(path), "x" * 10_000])


class ChangesRows(Plain):
    """Change outputs that it does not say it reads."""

    writes = ("metrics.{id}", "outputs")

    def work(self, context: Context, options: Any) -> Context:
        rows = [{**row, "more": 1} for row in context.outputs]
        return context._with("outputs", type(context.outputs)(rows))


class ChangesItsFile(Plain):
    """Change a file that its options name."""

    class Options(StageOptions):
        path: Annotated[str, Spec("path")]

    def work(self, context: Context, options: Any) -> Context:
        Path(options.path).write_text("changed")
        return context


class Files(Plain):
    """Say what its options name."""

    class Options(StageOptions):
        path: Annotated[str | None, Spec({"nullable": "path"})] = None
        many: Annotated[list[str], Spec({"list": "path"})] = []


class RunId(Plain):
    """Say which run it is in."""

    def work(self, context: Context, options: Any) -> Context:
        return context.assign(said=context.run_id)


class Trace(Plain):
    """Say what was decided before."""

    def work(self, context: Context, options: Any) -> Context:
        return context.assign(said=len(context.trace))


class Nosy(Plain):
    """Look at what it need not declare, as far as it is told."""

    class Options(StageOptions):
        looks_at: str = "experiment"

    def work(self, context: Context, options: Any) -> Context:
        if options.looks_at == "experiment":
            return context.assign(said=context.experiment.description)
        if options.looks_at == "telemetry":
            who = context.telemetry_context.get("who")
            return context.assign(said=f"{who} {context.experiment_id if who == 'curious' else ''}")
        if options.looks_at == "stages":
            return context.assign(said=list(context.completed_stages))
        return context.assign(said=len(context.verdicts))


class WritesFile(Stage):
    """Write a file, and hand its path on."""

    name = "writes_file"
    version = "1.0.0"
    writes = ("assigns.foreign",)

    class Options(StageOptions):
        content: str
        form: str

    def run(self, context: Context, options: Any) -> Context:
        path = context.runtime.artifact_path("file")
        path.write_text(options.content)
        return context.assign(foreign=options.form.format(path))


class Telling(Plain):
    """Decide something, and log a metric."""

    def work(self, context: Context, options: Any) -> Context:
        context.runtime.decide("go on", "why not")
        context.runtime.log_metric("loss", 0.5, step=1)
        return context


class Duck:
    """A stage that inherits from nothing and takes options in the order in which they come."""

    def describe(self, options: Any = None) -> dict[str, Any]:
        return {
            "name": "duck",
            "description": "A duck.",
            "version": "1.0.0",
            "writes": ["metrics.{id}"],
            "optional": ["a", "b"],
            "types": {"a": "integer", "b": "integer"},
            "traits": {"cacheable": True},
        }

    def run(self, context: Context, options: Any) -> Context:
        CALLS.append(context.runtime.stage_id)
        return context.put_metric(context.runtime.stage_id, {"first": next(iter(options), None)})


class UntilTold(Plain):
    """Work until a deadline, or until the run is to stop, and return what there is."""

    class Options(StageOptions):
        by: str = "deadline"

    def work(self, context: Context, options: Any) -> Context:
        runtime = context.runtime
        if options.by == "deadline":
            return context.assign(done=0 if runtime.deadline else 1)
        if options.by == "remaining":
            return context.assign(done=0 if runtime.remaining() else 1)
        for stop in STOPS:
            stop.set()
        return context.assign(done=0 if runtime.cancelled else 1)


class ChangesInPlace(Plain):
    """Change a value where it is, and hand the same object on."""

    reads = ("assigns.rows",)
    writes = ("assigns.rows", "metrics.{id}")

    def work(self, context: Context, options: Any) -> Context:
        rows = context.assigns["rows"]
        rows.append(2)
        return context.assign(rows=rows)


class Sum(Plain):
    """Say what there is."""

    reads = ("assigns.rows",)

    def work(self, context: Context, options: Any) -> Context:
        return context.assign(sum=sum(context.assigns["rows"]))
