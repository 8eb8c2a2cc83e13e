"""The stages of Crucible's chain: one that does nothing, and one that remembers when it began."""

from __future__ import annotations

import time

from crucible_core import Context, Stage, StageOptions


class Nothing(Stage):
    """Do nothing."""

    name = "nothing"

    def run(self, context: Context, options: StageOptions) -> Context:  # noqa: ARG002 - the contract
        return context


class Mark(Stage):
    """Remember CPU and wall time, in seconds, at which it began."""

    name = "mark"
    times: list[tuple[float, float]] = []

    def run(self, context: Context, options: StageOptions) -> Context:  # noqa: ARG002 - the contract
        self.times.append((time.process_time(), time.perf_counter()))
        return context


class Change(Stage):
    """Change a value and a metric, which a recorded run keeps."""

    name = "change"
    writes = ("assigns.value", "metrics.{id}")

    def run(self, context: Context, options: StageOptions) -> Context:  # noqa: ARG002 - the contract
        stage_id = context.runtime.stage_id
        return context.assign(value={"name": stage_id, "scores": [0.5, 0.25]}).put_metric(stage_id, {"accuracy": 0.5})
