"""The stage: what it finds in rows, and what it leaves behind."""

from __future__ import annotations

import json

import pytest

from crucible_bench.catalogue import TESTS
from crucible_bench.stages import Bench
from crucible_core import Context, StageError, run
from crucible_core.ir import Experiment

LONG = [{"group": "a", "score": score} for score in (0.61, 0.74, 0.68, 0.81)] + [
    {"group": "b", "score": score} for score in (0.55, 0.58, 0.66, 0.6)
]
WIDE = [
    {"d": f"set {i}", "x": x, "y": y, "z": z}
    for i, (x, y, z) in enumerate([(1, 2, 3), (1, 3, 2), (2, 4, 5), (1, 2, 4)])
]


def bench(rows, path="outputs", **options):
    context = Context(outputs=rows) if path == "outputs" else Context(assigns={path.partition(".")[2]: rows})
    return Bench().run(context, Bench.Options(data=path, **options))


def found(rows, **options):
    return bench(rows, **options).get_metric("stage")


@pytest.mark.parametrize("example", Bench.examples, ids=lambda example: example.summary)
def test_every_example_does_what_it_says(example):
    context = Context(outputs=example.make("outputs"), assigns=example.make("assigns"))
    options = Bench.Options(**example.make("options"))
    if example.raises is None:
        assert Bench().run(context, options).has_metric("stage")
    else:
        with pytest.raises(StageError) as caught:
            Bench().run(context, options)
        assert caught.value.code == example.raises


def test_the_examples_show_every_option_every_choice_and_every_error():
    used = [example.make("options") for example in Bench.examples]
    assert {name for options in used for name in options} == set(Bench.Options.model_fields)
    assert {options.get("design") for options in used} >= {
        "auto",
        "two_groups",
        "paired",
        "many_groups",
        "many_datasets",
    }
    assert {options.get("alternative") for options in used} >= {"two-sided", "greater", "less"}
    assert {example.raises for example in Bench.examples} == {None, *Bench.errors}


@pytest.mark.parametrize(
    ("rows", "options", "design"),
    [
        (LONG, {}, "two_groups"),
        ([*LONG, {"group": "c", "score": 1}, {"group": "c", "score": 2}], {}, "many_groups"),
        (WIDE, {"columns": ["x", "y"]}, "paired"),
        (WIDE, {"columns": ["x", "y", "z"]}, "many_datasets"),
        (WIDE, {"columns": ["x", "y", "z"], "groups": ["z", "x"]}, "paired"),
        (WIDE, {"columns": ["x", "y"], "design": "two_groups"}, "two_groups"),
        (WIDE, {"columns": ["x", "y"], "design": "many_datasets"}, "many_datasets"),
    ],
)
def test_the_design_follows_from_the_data_unless_it_is_given(rows, options, design):
    assert found(rows, **options)["design"] == design


def test_rows_of_one_item_are_matched_whatever_their_order():
    rows = [{"group": g, "item": i, "score": i * (2 if g == "b" else 1)} for g in "ab" for i in range(1, 9)]
    forward = found(rows, item="item", tests=["ttest"])
    backward = found([*reversed(rows)], item="item", tests=["ttest"], groups=["a", "b"])
    assert forward["paired_ttest"]["statistic"] == pytest.approx(backward["paired_ttest"]["statistic"])


def test_the_first_group_is_the_one_named_first():
    higher = found(LONG, tests=["welch"])["welch"]["estimate"]["value"]
    lower = found(LONG, tests=["welch"], groups=["b", "a"])["welch"]["estimate"]["value"]
    assert higher == pytest.approx(-lower)
    assert higher > 0


def test_welch_is_that_of_scipy():
    from scipy import stats

    ours = found(LONG, tests=["ttest"])["welch"]
    theirs = stats.ttest_ind([0.61, 0.74, 0.68, 0.81], [0.55, 0.58, 0.66, 0.6], equal_var=False)
    assert (ours["statistic"], ours["p_value"]) == pytest.approx((theirs.statistic, theirs.pvalue))


def test_every_p_value_comes_with_an_effect_size_and_an_interval():
    for name, rows, options in [
        ("two_groups", LONG, {"tests": ["welch", "student", "mannwhitney", "permutation", "bootstrap"]}),
        ("paired", WIDE, {"columns": ["x", "y"], "tests": ["ttest", "wilcoxon", "sign", "permutation", "bootstrap"]}),
        (
            "many_groups",
            [*LONG, *({"group": "c", "score": s} for s in (1, 2, 4))],
            {"tests": ["anova", "welch_anova", "kruskal"]},
        ),
    ]:
        document = found(rows, **options)
        results = [value for key, value in document.items() if key in TESTS]
        assert len(results) == len(options["tests"]), name
        for result in results:
            assert result["effect_size"]["interval"]["method"]


def test_results_are_json():
    assert json.loads(json.dumps(found(WIDE, columns=["x", "y", "z"]), allow_nan=False))["mean_ranks"]["x"] > 2


def test_a_confidence_level_alone_sets_alpha():
    assert found(LONG, confidence_level=0.9)["alpha"] == pytest.approx(0.1)


def test_corrected_p_values_stand_beside_the_others():
    document = found(LONG, tests=["welch", "student"], multiple_testing_correction="bonferroni")
    adjusted = {each["name"]: each["adjusted"] for each in document["correction"]["members"]}
    assert adjusted["welch"] == pytest.approx(2 * document["welch"]["p_value"])


def experiment(**stats):
    pipeline = [{"name": "bench", "options": {"data": "assigns.rows"}}]
    return Experiment.from_dict({"id": "e", "reliability": {"stats": stats}, "pipeline": pipeline})


def test_the_statistics_of_the_experiment_fill_what_is_not_given():
    result = run(experiment(tests=["student"], alpha=0.2), assigns={"rows": LONG}, persist=False)
    document = result.unwrap().get_metric("bench")
    assert document["alpha"] == 0.2
    assert "student" in document
    assert "welch" not in document


def test_the_same_seed_gives_the_same_bootstrap_and_another_seed_another():
    rows = [{"group": "ab"[i % 2], "score": (i * 37 % 101) ** 0.5} for i in range(80)]

    def interval(seed):
        result = run(experiment(tests=["bootstrap"]), assigns={"rows": rows}, seed=seed, persist=False)
        return result.unwrap().get_metric("bench")["bootstrap"]["estimate"]["interval"]

    assert interval(1) == interval(1)
    assert interval(1) != interval(2)


def test_importing_the_stage_imports_no_numbers(tmp_path):
    import subprocess
    import sys

    code = "import sys, crucible_bench.stages; print([m for m in ('numpy', 'scipy') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
