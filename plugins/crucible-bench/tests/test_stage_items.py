"""Scores of 0 and 1 on shared items, and the means that every design gives."""

from __future__ import annotations

import json

import pytest

from crucible_bench.catalogue import TESTS
from crucible_bench.stages import Bench
from crucible_core import Context, run
from crucible_core.ir import Experiment

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


def test_right_and_wrong_answers_of_several_models_get_cochrans_q_and_all_pairs():
    document = found(QUESTIONS, columns=MODELS, item="question")
    assert {key for key in document if key in TESTS} == {"cochran", "pairwise_mcnemar"}
    assert document["cochran"]["effect_size"]["interval"]["low"] is not None
    assert len(document["pairwise_mcnemar"]["pairs"]) == 3


def test_right_and_wrong_answers_of_two_models_get_mcnemars_test():
    document = found(QUESTIONS, columns=["alpha", "beta"], item="question")
    assert {key for key in document if key in TESTS} == {"mcnemar", "paired_bootstrap"}


@pytest.mark.parametrize(
    ("rows", "options", "means"),
    [
        (LONG, {}, {"a": 0.71, "b": 0.5975}),
        (WIDE, {"columns": ["x", "y"]}, {"x": 1.25, "y": 2.75}),
        (WIDE, {"columns": ["x", "y", "z"]}, {"x": 1.25, "y": 2.75, "z": 3.5}),
        (QUESTIONS, {"columns": MODELS}, {"alpha": 0.875, "beta": 0.65, "gamma": 0.5}),
        ([*LONG, {"group": "c", "score": 1}, {"group": "c", "score": 2}], {}, {"a": 0.71, "b": 0.5975, "c": 1.5}),
    ],
)
def test_every_design_gives_means_and_a_table_of_groups(rows, options, means):
    context = bench(rows, **options)
    document = context.get_metric("stage")
    assert document["means"] == pytest.approx(means)
    assert {name: each["mean"] for name, each in document["groups"].items()} == document["means"]
    (table,) = [part for part in context.get_artifact("stage") if getattr(part, "title", "") == "Groups"]
    assert list(table.columns)[:6] == ["Group", "n", "Mean", "95% interval of the mean", "SD", "Median"]
    assert [row[2] for row in table.rows] == pytest.approx(list(means.values()))


def test_the_mean_of_zeros_and_ones_has_the_interval_of_a_proportion():
    from statsmodels.stats.proportion import proportion_confint

    interval = found(QUESTIONS, columns=MODELS)["groups"]["alpha"]["interval"]
    assert (interval["low"], interval["high"]) == pytest.approx(proportion_confint(35, 40, method="wilson"))


def test_a_gate_can_ask_for_the_mean_of_a_model():
    stage = {"name": "bench", "options": {"data": "assigns.rows", "columns": MODELS}}
    spec = {"id": "e", "pipeline": [stage], "quality_targets": {"metrics.bench.means.alpha": ">= 0.8"}}
    assert run(Experiment.from_dict(spec), assigns={"rows": QUESTIONS}, persist=False).status == "succeeded"


def test_items_are_called_what_the_field_calls_them():
    context = bench(QUESTIONS, columns=MODELS, item="question", tests=["friedman", "nemenyi", "cochran"])
    words = json.dumps([each.to_dict() for each in context.get_artifact("stage")])
    assert "40 questions" in words
    assert "data set" not in words


def test_ranks_of_mostly_tied_scores_are_flagged():
    document = found(QUESTIONS, columns=MODELS, tests=["friedman", "nemenyi"])
    for name in ("friedman", "nemenyi"):
        assert document[name]["flags"][0].startswith("ties on 40 of 40 items: ranks say little")


def test_one_correction_serves_the_family_of_tests_and_the_pairs():
    options = {"columns": MODELS, "tests": ["cochran", "friedman", "mcnemar"]}
    document = found(QUESTIONS, **options, multiple_testing_correction="bonferroni")
    assert document["correction"]["family_size"] == 2
    pair = document["pairwise_mcnemar"]["pairs"][0]
    assert pair["adjusted_p_value"] == pytest.approx(min(1.0, 3 * pair["p_value"]))
