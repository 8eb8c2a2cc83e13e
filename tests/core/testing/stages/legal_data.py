"""Odd but legal stages: values they read and write."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import functools
import math
import pathlib

from adding import ERRORS, EXAMPLES, ROWS, Adding, numbers

from crucible_core import Dataset, DatasetManifest, Figure, StageError, StageExample, Table, Text, Traits


class NumpyScalars(Adding):
    """Puts numpy's numbers into metrics, events and rows."""

    writes = ("metrics.{id}", "outputs")

    def run(self, context, options):
        import numpy as np

        values = np.asarray(numbers(context), dtype=np.float32)
        context.runtime.log_metric("mean", np.mean(values) if len(values) else np.float32("nan"), step=np.int64(1))
        metrics = {"total": np.sum(values), "rows": np.int64(len(values)), "any": np.bool_(values.any())}
        return context.put_metric(context.runtime.stage_id, metrics).add_output({"score": np.float32(0.5)})


class LargeArrays(Adding):
    """Hands on arrays of a million numbers, and reads one."""

    may_read = ("assigns.weights",)
    writes = ("metrics.{id}", "assigns.vectors", "assigns.mask")
    errors = {**ERRORS, "bad_weights": "The weights are no array of finite numbers."}

    @staticmethod
    def weights():
        import numpy as np

        return {"weights": np.linspace(0.0, 1.0, 1_000_000)}

    @staticmethod
    def bad_weights():
        import numpy as np

        return {"weights": np.full(3, np.nan)}

    examples = (
        *EXAMPLES,
        StageExample("With weights.", outputs=ROWS, assigns=weights),
        StageExample("With weights that are none.", outputs=ROWS, assigns=bad_weights, raises="bad_weights"),
    )

    def run(self, context, options):
        import numpy as np

        total = sum(numbers(context))
        weights = np.asarray(context.assigns.get("weights", np.ones(1)))
        if weights.dtype.kind != "f" or not np.isfinite(weights).all():
            raise StageError("bad_weights", "assigns.weights: give an array of finite numbers")
        vectors = np.arange(1_000_000, dtype=np.float64) * total
        changed = context.assign(vectors=vectors, mask=vectors > 0)
        return changed.put_metric(context.runtime.stage_id, {"total": total, "weight": weights.sum()})


class LargeMetrics(Adding):
    """Puts a table of megabytes into metrics, which the runner records when it is done."""

    def run(self, context, options):
        total = sum(numbers(context))
        table = [[total + row + column for column in range(300)] for row in range(300)]
        return context.put_metric(context.runtime.stage_id, {"total": total, "table": table})


class SaysWithWhatStandsForJson(Adding):
    """Puts a date, a path, a number of numpy's and a member of an enum into the details of its error and its events."""

    def run(self, context, options):
        import numpy as np

        said = {
            "when": dt.date(2030, 1, 1),
            "where": pathlib.PurePosixPath("a", "b"),
            "how_many": np.int64(len(context.outputs)),
            "how": Direction.UP,
            "pair": (1, None),
        }
        context.runtime.emit("legal_data.said", **said, names={"b", "a"})
        context.runtime.log("said", **said)
        try:
            total = sum(numbers(context))
        except StageError as error:
            raise StageError(error.code, error.message, **said) from None
        return context.put_metric(context.runtime.stage_id, {"total": total})


class NumpyGenerator(Adding):
    """Draws from a generator of numpy's that has the stage's seed."""

    traits = Traits(determinism="seeded")

    def total(self, values, context):
        import numpy as np

        rng = np.random.default_rng(context.runtime.seed)
        with np.errstate(divide="ignore"):
            return float(np.sum(rng.permutation(values) * rng.normal(size=len(values)))) + 0 * float(
                np.minimum(np.divide(1.0, 0.0), 1.0)
            )


class Direction(enum.Enum):
    """Where to."""

    UP = "up"


@dataclasses.dataclass(frozen=True)
class Summary:
    """What a stage hands on."""

    total: float
    when: dt.date
    tags: frozenset[str]

    @functools.cached_property
    def half(self):
        """Half of the total."""
        return self.total / 2


