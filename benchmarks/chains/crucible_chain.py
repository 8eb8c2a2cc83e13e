"""A chain of no-op stages in Crucible: ``python crucible_chain.py STAGES REPEATS [memory|recorded|synced|kept]``.

Timed are planning alone, whole runs, which plan first, and execution: from the beginning of the first stage to that of
the last, which is exactly one stage less than the chain has. ``synced`` also times the bare writing and syncing of
lines into a file of the same directory. With ``kept`` every stage changes a value and a metric, which the record keeps.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from noop_stages import Mark
from timing import Stopwatch

from crucible_core import Experiment, plan, run

LINE = b"x" * 250 + b"\n"


def experiment(stages: int, name: str) -> Experiment:
    names = ["mark", *[name] * (stages - 2), "mark"]
    pipeline = [
        {"id": f"s{index}", "name": name, "module": f"noop_stages:{name.title()}"} for index, name in enumerate(names)
    ]
    return Experiment.from_dict({"id": "chain", "pipeline": pipeline})


def main(stages: int, repeats: int, how: str) -> None:
    chain, watch = experiment(stages, "change" if how == "kept" else "nothing"), Stopwatch(stages)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        for _ in range(repeats):
            watch.time("plan", lambda: plan(chain))
            Mark.times.clear()
            options: dict[str, Any] = {
                "persist": how != "memory",
                "durability": "power" if how == "synced" else "process",
                "output_dir": folder,
            }
            watch.time("run", lambda options=options: run(chain, **options).unwrap())
            (cpu, wall), (cpu_end, wall_end) = Mark.times
            watch.keep("execute", cpu_end - cpu, wall_end - wall, stages - 1)
            if how == "synced":
                watch.keep("sync", *sync_lines(Path(folder, "lines"), stages))
    watch.print()


def sync_lines(path: Path, lines: int) -> tuple[float, float]:
    """Append lines to a file, waiting for the disk after each; return CPU and wall seconds."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(lines):
        os.write(descriptor, LINE)
        os.fsync(descriptor)
    spent = time.process_time() - cpu, time.perf_counter() - wall
    os.close(descriptor)
    return spent


main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
