"""A stage that inherits from nothing and passes everything; faulty ones say or do one thing otherwise."""

from __future__ import annotations

from typing import Any

from crucible_core import StageError

ROWS = [{"score": 1.0}, {"score": 2.5}]


def said(**changes: Any) -> dict[str, Any]:
    """Return a description of its own for each caller, with some keys changed."""
    about = {
        "name": "plain",
        "description": "Count the rows whose score is above a bound.",
        "version": "1.0.0",
        "required": ["bound"],
        "optional": ["how"],
        "types": {"bound": "float", "how": {"enum": ["above", "from"]}},
        "defaults": {"how": "above"},
        "reads": ["outputs"],
        "writes": ["metrics.{id}"],
        "errors": {"no_score": "A row has no number as its score."},
        "traits": {"cacheable": True},
        "examples": [
            {"summary": "One of two is above.", "options": {"bound": 2}, "outputs": ROWS},
            {"summary": "One is the bound.", "options": {"bound": 1.0, "how": "from"}, "outputs": ROWS},
            {"summary": "No score.", "options": {"bound": 2}, "outputs": [{"id": 1}], "raises": "no_score"},
        ],
    }
    return {**about, **changes}


class Plain:
    def describe(self, options: Any = None) -> Any:
        return said()

    def run(self, context: Any, options: Any) -> Any:
        scores = [row.get("score") for row in context.outputs]
        if not all(isinstance(score, (int, float)) for score in scores):
            raise StageError("no_score", "a row has no number as its score")
        bound, inclusive = options["bound"], options["how"] == "from"
        count = sum(score > bound or (inclusive and score == bound) for score in scores)
        return context.put_metric(context.runtime.stage_id, {"count": count})
