import pytest

from crucible_core.contract.verdict import Verdict
from crucible_core.stages.report.outcome import outcome_of, targets_of

YES, NO = Verdict("Is it?", True, "It is."), Verdict("Is it not?", False, "It is not.")


def outcome(verdicts=(), bounds=None, metrics=None, failure=None):
    return outcome_of(verdicts, targets_of(bounds or {}, metrics or {}), failure, len(metrics or {}))


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
        ([], {}, "open", "No verdict: nothing was judged in this run"),
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
        ({"min": None, "below": 1.0}, True),
    ],
)
def test_a_metric_is_held_to_each_bound(bounds, reached):
    (target,) = targets_of({"metrics.eval.accuracy": bounds}, {"eval": {"accuracy": 0.9}})
    assert target.reached is reached


def test_nan_reaches_no_target():
    (target,) = targets_of({"metrics.eval.loss": {"max": 1.0}}, {"eval": {"loss": float("nan")}})
    assert target.reached is False


def test_a_target_that_nobody_measured_is_missed_and_says_so():
    found = outcome(bounds={"metrics.eval.recall": {"min": 0.5}}, metrics={"eval": {"accuracy": 0.9}})
    assert found.tone == "failed"
    assert "eval.recall is held to ≥ 0.5, but no stage measured it." in found.sentences


def test_a_missed_target_is_told_with_its_number():
    found = outcome(bounds={"metrics.eval.accuracy": {"min": 0.95}}, metrics={"eval": {"accuracy": 0.9}})
    assert "eval.accuracy is 0.9; it was to be ≥ 0.95." in found.sentences


def test_a_failed_run_says_where_and_why():
    found = outcome([YES], failure={"stage": "train", "code": "timeout", "message": "took too long"})
    assert (found.tone, found.headline) == ("failed", "The run failed in stage train: took too long")


@pytest.mark.parametrize(("bounds", "told"), [({}, True), ({"metrics.eval.accuracy": {"min": 0.5}}, False)])
def test_a_run_that_nobody_judged_says_how_it_could_be(bounds, told):
    found = outcome(bounds=bounds, metrics={"eval": {"accuracy": 0.9}})
    assert ("1 stage left metrics; a stage that judges would add" in " ".join(found.sentences)) is told
