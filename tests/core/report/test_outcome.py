import pytest

from crucible_core.contract.context import Context
from crucible_core.contract.verdict import Verdict
from crucible_core.ir import Experiment
from crucible_core.pipeline.quality import reached_targets
from crucible_core.stages.report.outcome import outcome_of, targets_of
from crucible_core.stages.report.words import target_word

YES, NO = Verdict("Is it?", True, "It is."), Verdict("Is it not?", False, "It is not.")


def context_with(bounds, metrics):
    return Context(experiment=Experiment(id="x", pipeline=["report"], quality_targets=bounds), metrics=metrics)


def targets(bounds, metrics):
    return targets_of(context_with(bounds, metrics))


def outcome(verdicts=(), bounds=None, metrics=None, failure=None):
    return outcome_of(verdicts, targets(bounds or {}, metrics or {}), failure, found=bool(metrics))


@pytest.mark.parametrize(
    ("verdicts", "bounds", "tone", "headline"),
    [
        ([YES], {}, "passed", "The verdict passed"),
        ([YES, YES], {}, "passed", "Both verdicts passed"),
        (
            [YES],
            {"metrics.eval.accuracy": {"min": 0.5}},
            "passed",
            "The verdict passed, and every quality target was reached",
        ),
        ([], {"metrics.eval.accuracy": {"min": 0.5}}, "passed", "The quality target was reached"),
        ([NO], {}, "failed", "The verdict failed"),
        ([NO, NO], {}, "failed", "Both verdicts failed"),
        ([YES, NO], {}, "failed", "1 of 2 verdicts failed"),
        ([YES], {"metrics.eval.accuracy": {"min": 0.99}}, "failed", "The quality target was missed"),
        ([], {}, "open", "What was found"),
    ],
)
def test_the_headline_says_how_it_went(verdicts, bounds, tone, headline):
    found = outcome(verdicts, bounds, {"eval": {"accuracy": 0.9}})
    assert (found.tone, found.headline) == (tone, headline)


@pytest.mark.parametrize(
    ("bounds", "reached"),
    [
        ({"min": 0.9}, True),
        ({"above": 0.9}, False),
        ({"max": 0.9}, True),
        ({"below": 0.9}, False),
        ({"min": 0.5, "max": 0.8}, False),
    ],
)
def test_a_metric_is_held_to_each_bound(bounds, reached):
    (target,) = targets({"metrics.eval.accuracy": bounds}, {"eval": {"accuracy": 0.9}})
    assert target.reached is reached


def test_nan_reaches_no_target():
    (target,) = targets({"metrics.eval.loss": {"max": 1.0}}, {"eval": {"loss": float("nan")}})
    assert target.reached is False


@pytest.mark.parametrize(
    ("path", "word", "said"),
    [
        ("metrics.eval.acuracy", "Not measured", "did you mean metrics.eval.accuracy?"),
        ("metrics.eval.t.p_value", "Undefined", "is undefined: all differences are equal."),
        ("metrics.eval.p_value", "Undefined", "is undefined."),
    ],
)
def test_a_target_without_a_number_is_missed_and_says_why(path, word, said):
    metrics = {
        "eval": {"accuracy": 0.9, "p_value": None, "t": {"p_value": None, "reason": "all differences are equal"}}
    }
    bounds = {path: {"min": 0.5}}
    found = outcome(bounds=bounds, metrics=metrics)
    assert found.tone == "failed"
    (sentence,) = found.sentences
    assert sentence.startswith(f"{path.removeprefix('metrics.')} was to be ≥ 0.5: ")
    assert sentence.endswith(said)
    assert reached_targets(context_with(bounds, metrics))[path]["reason"] in sentence
    assert [target_word(each) for each in targets(bounds, metrics)] == [word]


def test_a_missed_target_is_told_with_its_number():
    found = outcome(bounds={"metrics.eval.accuracy": {"min": 0.95}}, metrics={"eval": {"accuracy": 0.9}})
    assert "eval.accuracy is 0.9; it was to be ≥ 0.95." in found.sentences


def test_a_failed_run_says_where_and_why():
    found = outcome([YES], failure={"stage": "train", "code": "timeout", "message": "took too long"})
    assert (found.tone, found.headline) == ("failed", "The run failed in stage train: took too long")


def test_a_run_that_nobody_judged_says_so_in_a_small_note():
    assert outcome(metrics={"eval": {"accuracy": 0.9}}).sentences == ("No stage of this run judged its results.",)


def test_a_run_that_left_nothing_says_so():
    assert (outcome().tone, outcome().headline) == ("open", "The run left no results")
