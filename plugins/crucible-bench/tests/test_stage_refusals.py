"""What the stage refuses: with the place of what is wrong, and before anything is computed."""

from __future__ import annotations

import re

import pytest

from crucible_bench.catalogue import TESTS, known_names
from crucible_bench.correction import Correction
from crucible_bench.stages import Bench
from crucible_core import Context, PlanError, StageError, run
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
        ([1, 1e300, 2, 0], "out_of_range", "a has a score beyond 1e\\+100"),
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


def test_missing_scores_are_named():
    rows = [*WIDE, {"d": "set 4", "x": 1, "y": None, "z": 2}]
    with pytest.raises(StageError, match="no score for y on set 4") as caught:
        bench(rows, columns=["x", "y", "z"], item="d")
    assert caught.value.code == "missing_cells"
