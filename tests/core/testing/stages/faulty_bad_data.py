"""Stages that mind some bad data and not others: each is sound on its examples."""

from __future__ import annotations

import math
import os
import statistics

from adding import ROWS, Adding, numbers

from crucible_core import StageError, StageExample

NAMED = [{**row, "group": group} for row, group in zip(ROWS, ("a", "b", "a"), strict=True)]
BAD = StageExample("A row without a number.", outputs=[{"id": "a"}], raises="bad_number")


class LooksAtTheFirstRowAlone(Adding):
    """Add up numbers, and look at the first row only whether there is one."""

    def run(self, context, options):
        numbers(type("First", (), {"outputs": context.outputs[:1]}))
        return context.put_metric(context.runtime.stage_id, sum(row["value"] for row in context.outputs))


class NeedsTwoRows(Adding):
    """Measure how far numbers are spread."""

    def total(self, values, context):
        return statistics.stdev(values) if values else 0.0


class NeedsDifferences(Adding):
    """Scale numbers to lie between 0 and 1."""

    def total(self, values, context):
        return [(value - min(values)) / (max(values) - min(values)) for value in values if len(values) > 1]


class NeedsATotal(Adding):
    """Divide numbers by their total."""

    def total(self, values, context):
        return [value / sum(values) for value in values]


class NeedsSmallNumbers(Adding):
    """Raise e to the power of numbers."""

    def total(self, values, context):
        return sum(map(math.exp, values))


class TakesInfinityForANumber(Adding):
    """Round numbers."""

    def run(self, context, options):
        values = [row.get("value") for row in context.outputs]
        if not all(isinstance(value, (int, float)) and not math.isnan(value) for value in values):
            raise StageError("bad_number", "a value is no number")
        return context.put_metric(context.runtime.stage_id, sum(map(round, values)))


class CountsGroups(Adding):
    """Count the groups of rows, whatever stands there."""

    examples = (StageExample("Two groups.", outputs=NAMED), BAD)

    def run(self, context, options):
        groups = {row.get("group") for row in context.outputs}
        return context.put_metric(context.runtime.stage_id, {"sum": sum(numbers(context)), "groups": len(groups)})


class SplitsNames(Adding):
    """Count the words of groups, which it takes for texts."""

    examples = (StageExample("Two groups.", outputs=NAMED), BAD)

    def run(self, context, options):
        words = [word for row in context.outputs if row.get("group") for word in row["group"].split()]
        return context.put_metric(context.runtime.stage_id, {"sum": sum(numbers(context)), "words": len(words)})


def matrix():
    """Return values for a context, a matrix among them."""
    import numpy as np

    return {"matrix": np.array([[1.0, 2.0], [3.0, 4.0]])}


class NeedsAMatrix(Adding):
    """Add up the first column of a matrix."""

    reads = ("outputs", "assigns.matrix")
    examples = tuple(
        StageExample(each.summary, outputs=each.outputs, assigns=matrix, raises=each.raises) for each in Adding.examples
    )

    def total(self, values, context):
        return sum(values) + float(context.assigns["matrix"][:, 0].sum())


class PrintsTheCulprit(Adding):
    """Print what is wrong before it says so."""

    def total(self, values, context):
        if len(values) == 0:
            print("no rows")  # noqa: T201 - the fault
        return sum(values)


class MendsTheRow(Adding):
    """Put a 0 into a row that has no number, in place."""

    def run(self, context, options):
        for row in context.outputs[1:]:
            if row.get("value") is None:
                row["value"] = 0.0
        return super().run(context, options)


class DumpsTheCulprit(Adding):
    """Write bad data into a file beside nothing."""

    def run(self, context, options):
        try:
            return super().run(context, options)
        except StageError:
            if len(context.outputs) > 1:
                with open("culprit.txt", "w") as file:  # noqa: PTH123 - the fault
                    file.write(repr(list(context.outputs)))
            raise


class LeavesAVariable(Adding):
    """Set a variable where all numbers are alike."""

    def total(self, values, context):
        if len(values) > 1 and len(set(values)) == 1:
            os.environ["FAULTY_ALIKE"] = "1"
        return sum(values)


FAULTS = {
    "CRU-E05": [
        *(LooksAtTheFirstRowAlone, NeedsTwoRows, NeedsDifferences, NeedsATotal, NeedsSmallNumbers),
        *(TakesInfinityForANumber, CountsGroups, SplitsNames, NeedsAMatrix),
    ],
    "CRU-E13": [PrintsTheCulprit, MendsTheRow, DumpsTheCulprit, LeavesAVariable],
}
