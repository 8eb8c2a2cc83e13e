"""Stages that fail a check of group H, each for one reason."""

from __future__ import annotations

import threading
from typing import Annotated, Any

from plain import Plain, said
from pydantic import Field
from sound import Sound


# H01
class HoldsALock(Sound):
    """Sum up scores."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


class LeavesAFunction(Plain):
    def describe(self, options: Any = None) -> Any:
        return said(writes=["metrics.{id}", "assigns.above"])

    def run(self, context, options):
        return super().run(context, options).assign(above=lambda score: score > options["bound"])


class ForgetsItsTable(Sound):
    """Sum up scores."""

    def __init__(self) -> None:
        self.table = {"shift": 1.0}

    def __getstate__(self):
        return {"table": None}

    def run(self, context, options):
        assert self.table["shift"]
        return super().run(context, options)


class AnotherOnceUnpickled(Plain):
    def __init__(self) -> None:
        self.step = 1

    def __setstate__(self, state):
        self.step = 2

    def run(self, context, options):
        done = super().run(context, options)
        stage_id = context.runtime.stage_id
        return done.put_metric(stage_id, {**done.metrics[stage_id], "step": self.step})


class OptionsThatDoNotPickle(Sound):
    """Sum up scores."""

    class Options(Sound.Options):
        shift: Annotated[float, Field(ge=-10, le=10, description="What is added to every score.")] = 0.5

        def __reduce_ex__(self, protocol):
            raise TypeError("these options stay here")


# H03
class CountsItsRuns(Sound):
    """Sum up scores."""

    def __init__(self) -> None:
        self.runs = 0

    def run(self, context, options):
        self.runs += 1
        done = super().run(context, options)
        stage_id = context.runtime.stage_id
        return done.put_metric(stage_id, {**done.metrics[stage_id], "runs": self.runs})


class KeepsItsFirstResult(Plain):
    def __init__(self) -> None:
        self.kept: Any = None

    def run(self, context, options):
        if self.kept is None:
            self.kept = super().run(context, options).metrics[context.runtime.stage_id]
        return context.put_metric(context.runtime.stage_id, self.kept)


FAULTS = {
    "CRU-H01": [HoldsALock, LeavesAFunction, ForgetsItsTable, AnotherOnceUnpickled, OptionsThatDoNotPickle],
    "CRU-H03": [CountsItsRuns, KeepsItsFirstResult],
}
