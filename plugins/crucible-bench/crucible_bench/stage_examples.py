"""Examples of the stage at work; together they use every option, every choice and every declared error."""

from __future__ import annotations

from typing import Any

from crucible_core import StageExample

_LONG = [
    {"group": name, "score": score}
    for name, scores in {"a": (0.61, 0.74, 0.68, 0.81), "b": (0.55, 0.58, 0.66, 0.6)}.items()
    for score in scores
]
_ITEMS = [
    {"question": item, "system": system, "correct": correct}
    for item, answers in {1: (1, 0), 2: (1, 1), 3: (0, 0), 4: (1, 0), 5: (0, 1), 6: (1, 0)}.items()
    for system, correct in zip(("new", "old"), answers, strict=True)
]
_ANSWERS = [
    {"question": f"q{number}", "new": new, "old": old, "oldest": oldest}
    for number, (new, old, oldest) in enumerate(
        [(1, 1, 0), (1, 0, 0), (1, 1, 1), (0, 0, 0), (1, 0, 1), (1, 1, 0), (1, 0, 0), (0, 1, 0)], start=1
    )
]
_TABLE = [
    {"data": "iris", "tree": 0.94, "forest": 0.96, "boosting": 0.95},
    {"data": "wine", "tree": 0.9, "forest": 0.97, "boosting": 0.96},
    {"data": "digits", "tree": 0.85, "forest": 0.97, "boosting": 0.96},
]
_MODELS = ["tree", "forest", "boosting"]
_THREE = [*_LONG, *({"group": "c", "score": score} for score in (0.4, 0.52, 0.47, 0.5))]
_FEW = {"bootstrap_iterations": 199, "permutations": 199}


def _two(*scores: Any) -> list[dict[str, Any]]:
    """Give group a the scores 1, 2, 3 and group b these."""
    return [{"group": "a", "score": score} for score in (1, 2, 3)] + [{"group": "b", "score": each} for each in scores]


EXAMPLES = (
    StageExample("Two independent groups of scores.", options={"group": "group", "score": "score"}, outputs=_LONG),
    StageExample(
        "Is a higher than b? Two tests, corrected.",
        options={
            "design": "two_groups",
            "tests": ["mannwhitney", "permutation"],
            "alternative": "greater",
            "alpha": 0.01,
            "confidence_level": 0.99,
            "multiple_testing_correction": "holm",
            **_FEW,
        },
        outputs=_LONG,
    ),
    StageExample(
        "Two systems on the same questions, right or wrong.",
        options={
            "design": "paired",
            "group": "system",
            "score": "correct",
            "item": "question",
            "tests": ["mcnemar", "bootstrap"],
            "alternative": "less",
            "groups": ["old", "new"],
            **_FEW,
        },
        outputs=_ITEMS,
    ),
    StageExample(
        "Three systems on the same questions, right or wrong: who differs from whom?",
        options={"columns": ["new", "old", "oldest"], "item": "question", "bootstrap_iterations": 199},
        outputs=_ANSWERS,
    ),
    StageExample("Three independent groups.", options={"design": "many_groups"}, outputs=_THREE),
    StageExample(
        "Three models over three data sets, a column each; lower is better.",
        options={
            "data": "assigns.table",
            "columns": _MODELS,
            "item": "data",
            "design": "many_datasets",
            "higher_is_better": False,
            "alternative": "two-sided",
        },
        assigns={"table": _TABLE},
    ),
    StageExample("The design follows from the data.", options={"columns": _MODELS, "design": "auto"}, outputs=_TABLE),
    StageExample("Not rows.", options={"data": "assigns.x"}, assigns={"x": 3}, raises="wrong_data"),
    StageExample("No such field.", options={"score": "scor"}, outputs=_LONG, raises="wrong_field"),
    StageExample("No such group.", options={"groups": ["a", "z"]}, outputs=_LONG, raises="wrong_group"),
    StageExample("A score that is text.", outputs=_two("high", "low"), raises="not_numeric"),
    StageExample("A score that is not finite.", outputs=_two(1.0, float("inf")), raises="not_finite"),
    StageExample("A score that is too large.", outputs=_two(1.0, 1e308), raises="out_of_range"),
    StageExample(
        "A row without a group.", outputs=[*_two(1.0, 2.0), {"group": None, "score": 3}], raises="missing_label"
    ),
    StageExample("One score has no spread.", outputs=_two(1.0), raises="too_few_observations"),
    StageExample("One group.", outputs=_LONG[:3], raises="too_few_groups"),
    StageExample(
        "One data set.",
        options={"columns": _MODELS, "design": "many_datasets"},
        outputs=_TABLE[:1],
        raises="too_few_datasets",
    ),
    StageExample(
        "A question that one system did not answer.",
        options={"group": "system", "score": "correct", "item": "question"},
        outputs=_ITEMS[:-1],
        raises="missing_cells",
    ),
    StageExample(
        "A question answered twice.",
        options={"group": "system", "score": "correct", "item": "question"},
        outputs=[*_ITEMS, _ITEMS[0]],
        raises="duplicate_names",
    ),
    StageExample(
        "McNemar's test takes right and wrong only.",
        options={"columns": ["tree", "forest"], "tests": ["mcnemar"]},
        outputs=_TABLE,
        raises="not_binary",
    ),
    StageExample("Pairs are needed.", options={"tests": ["wilcoxon"]}, outputs=_LONG, raises="test_does_not_fit"),
    StageExample(
        "Two levels that disagree.",
        options={"alpha": 0.05, "confidence_level": 0.9},
        outputs=_LONG,
        raises="inconsistent_levels",
    ),
)
