"""What the stage leaves for the reader."""

from __future__ import annotations

import re

import pytest

from crucible_bench.stages import Bench
from crucible_core import Context, Figure, Table, Text

LONG = [{"group": "a", "score": score} for score in (0.61, 0.74, 0.68, 0.81)] + [
    {"group": "b", "score": score} for score in (0.55, 0.58, 0.66, 0.6)
]
WIDE = [
    {"d": f"set {i}", "x": x, "y": y, "z": z}
    for i, (x, y, z) in enumerate([(1, 2, 3), (1, 3, 2), (2, 4, 5), (1, 2, 4)])
]
QUESTIONS = [
    {"question": f"q{i}", "alpha": int(i % 8 != 0), "beta": int(i % 3 != 0), "gamma": int(i % 2)} for i in range(40)
]
MODELS = ["alpha", "beta", "gamma"]


def bench(rows, path="outputs", **options):
    context = Context(outputs=rows) if path == "outputs" else Context(assigns={path.partition(".")[2]: rows})
    return Bench().run(context, Bench.Options(data=path, **options))


def found(rows, **options):
    return bench(rows, **options).get_metric("stage")


def test_parts_of_the_report_are_sentences_figure_and_tables():
    parts = bench(WIDE, columns=["x", "y", "z"]).get_artifact("stage")
    assert isinstance(parts[0], Text)
    assert next(part for part in parts if isinstance(part, Figure)).alt.startswith(
        "Mean ranks of 3 models over 4 items"
    )
    assert {part.title.partition(":")[0] for part in parts if isinstance(part, Table)} == {
        "Groups",
        "Friedman test",
        "Nemenyi's test",
        "How it was computed",
    }


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        ([{"group": g, "score": s} for g, s in (("a", 1), ("a", 1), ("b", 2), ("b", 2))], {}),
        ([{"group": g, "score": 2} for g in "aabbcc"], {"tests": ["anova", "welch_anova", "kruskal"]}),
        ([{"x": i, "y": i + 1} for i in range(9)], {"columns": ["x", "y"]}),
        ([{"x": 1, "y": 1, "z": 1}] * 4, {"columns": ["x", "y", "z"]}),
        ([{"x": 1, "y": 1, "z": 1}] * 4, {"columns": ["x", "y", "z"], "tests": ["friedman", "nemenyi"]}),
        ([{"x": i, "y": 2 * i, "z": 3 * i} for i in range(1, 5)], {"columns": ["x", "y", "z"]}),
    ],
)
def test_what_cannot_be_computed_has_its_reason_beside_it(rows, options):
    def walk(value):
        if isinstance(value, dict):
            if value.get("p_value", 0) is None or ("value" in value and value["value"] is None):
                assert value["reason"]
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(found(rows, **options, multiple_testing_correction="holm"))


def test_tables_show_labels_levels_once_and_digits_alike():
    parts = bench(LONG, tests=["welch", "mannwhitney"], alpha=0.1).get_artifact("stage")
    table = next(part for part in parts if part.title == "Tests")
    assert list(table.columns) == [
        *("Test", "Statistic", "df", "p", "Difference", "90% interval", "Effect size", "90% interval")
    ]
    assert table.rows[0][0] == "Welch's t test"
    assert table.rows[0][6].startswith("Hedges' g ")
    assert table.rows[1][6].startswith("rank-biserial r ")
    assert all(re.fullmatch(r"[\[(].*,\u00a0.*[\])]", row[index]) for row in table.rows for index in (5, 7))
    assert not any(
        "_" in str(cell).replace("d_z", "")
        for part in parts
        if isinstance(part, Table)
        for row in part.rows
        for cell in row
    )


@pytest.mark.parametrize(
    ("rows", "options", "title", "drawn"),
    [
        (LONG, {}, "Difference of a and b", 2),
        (WIDE, {"columns": ["x", "y"], "tests": ["ttest", "wilcoxon", "bootstrap"]}, "Difference of x and y", 1),
        (QUESTIONS, {"columns": MODELS}, "Differences of success rates", 3),
    ],
)
def test_differences_are_drawn_with_their_intervals(rows, options, title, drawn):
    (figure,) = [part for part in bench(rows, **options).get_artifact("stage") if isinstance(part, Figure)]
    assert figure.title == title
    assert figure.svg.count("<circle") == drawn
    assert "95% interval" in figure.alt