class Values(Adding):
    """Hands on objects of its own: a dataclass, sets, a function, a tuple."""

    writes = ("metrics.{id}", "assigns.summary", "assigns.function", "assigns.pair")
    ephemeral = ("assigns.function",)

    def run(self, context, options):
        summary = Summary(sum(numbers(context)), dt.date(2030, 1, 1), frozenset({"x", "y"}))
        changed = context.assign({"summary": summary}, function=math.fabs, pair=(summary.half, None))
        return changed.put_metric(context.runtime.stage_id, {"half": summary.half})


class ReadsObjects(Adding):
    """Reads an object, whose cached attribute it fills."""

    reads = ("assigns.summary",)
    errors = {"no_summary": "There is no summary."}
    examples = (
        StageExample(
            "A summary.",
            assigns=lambda: {"summary": Summary(3.0, dt.date(2030, 1, 1), frozenset({"x"}))},
        ),
        StageExample("No summary.", assigns={"summary": "none"}, raises="no_summary"),
    )

    def run(self, context, options):
        summary = context.assigns.get("summary")
        if not isinstance(summary, Summary):
            raise StageError("no_summary", "assigns.summary: give a Summary")
        return context.put_metric(context.runtime.stage_id, {"half": summary.half})


class Frames(Adding):
    """Reads a data frame, and hands on another."""

    reads = ("assigns.frame",)
    writes = ("metrics.{id}", "assigns.totals")
    errors = {"bad_frame": "There is no frame with numbers in a column value."}

    @staticmethod
    def frame():
        import pandas as pd

        return {"frame": pd.DataFrame({"group": ["a", "b", "a"], "value": [1.0, 2.0, 3.0]})}

    examples = (
        StageExample("Three rows.", assigns=frame),
        StageExample("No frame.", assigns={"frame": [1, 2]}, raises="bad_frame"),
    )

    def run(self, context, options):
        import pandas as pd

        frame = context.assigns.get("frame")
        if not isinstance(frame, pd.DataFrame) or not {"group", "value"} <= set(frame.columns):
            raise StageError("bad_frame", "assigns.frame: give a data frame with the columns group and value")
        with pd.option_context("mode.copy_on_write", True):
            totals = frame.groupby("group", as_index=False)["value"].sum()
        changed = context.assign(totals=totals)
        return changed.put_metric(context.runtime.stage_id, {"rows": len(totals), "total": totals["value"].sum()})


class CountsItsRuns(Adding):
    """Reads back its own metric where it ran before."""

    def run(self, context, options):
        own = context.runtime.stage_id
        before = context.get_metric(own, {}) or {}
        runs = before.get("runs", 0) if isinstance(before, dict) else 0
        return context.put_metric(own, {"total": sum(numbers(context)), "runs": runs + 1})


class MakesDataset(Adding):
    """Hands on a dataset, and reads one where it is there."""

    may_read = ("assigns.dataset",)
    writes = ("metrics.{id}", "assigns.made")
    examples = (
        *EXAMPLES,
        StageExample(
            "With a dataset.",
            outputs=ROWS,
            assigns={"dataset": Dataset(ROWS, DatasetManifest("memory", "0" * 64, len(ROWS), ("id", "value")))},
        ),
    )

    def run(self, context, options):
        found = context.assigns.get("dataset")
        rows = tuple({"value": each} for each in numbers(context))
        made = Dataset(rows, DatasetManifest("legal", "1" * 64, len(rows), ("value",)), {"all": range(len(rows))})
        given = len(found) if isinstance(found, Dataset) else 0
        return context.assign(made=made).put_metric(context.runtime.stage_id, {"given": given, "made": len(made)})


class Reports(Adding):
    """Puts parts of a report into artifacts."""

    writes = ("metrics.{id}", "artifacts.{id}")

    def run(self, context, options):
        total = sum(numbers(context))
        parts = [
            Text(f"The total is **{total:g}**.", title="Total"),
            Table(["what", "how much"], [["total", total]], title="Totals"),
            Figure('<svg xmlns="http://www.w3.org/2000/svg"><circle r="1"/></svg>', "Circle", "A circle."),
        ]
        return context.put_artifact(context.runtime.stage_id, parts).put_metric(context.runtime.stage_id, total)


LEGAL = [
    *(NumpyScalars, LargeArrays, NumpyGenerator, Values, ReadsObjects, Frames, CountsItsRuns),
    *(MakesDataset, Reports, LargeMetrics, SaysWithWhatStandsForJson),
]
