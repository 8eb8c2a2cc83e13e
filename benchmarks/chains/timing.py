"""Time something several times in this process; for any interpreter, with the standard library alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any


class Stopwatch:
    """Collect CPU and wall times per stage, in microseconds, under names."""

    def __init__(self, stages: int) -> None:
        self.stages = stages
        self.figures: dict[str, dict[str, list[float]]] = {}

    def time(self, name: str, work: Callable[[], Any]) -> Any:
        """Run ``work`` once and keep how long it took per stage."""
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        self.keep(name, time.process_time() - cpu, time.perf_counter() - wall)
        return result

    def keep(self, name: str, cpu: float, wall: float, stages: int | None = None) -> None:
        """Keep seconds measured elsewhere."""
        kept = self.figures.setdefault(name, {"cpu_us": [], "wall_us": []})
        kept["cpu_us"].append(cpu / (stages or self.stages) * 1e6)
        kept["wall_us"].append(wall / (stages or self.stages) * 1e6)

    def print(self) -> None:
        """Print what was collected as one line of JSON, the last of the output."""
        print(json.dumps(self.figures))
