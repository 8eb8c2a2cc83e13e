"""A long recorded run in Crucible, then going on with it: ``python long_run.py stages|metrics NUMBER``.

Prints one line of JSON: seconds of CPU, peak memory in MiB, for the run and for the resume, which is of a run that
failed in its last stage.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crucible_core import Context, RunResult, Stage, StageError, StageOptions, run


class Keep(Stage):
    """Change a value and a metric."""

    name = "keep"
    writes = ("assigns.value", "metrics.{id}")

    def run(self, context: Context, options: StageOptions) -> Context:  # noqa: ARG002 - the contract
        stage_id = context.runtime.stage_id
        return context.assign(value={"name": stage_id, "scores": [0.5, 0.25]}).put_metric(stage_id, {"accuracy": 0.5})


class Log(Stage):
    """Log many values of a metric."""

    name = "log"

    class Options(StageOptions):
        number: int

    def run(self, context: Context, options: Any) -> Context:
        for step in range(options.number):
            context.runtime.log_metric("loss", 1.0 / (step + 1), step)
        return context


class Last(Stage):
    """Fail at the first attempt."""

    name = "last"
    errors = {"first": "It is the first attempt."}

    def run(self, context: Context, options: StageOptions) -> Context:  # noqa: ARG002 - the contract
        if context.runtime.attempt == 1:
            raise StageError("first", "it is the first attempt")
        return context


def pipeline(what: str, number: int) -> list[dict[str, Any]]:
    here = "__main__"
    if what == "metrics":
        steps = [{"id": "log", "module": f"{here}:Log", "options": {"number": number}}]
    else:
        steps = [{"id": f"s{index}", "module": f"{here}:Keep"} for index in range(number)]
    return [*steps, {"id": "last", "module": f"{here}:Last"}]


def measured(work: Callable[[], RunResult]) -> dict[str, float]:
    before = time.process_time()
    work()
    cpu = time.process_time() - before
    return {"cpu_s": cpu, "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def main(what: str, number: int) -> None:
    spec = {"id": "long", "pipeline": pipeline(what, number)}
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        first = measured(lambda: run(spec, output_dir=folder, run_id="r"))
        resumed = measured(lambda: run(spec, output_dir=folder, resume="r"))
    print(json.dumps({"run": first, "resume": resumed}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
