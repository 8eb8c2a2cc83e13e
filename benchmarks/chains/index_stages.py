"""A stage that measures something, for runs that are indexed."""

from __future__ import annotations

from typing import Any

from crucible_core import Context, Stage, StageOptions


class Score(Stage):
    """Put two numbers into the metrics."""

    name = "score"
    version = "1.0.0"
    writes = ("metrics.{id}",)

    class Options(StageOptions):
        number: int = 0

    def run(self, context: Context, options: Any) -> Context:
        score = {"accuracy": 0.5 + options.number / 10, "loss": 1.0 / (1 + options.number)}
        return context.put_metric(context.runtime.stage_id, score)
