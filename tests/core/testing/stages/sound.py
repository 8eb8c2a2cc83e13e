"""A stage that passes everything; the faulty ones are this one with one thing wrong."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from crucible_core import Context, Stage, StageError, StageExample, StageOptions, Traits

ROWS = [{"group": "a", "score": 1.0}, {"group": "b", "score": 3.0}, {"group": "a", "score": 2.0}]


class Sound(Stage):
    """Sum up scores, weighted and shifted."""

    name = "sound"
    version = "1.0.0"
    reads = ("outputs",)
    may_read = ("assigns.weights",)
    writes = ("metrics.{id}",)
    errors = {"no_scores": "No row has the field.", "bad_score": "A score or weight is no finite number."}
    traits = Traits(determinism="bitwise", cacheable=True)

    class Options(StageOptions):
        field: Annotated[str, Field(min_length=1, description="Field that holds the score.")]
        shift: Annotated[float, Field(ge=-10, le=10, description="What is added to every score.")] = 0.5
        how: Annotated[Literal["sum", "mean"], Field(description="How scores are summed up.")] = "sum"

    examples = (
        StageExample("The sum of three.", options={"field": "score"}, outputs=ROWS),
        StageExample("Their mean.", options={"field": "score", "how": "mean", "shift": 0.0}, outputs=ROWS),
        StageExample(
            "Weighted.",
            options={"field": "score", "how": "sum"},
            outputs=ROWS,
            assigns={"weights": {"a": 2.0, "b": 1.0}},
        ),
        StageExample("No such field.", options={"field": "scor"}, outputs=ROWS, raises="no_scores"),
        StageExample("No number.", options={"field": "group"}, outputs=ROWS, raises="bad_score"),
    )

    def run(self, context: Context, options: Any) -> Context:
        scores = self.scores(context, options)
        found = sum(scores) / (len(scores) if options.how == "mean" else 1)
        return context.put_metric(context.runtime.stage_id, {options.how: found})

    def scores(self, context: Context, options: Any) -> list[float]:
        weights = context.assigns.get("weights", {})
        rows = [row for row in context.outputs if options.field in row]
        if not rows:
            raise StageError("no_scores", f"no row has the field {options.field!r}")
        try:
            return [float(row[options.field]) * weights.get(row.get("group"), 1) + options.shift for row in rows]
        except (TypeError, ValueError, AttributeError) as error:
            raise StageError("bad_score", f"{options.field}: {error}") from error
