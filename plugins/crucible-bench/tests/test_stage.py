"""The stage: what it finds in rows, what it leaves behind, and what it refuses."""

from __future__ import annotations

import json
import re

import pytest

from crucible_bench.catalogue import TESTS, known_names
from crucible_bench.correction import Correction
from crucible_bench.stages import Bench
from crucible_core import Context, Figure, PlanError, StageError, Table, Text, run
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


def test_a_field_that_is_not_there_gets_a_near_match():
    with pytest.raises(StageError, match="did you mean 'score'"):
        bench(LONG, score="scor")


def test_a_test_that_does_not_fit_says_which_do():
    with pytest.raises(StageError, match="tests that fit: welch, student") as caught:
        bench(LONG, tests=["friedman"])
    assert caught.value.code == "test_does_not_fit"


def test_a_direction_is_refused_where_a_test_has_none():
    with pytest.raises(StageError, match="has no direction"):
        bench(WIDE, columns=["x", "y", "z"], alternative="greater")


QUESTIONS = [
    {"question": f"q{i}", "alpha": int(i % 8 != 0), "beta": int(i % 3 != 0), "gamma": int(i % 2)} for i in range(40)
]
MODELS = ["alpha", "beta", "gamma"]


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


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tests": ["wlech"]}, "no test is named 'wlech'; did you mean 'welch'?"),
        ({"tests": ["welch", "nemeny"]}, "did you mean 'nemenyi'?"),
        ({"multiple_testing_correction": "holms"}, "no correction is named 'holms'; did you mean 'holm'?"),
    ],
)
def test_wrong_names_are_found_when_the_run_is_planned(options, words):
    stage = {"name": "bench", "options": {"data": "assigns.rows", **options}}
    with pytest.raises(PlanError, match=re.escape(words)):
        run(Experiment.from_dict({"id": "e", "pipeline": [stage]}), assigns={"rows": LONG}, persist=False)


def test_the_description_names_every_test_and_every_correction():
    properties = Bench().describe().options_schema["properties"]
    tests, corrections = properties["tests"], properties["multiple_testing_correction"]
    assert all(name in tests["description"] for name in TESTS)
    assert set(known_names()) == set(tests["anyOf"][0]["items"]["enum"])
    assert all(name in corrections["description"] for name in Correction)
    assert {"holm", "fdr", "bh"} <= set(corrections["anyOf"][0]["enum"])


@pytest.mark.parametrize("name", ["Mann-Whitney", "t_test", "bootstrap"])
def test_other_names_of_tests_are_accepted(name):
    assert found(LONG, tests=[name])


@pytest.mark.parametrize(
    ("rows", "options", "code", "words"),
    [
        (WIDE, {"columns": ["x", "y"], "tests": ["ttest", "mannwhitney"]}, "test_does_not_fit", "tests that fit"),
        (LONG, {"tests": ["welch", "kruskal"], "alternative": "less"}, "test_does_not_fit", "kruskal has no direction"),
        (WIDE, {"columns": ["x", "y"], "tests": ["ttest", "mcnemar"]}, "not_binary", "x has 2 in row 3"),
        (LONG, {"tests": ["welch"], "groups": ["a", "z"]}, "wrong_group", "no group 'z'"),
    ],
)
def test_what_does_not_fit_is_said_before_anything_is_computed(rows, options, code, words):
    """Each test that was computed leaves an event `log`."""
    events = []
    stage = {"name": "bench", "options": {"data": "assigns.rows", **options}}
    spec = Experiment.from_dict({"id": "e", "pipeline": [stage]})
    result = run(spec, assigns={"rows": rows}, persist=False, observers=[events.append])
    assert result.failure.code == code
    assert words in result.failure.message
    assert "log" not in {each.event_name for each in events}


def test_every_test_that_is_computed_leaves_a_log_event():
    events = []
    spec = Experiment.from_dict({"id": "e", "pipeline": [{"name": "bench", "options": {"data": "assigns.rows"}}]})
    run(spec, assigns={"rows": LONG}, persist=False, observers=[events.append])
    assert [each.event_name for each in events].count("log") == 2


@pytest.mark.parametrize(
    ("scores", "code", "words"),
    [
        (["1", "yes", "1", "0"], "not_numeric", "a has the text 'yes' in row 2"),
        (["1", "0", "1", "0"], "not_numeric", "a has the text '1' in row 1"),
        ([1, 0, [1], 0], "not_numeric", r"a has \[1\] (list) in row 3".replace("(", r"\(").replace(")", r"\)")),
        ([1, 0, None, 0], "missing_cells", "no score for a on row 3"),
        ([1, 0, float("nan"), 0], "missing_cells", "no score for a on row 3"),
        ([1, float("-inf"), 2, 0], "not_finite", "a has -inf in row 2"),
    ],
)
def test_a_score_that_is_none_is_named_with_group_row_and_value(scores, code, words):
    with pytest.raises(StageError, match=words) as caught:
        bench([{"a": score, "b": 1} for score in scores], columns=["a", "b"])
    assert caught.value.code == code


def test_rows_are_counted_as_they_stand_even_where_groups_alternate():
    rows = [{"group": "ab"[i % 2], "score": i} for i in range(8)]
    rows[5]["score"] = "five"
    with pytest.raises(StageError, match="b has the text 'five' in row 6"):
        bench(rows)


def test_an_item_in_two_rows_is_refused():
    with pytest.raises(StageError, match="two rows have question q1") as caught:
        bench([*QUESTIONS, QUESTIONS[1]], columns=MODELS, item="question")
    assert caught.value.code == "duplicate_names"


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
        (WIDE, {"columns": ["x", "y"], "tests": ["ttest", "wilcoxon", "bootstrap"]}, "Difference of x and y", 2),
        (QUESTIONS, {"columns": MODELS}, "Differences of success rates", 3),
    ],
)
def test_differences_are_drawn_with_their_intervals(rows, options, title, drawn):
    (figure,) = [part for part in bench(rows, **options).get_artifact("stage") if isinstance(part, Figure)]
    assert figure.title == title
    assert figure.svg.count("<circle") == drawn
    assert "95% interval" in figure.alt


def test_missing_scores_are_named():
    rows = [*WIDE, {"d": "set 4", "x": 1, "y": None, "z": 2}]
    with pytest.raises(StageError, match="no score for y on set 4") as caught:
        bench(rows, columns=["x", "y", "z"], item="d")
    assert caught.value.code == "missing_cells"


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
