"""The stages."""

import importlib
from pathlib import Path
from typing import Annotated, Any

import acme.sub
import acme_numbers
from acme import UNIT
from acme.base import Cacheable
from acme.constants import FACTOR
from acme.starred import *
from crucible_core import Spec, StageOptions, Verdict

from .scaling import scaled


class Score(Cacheable):
    """Turn everything it is given into a number."""

    name = "score"
    version = "1.0.0"
    section = "params"
    may_read = ("assigns.data", "assigns.frame", "outputs", "metrics.make")
    writes = ("metrics.{id}", "assigns.scored", "artifacts.{id}")

    class Options(StageOptions):
        """Its options."""

        weight: float = 1.0
        anything: Annotated[Any, Spec("any")] = None
        table: dict[str, float] = {}
        path: Annotated[str | None, Spec({"nullable": "path"})] = None
        named: str | None = None
        ports: Annotated[dict[str, str], Spec({"map": ["string", "module"]})] = {}
        function: Annotated[str | None, Spec({"nullable": "module"})] = None
        passes: bool = True

    def run(self, context, options):
        """Leave one of each kind of result."""
        from acme.late import total

        by_name = importlib.import_module("acme.by_name")
        value = self.shifted(scaled(total(context.assigns.get("data", [])), FACTOR * UNIT * options.weight))
        value = acme.sub.inner.rounded(starred(by_name.named(acme_numbers.same(value))))
        file = context.runtime.artifact_path("values/score.txt")
        file.write_text(f"{value}\n")
        script = context.runtime.artifact_path("run.sh")
        script.write_text("#!/bin/sh\n")
        script.chmod(0o755)
        if options.path is not None and Path(options.path).is_file():
            value += len(Path(options.path).read_bytes())
        context = context.assign(scored={"value": value, "pair": (1, float("nan")), "file": str(file)})
        context = context.put_artifact(context.runtime.stage_id, {"said": [value]})
        context = context.add_outputs([{"id": context.runtime.stage_id, "score": value}])
        context = context.put_verdict(Verdict("Is it good?", options.passes, f"It is {value}."))
        return context.put_metric(context.runtime.stage_id, {"value": value, "draw": context.runtime.rng().random()})
