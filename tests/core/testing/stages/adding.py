"""A small sound stage that adds up numbers; the odd but legal ones do it in some other way."""

from __future__ import annotations

import math

from crucible_core import Stage, StageError, StageExample, Traits

ROWS = [{"id": "a", "value": 1.5}, {"id": "b", "value": 2.5}, {"id": "c", "value": -3.0}]
ERRORS = {"bad_number": "A row has no number in the field value."}
EXAMPLES = (
    StageExample("The total of three numbers.", outputs=ROWS),
    StageExample("A row without a number.", outputs=[{"id": "a"}], raises="bad_number"),
)
PLAIN_EXAMPLES = [
    {"summary": "The total of three numbers.", "outputs": ROWS},
    {"summary": "A row without a number.", "outputs": [{"id": "a"}], "raises": "bad_number"},
]


def numbers(context):
    """Return the numbers of the rows, or say which has none."""
    found = []
    for index, row in enumerate(context.outputs):
        value = row.get("value")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise StageError("bad_number", f"row {index}: value is {value!r}; give a finite number")
        found.append(float(value))
    return found


class Adding(Stage):
    """Add up the numbers in the outputs."""

    version = "1.0.0"
    reads = ("outputs",)
    writes = ("metrics.{id}",)
    errors = ERRORS
    examples = EXAMPLES

    def run(self, context, options):
        total = self.total(numbers(context), context)
        return context.put_metric(context.runtime.stage_id, {"total": total})

    def total(self, values, context):
        return sum(values)


def because(**weak):
    """Return traits with a reason for each that is weak."""
    return Traits(**weak, reasons=dict.fromkeys(weak, "The stage exists to show this."))
