"""Stages that fail a check of group G, each for one reason."""

from __future__ import annotations

from typing import Any

from plain import Plain
from sound import Sound

from crucible_core import StageError


def sink(context: Any) -> Any:
    """Return the recorder of the run, which is no business of a stage's."""
    return context.runtime._services.sink


# G01
class SaysItStopsItself(Sound):
    """Sum up scores."""

    def run(self, context, options):
        sink(context).emit("stage_stop", context.runtime.stage_id, {"duration_s": 0.0}, 1)
        return super().run(context, options)


class EmitsForAnother(Plain):
    def run(self, context, options):
        sink(context).emit("log", "other", {"level": "info", "message": "done", "fields": {}}, 1)
        return super().run(context, options)


class HidesItsStart(Sound):
    """Sum up scores."""

    def run(self, context, options):
        sink(context)._journal.kept.pop()
        sink(context)._next_seq = 1
        return super().run(context, options)


# G02
class EmitsWhatIsNoMetric(Sound):
    """Sum up scores."""

    def run(self, context, options):
        sink(context).emit("metric", context.runtime.stage_id, {"name": "x", "values": [1]}, 1)
        return super().run(context, options)


class EmitsWithoutAPrefix(Plain):
    def run(self, context, options):
        sink(context).emit("epoch", context.runtime.stage_id, {}, 1)
        return super().run(context, options)


class EmitsMegabytes(Plain):
    def run(self, context, options):
        context.runtime.emit("plain.rows", text="x" * 2_000_000)
        return super().run(context, options)


class LosesCount(Plain):
    def run(self, context, options):
        sink(context)._next_seq += 3
        return super().run(context, options)


class EmitsAnObject(Sound):
    """Sum up scores."""

    def run(self, context, options):
        context.runtime.emit("sound.model", model=self)
        return super().run(context, options)


class LogsBytes(Plain):
    def run(self, context, options):
        context.runtime.log("read", raw=[b"\x00\xff"])
        return super().run(context, options)


class EmitsAnArray(Sound):
    """Sum up scores."""

    def run(self, context, options):
        import numpy as np

        context.runtime.emit("sound.weights", weights=np.ones(3))
        return super().run(context, options)


class SurerThanSure(Plain):
    def run(self, context, options):
        said = {"decision": "count", "reasoning": "it is asked for", "alternatives": [], "confidence": 95}
        sink(context).emit("decision_made", context.runtime.stage_id, said, 1)
        return super().run(context, options)


# G03
class RewritesItsFailure(Plain):
    def run(self, context, options):
        recorder = sink(context)
        emit = recorder.emit

        def softened(name, stage, payload, attempt=None):
            payload = {**payload, "code": "minor"} if name == "stage_error" else payload
            emit(name, stage, payload, attempt)

        recorder.emit = softened
        return super().run(context, options)


class RewritesItsJournal(Sound):
    """Sum up scores."""

    def run(self, context, options):
        journal = sink(context)._journal
        append = journal.append
        journal.append = lambda line, *rest: append(line.replace('"no_scores"', '"no_score"'), *rest)
        return super().run(context, options)


# G04
class CountsWhoIsWatching(Sound):
    """Sum up scores."""

    def run(self, context, options):
        return super().run(context, options).assign(watched=len(sink(context)._observers))

    writes = (*Sound.writes, "assigns.watched")


class FailsWhereAnObserverDoes(Plain):
    def run(self, context, options):
        if sink(context)._blamed:
            raise StageError("no_score", "somebody who watches has failed")
        return super().run(context, options)


# G05
class MetricOfNothing(Sound):
    """Sum up scores."""

    def run(self, context, options):
        done = super().run(context, options)
        stage_id = context.runtime.stage_id
        return done.put_metric(stage_id, {**done.metrics[stage_id], "spread": [float("nan")]})


class LogsInfinity(Plain):
    def run(self, context, options):
        context.runtime.log_metric("loss", float("inf"), step=1)
        return super().run(context, options)


FAULTS = {
    "CRU-G01": [SaysItStopsItself, EmitsForAnother, HidesItsStart],
    "CRU-G02": [
        *(EmitsWhatIsNoMetric, EmitsWithoutAPrefix, EmitsMegabytes, LosesCount),
        *(EmitsAnObject, LogsBytes, EmitsAnArray, SurerThanSure),
    ],
    "CRU-G03": [RewritesItsFailure, RewritesItsJournal],
    "CRU-G04": [CountsWhoIsWatching, FailsWhereAnObserverDoes],
    "CRU-G05": [MetricOfNothing, LogsInfinity],
}
