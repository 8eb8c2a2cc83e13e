"""A chain of steps that do nothing in Metaflow, kept in local files: ``python metaflow_chain.py STAGES REPEATS``.

Metaflow starts a process for each step, so what a step costs is the difference between flows of two lengths, divided
by the steps between them.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from timing import Stopwatch

STEP = """
    @step
    def {name}(self):
        self.value = {number}
        {then}
"""


def flow(steps: int) -> str:
    names = ["start", *(f"s{number}" for number in range(1, steps - 1)), "end"]
    parts = ["from metaflow import FlowSpec, step\n\n\nclass Chain(FlowSpec):"]
    for number, name in enumerate(names):
        then = f"self.next(self.{names[number + 1]})" if name != "end" else "pass"
        parts.append(STEP.format(name=name, number=number, then=then))
    return "\n".join([*parts, '\n\nif __name__ == "__main__":\n    Chain()\n'])


def spent(folder: Path, steps: int) -> tuple[float, float]:
    """Run a flow of so many steps and return CPU and wall seconds, all its processes together."""
    path = folder / f"chain{steps}.py"
    path.write_text(flow(steps))
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    env = {**os.environ, "METAFLOW_USER": "benchmark", "METAFLOW_HOME": str(folder)}
    command = [sys.executable, str(path), "--quiet", "--no-pylint", "run", "--max-workers", "1"]
    subprocess.run(command, check=True, cwd=folder, env=env, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - wall


def main(stages: int, repeats: int) -> None:
    watch = Stopwatch(stages)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        for _ in range(repeats):
            (cpu, wall), (more_cpu, more_wall) = (spent(Path(folder), steps) for steps in (2, stages + 2))
            watch.keep("execute", more_cpu - cpu, more_wall - wall)
    watch.print()


main(int(sys.argv[1]), int(sys.argv[2]))
