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
