"""Quality targets: each becomes a verdict, and what is not measured is not reached."""

import math

import pytest


def run_with(run_stages, targets, metrics):
    events = []
    result = run_stages(
        lambda context, options: context.merge_metrics(metrics),
        spec={"quality_targets": targets},
        observers=[events.append],
    )
    return result, events[-1].payload["quality_targets"]


REACHED = [("min", 0.5, 0.5, True), ("min", 0.5, 0.49, False), ("above", 0.5, 0.5, False), ("above", 0.5, 0.51, True)]
REACHED += [("max", 0.5, 0.5, True), ("max", 0.5, 0.51, False), ("below", 0.5, 0.5, False), ("below", 0.5, 0.49, True)]
REACHED += [
    ("min", 0.5, 1, True),
    ("max", 0.5, math.inf, False),
    ("min", 0.5, math.nan, False),
    ("max", 0.5, math.nan, False),
]


@pytest.mark.parametrize(("bound", "limit", "value", "reached"), REACHED)
def test_a_target_is_reached_within_its_bound(run_stages, bound, limit, value, reached):
    result, targets = run_with(run_stages, {"metrics.eval.accuracy": {bound: limit}}, {"eval": {"accuracy": value}})
    assert result.ok is reached
    assert targets["metrics.eval.accuracy"]["reached"] is reached
    (verdict,) = result.context.verdicts
    assert verdict.passed is reached
    assert verdict.question.startswith("Is metrics.eval.accuracy ")
    assert verdict.finding == f"metrics.eval.accuracy is {value}."
    assert result.failure is None or result.failure.code == "gate_failed"


@pytest.mark.parametrize(
    ("metrics", "finding"),
    [
        ({}, "there is no metric metrics.eval.accuracy."),
        ({"eval": {}}, "there is no metric metrics.eval.accuracy."),
        ({"eval": 0.9}, "there is no metric metrics.eval.accuracy."),
        ({"eval": {"accuracy": None}}, "metrics.eval.accuracy is undefined."),
        ({"eval": {"accuracy": None, "reason": "no rows"}}, "metrics.eval.accuracy is undefined: no rows."),
        ({"eval": {"accuracy": "0.9"}}, "metrics.eval.accuracy is '0.9', which is no number."),
        ({"eval": {"accuracy": True}}, "metrics.eval.accuracy is True, which is no number."),
        ({"eval": {"accuracy": [0.9]}}, "metrics.eval.accuracy is [0.9], which is no number."),
    ],
)
def test_what_is_not_measured_is_not_reached(run_stages, metrics, finding):
    result, targets = run_with(run_stages, {"metrics.eval.accuracy": ">= 0.5"}, metrics)
    assert result.failure.code == "gate_failed"
    assert result.failure.message == f"Is metrics.eval.accuracy >= 0.5? {finding}"
    entry = targets["metrics.eval.accuracy"]
    assert (entry["value"], entry["reached"]) == (None, None)
    assert finding == f"{entry['reason']}."


def test_each_target_has_its_verdict_and_its_event(run_stages):
    events = []
    targets = {"metrics.a": ">= 1", "metrics.b": "> 0, < 1"}
    result = run_stages(
        lambda context, options: context.merge_metrics({"a": 1, "b": 1}),
        spec={"quality_targets": targets},
        observers=[events.append],
    )
    assert [verdict.passed for verdict in result.context.verdicts] == [True, False]
    verdicts = [(event.payload["question"], event.stage) for event in events if event.event_name == "verdict"]
    assert verdicts == [("Is metrics.a >= 1?", None), ("Is metrics.b > 0, < 1?", None)]


def test_a_run_that_failed_before_is_not_judged_but_says_what_it_reached(run_stages):
    events = []

    def fail(context, options):
        raise ValueError

    result = run_stages(
        lambda context, options: context.put_metric("a", 1),
        fail,
        spec={"quality_targets": {"metrics.a": ">= 1"}},
        observers=[events.append],
    )
    assert result.failure.code == "stage_crashed"
    assert len(result.context.verdicts) == 0
    assert events[-1].payload["quality_targets"]["metrics.a"]["reached"] is True


def test_a_misspelt_target_names_the_metric_that_may_be_meant(run_stages):
    result, _ = run_with(run_stages, {"metrics.eval.acuracy": ">= 0.5"}, {"eval": {"accuracy": 0.9}})
    assert result.verdicts[0].finding == "there is no metric metrics.eval.acuracy; did you mean metrics.eval.accuracy?"


def test_a_metric_that_only_begins_alike_is_not_meant(run_stages):
    metrics = {"quantities": {"b": 1, "mean": 2}}
    result, _ = run_with(run_stages, {"metrics.quantities.zz": ">= 1", "metrics.quantities.maen": ">= 1"}, metrics)
    assert [verdict.finding for verdict in result.verdicts] == [
        "there is no metric metrics.quantities.zz.",
        "there is no metric metrics.quantities.maen; did you mean metrics.quantities.mean?",
    ]


def test_a_long_number_is_shown_with_four_digits(run_stages):
    result, targets = run_with(run_stages, {"metrics.eval.p": "<= 0.05"}, {"eval": {"p": 0.011620659515311067}})
    assert result.verdicts[0].finding == "metrics.eval.p is 0.01162."
    assert targets["metrics.eval.p"]["value"] == 0.011620659515311067


@pytest.mark.parametrize(
    ("value", "bound", "shown"),
    [
        (0.89999, ">= 0.9", "0.89999"),
        (0.5000001, "<= 0.5", "0.5000001"),
        (0.912345, ">= 0.9", "0.9123"),
        (10**20, "<= 1", "1e+20"),
    ],
)
def test_a_finding_is_rounded_but_never_across_its_bound(run_stages, value, bound, shown):
    result, _ = run_with(run_stages, {"metrics.a": bound}, {"a": value})
    assert result.context.verdicts[0].finding == f"metrics.a is {shown}."
