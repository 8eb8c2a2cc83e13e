"""Numbers, words and flags that the IR refuses, and what it says."""

from __future__ import annotations

import pytest

from crucible_core import ir
from crucible_core.ir import SpecError

INF, NAN = float("inf"), float("nan")
REQUIRED = {
    "TrainingConfig": {"id": "t", "model_ref": {"id": "m"}, "dataset_ref": {"name": "d"}},
    "DeploymentConfig": {"id": "d", "model_version_id": "v"},
    "DeploymentStatus": {"id": "s", "deployment_id": "d"},
    "FeedbackEvent": {"id": "f"},
    "ModelVersion": {"id": "v", "model_id": "m", "version": "1.0.0"},
    "BackendCapabilities": {"backend_id": "b", "provider": "p"},
    "BackendUsage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    "Experiment": {"id": "e", "pipeline": ["x"]},
    "BackendMessage": {"role": "user", "content": ""},
    "OutputSpec": {"name": "o"},
    "StageDef": {"name": "s"},
    "TrainingRun": {"id": "r", "config": {"id": "t", "model_ref": {"id": "m"}, "dataset_ref": {"name": "d"}}},
}
NO_INTEGER = ("5", True, 1.0, None)
NO_NUMBER = ("0.5", True, NAN, INF, -INF)

#: Type, field, values taken, values refused.
BOUNDS = [
    ("TrainingConfig", "epochs", (1, 10**6), (0, -1, *NO_INTEGER)),
    ("TrainingConfig", "batch_size", (1,), (0, *NO_INTEGER)),
    ("TrainingConfig", "learning_rate", (1e-9, 1), (0, -0.1, *NO_NUMBER)),
    ("TrainingConfig", "validation_split", (0, 0.5, None), (1, -0.1, *NO_NUMBER)),
    ("TrainingConfig", "gradient_clipping", (0.5, None), (0, *NO_NUMBER)),
    ("TrainingConfig", "checkpoint_every", (1, None), (0, "1")),
    ("TrainingConfig", "seed", (0, 2**63, None), (-1, 1.5)),
    ("TrainingConfig", "mixed_precision", (True, False), (1, 0, "yes", None)),
    ("DeploymentConfig", "replicas", (1,), (0, *NO_INTEGER)),
    ("DeploymentStatus", "ready_replicas", (0, None), (-1,)),
    ("DeploymentStatus", "traffic_percent", (0, 100), (-1, 100.1, *NO_NUMBER)),
    ("FeedbackConfig", "sampling_rate", (0, 1, 0.5), (-0.1, 1.1, *NO_NUMBER)),
    ("FeedbackConfig", "retention_days", (1, None), (0, 1.5)),
    ("FeedbackEvent", "latency_ms", (0, 1.5), (-1, *NO_NUMBER)),
    ("ReliabilityEnsemble", "min_agreement", (0, 1), (-0.1, 1.1, *NO_NUMBER)),
    ("ReliabilityEnsemble", "timeout_ms", (1,), (0,)),
    ("ReliabilityHedging", "percentile", (0.1, 99.9), (0, 100, *NO_NUMBER)),
    ("ReliabilityHedging", "delay_ms", (0,), (-1, 1.5)),
    ("ReliabilityHedging", "max_hedges", (0, 3), (-1,)),
    ("ReliabilityHedging", "budget_percent", (0, 100), (-1, 101)),
    ("ReliabilityStats", "alpha", (0.001, 0.999), (0, 1, 5, *NO_NUMBER)),
    ("ReliabilityStats", "confidence_level", (0.95, None), (0, 1, 95)),
    ("ReliabilityStats", "bootstrap_iterations", (1,), (0, "100")),
    ("ReliabilityFairness", "threshold", (0, 0.8, 1), (-0.1, 1.5)),
    ("BackendOptions", "temperature", (0, 2), (-0.1, *NO_NUMBER)),
    ("BackendOptions", "top_p", (0, 1), (1.1,)),
    ("BackendOptions", "max_tokens", (0, None), (-1, 1.5)),
    ("BackendOptions", "seed", (-1, None), (1.5, True)),
    ("BackendUsage", "total_tokens", (0,), (-1, None)),
    ("BackendCapabilities", "cost_per_million_input", (0, 2.5), (-1, INF)),
    ("ModelVersion", "version", ("0.1.0", "1.0.0-rc.1", "1.0.0+b.7"), ("1", "1.0", "v1.0.0", "01.0.0", 1.0, "1.0.0\n")),
    ("Experiment", "id", ("a", "A.b-c_1", "x" * 128), ("", "x" * 129, "../a", ".a", "-a", "a/b", "a b", "ä", "a\n", 5)),
    ("Experiment", "schema_version", ("1.0", "1.12"), ("2.0", "0.9", "1", "one", 1.0)),
    ("Experiment", "pipeline", (["x"],), ([], "x", {"name": "x"}, None)),
    ("Experiment", "tags", ([], ["a"]), ("abc", [1])),
    ("Experiment", "created_at", ("2026-01-31T12:00:00Z", None), ("2026-01-31T12:00:00", "today", 5, "2026-01-31")),
    ("RetryPolicy", "attempts", (1, 10**6), (0, *NO_INTEGER)),
    ("RetryPolicy", "backoff_s", (0, 60), (-0.1, *NO_NUMBER)),
    ("RetryPolicy", "factor", (1, 2.5), (0.9, 0, *NO_NUMBER)),
    ("RetryPolicy", "max_backoff_s", (1, 3600), (-1, *NO_NUMBER)),
    ("RetryPolicy", "jitter", (0, 0.5, 1), (-0.1, 1.1, *NO_NUMBER)),
    ("RetryPolicy", "codes", ([], ["timeout"], ["*", "too_few"]), ("timeout", ["Timeout"], ["a b"], [5], None)),
    ("StageDef", "retry", (None, {}, {"attempts": 2}), (3, "twice", [])),
    ("StageDef", "timeout_s", (None, 0.1, 3600), (0, -1, "5", True, INF)),
    ("StageDef", "isolation", (None, "process"), ("thread", "none", True)),
    ("StageDef", "on_failure", ("stop", "continue", "skip_rest"), ("ignore", None, 5)),
    ("StageDef", "when", (None, "metrics.a.b > 1"), ("", "x" * 2001, True, 5)),
    ("Experiment", "params", ({}, {"a": [1]}), ([], None, "a", {5: 1}, {"a": {5: 1}})),
    ("BackendMessage", "role", ("system", "user", "assistant", "tool"), ("bot", "User", None)),
    ("BackendMessage", "content", ("", [], [{"type": "text", "text": "x"}]), (None, 5, {"type": "text"}, ["x"], [{}])),
    ("BackendOptions", "response_format", ("text", "json", None), ("xml",)),
    ("BackendOptions", "cache_control", ("ephemeral", None), ("forever",)),
    ("BackendPrompt", "tool_choice", ("auto", "none", "required", {"name": "f"}, None), ("any", {}, {"name": ""}, 5)),
    ("OutputSpec", "formats", (["markdown", "json", "html", "latex", "csv"],), (["pdf"], "html")),
    ("OutputSpec", "sink", ("file", "stdout", "s3", "postgres"), ("ftp", None)),
    ("TrainingRun", "status", ("pending", "running", "completed", "failed", "cancelled"), ("done", None)),
    ("ModelVersion", "stage", ("development", "staging", "production", "archived"), ("live",)),
    (
        "DeploymentStatus",
        "state",
        ("pending", "deploying", "active", "degraded", "failed", "terminated"),
        ("up",),
    ),
    ("DeploymentStatus", "health", ("unknown", "healthy", "unhealthy", "degraded"), ("ill",)),
]


def make(name, field, value):
    return getattr(ir, name).from_dict({**REQUIRED.get(name, {}), field: value})


@pytest.mark.parametrize(
    ("name", "field", "value"), [(name, field, value) for name, field, good, _ in BOUNDS for value in good]
)
def test_within_bounds(name, field, value):
    assert make(name, field, value).to_dict()[field] == make(name, field, value).replace().to_dict()[field]


@pytest.mark.parametrize(
    ("name", "field", "value"), [(name, field, value) for name, field, _, bad in BOUNDS for value in bad]
)
def test_out_of_bounds(name, field, value):
    with pytest.raises(SpecError) as caught:
        make(name, field, value)
    for problem in caught.value.problems:
        assert problem.path.startswith(field)
        assert "another value" not in problem.message


@pytest.mark.parametrize(
    ("name", "field", "value", "message"),
    [
        (
            "TrainingConfig",
            "epochs",
            "ten",
            "expected an integer greater than or equal to 1, got 'ten' (a string)",
        ),
        ("TrainingConfig", "epochs", True, "expected an integer greater than or equal to 1, got true (a boolean)"),
        ("TrainingConfig", "learning_rate", NAN, "expected a number greater than 0, got nan (a number)"),
        ("TrainingConfig", "optimizer", 5, "expected a non-empty string, got 5 (an integer); put it in quotes"),
        ("TrainingConfig", "early_stopping", 5, "expected a mapping, got 5 (an integer)"),
        ("ReliabilityStats", "alpha", 1, "expected a number between 0 and 1, both excluded, got 1 (an integer)"),
        ("ReliabilityStats", "tests", "ttest", "expected a list, got 'ttest' (a string)"),
        ("Experiment", "schema_version", "2.0", "this version of Crucible reads spec version 1.0, got '2.0'"),
        ("Experiment", "pipeline", [], "expected a list of at least one stage, got an empty list"),
        ("OutputSpec", "formats", [], "expected a list of at least one format, got an empty list"),
        ("Experiment", "baseline", [1], "expected a mapping, got a list"),
        ("Experiment", "owner", {}, "expected a string, got a mapping"),
        ("Experiment", "id", "/" * 200, "got a string of 200 characters"),
        ("Experiment", "created_at", "today", "expected an ISO 8601 date and time with its zone"),
        ("OutputSpec", "sink", "ftp", "expected one of file, stdout, s3, postgres, got 'ftp' (a string)"),
        ("BackendMessage", "content", 5, "expected text or a list of parts, got 5 (an integer)"),
        ("BackendMessage", "content", [{}], "expected a mapping with a type, got a mapping"),
        ("BackendMessage", "content", [{"type": "video"}], "type is one of 'text', 'image', 'audio', 'tool_result'"),
        ("ReliabilityEnsemble", "weights", {"a": -1}, "expected a number greater than or equal to 0"),
        ("StageDef", "retry", 3, "expected a mapping, got 3 (an integer)"),
        (
            "StageDef",
            "when",
            False,
            "expected a condition of 1 to 2000 characters such as 'metrics.eval.accuracy >= 0.9'",
        ),
        ("StageDef", "isolation", "thread", "expected one of process, got 'thread' (a string)"),
        (
            "RetryPolicy",
            "codes",
            ["Timeout"],
            "expected a failure code in snake_case such as 'timeout', or '*' for any",
        ),
    ],
)
def test_messages_are_in_plain_words(name, field, value, message):
    with pytest.raises(SpecError) as caught:
        make(name, field, value)
    assert message in caught.value.problems[0].message


def test_a_misspelt_word_gets_a_near_match():
    with pytest.raises(SpecError, match="did you mean 'markdown'"):
        make("OutputSpec", "formats", ["markdwn"])
    with pytest.raises(SpecError, match="did you mean 'skip_rest'"):
        make("StageDef", "on_failure", "skip-rest")


@pytest.mark.parametrize(
    ("name", "data", "path", "message"),
    [
        ("ReliabilityEnsemble", {"models": ["a"], "weights": {"b": 1}}, "weights.b", "no such model; models: a"),
        ("ReliabilityEnsemble", {"strategy": "majority", "models": []}, "models", "needs at least one model"),
        ("BackendOptions", {"response_format": "json_schema"}, "json_schema", "is required when"),
        ("BackendImagePart", {}, "", "either url, or base64 and media_type"),
        ("BackendImagePart", {"url": "u", "base64": "b"}, "", "either url, or base64 and media_type"),
        ("BackendImagePart", {"base64": "b"}, "media_type", "is required beside base64"),
        ("RetryPolicy", {"backoff_s": 90}, "backoff_s", "backoff_s 90 is more than max_backoff_s 60"),
    ],
)
def test_fields_that_do_not_go_together(name, data, path, message):
    with pytest.raises(SpecError) as caught:
        getattr(ir, name).from_dict(data)
    (problem,) = caught.value.problems
    assert problem.path == path
    assert message in problem.message


def test_weights_without_models_are_left_to_the_stage():
    assert ir.ReliabilityEnsemble(weights={"a": 1}).weights == {"a": 1.0}


def test_names_that_belong_to_plugins_are_open():
    config = ir.TrainingConfig.from_dict({**REQUIRED["TrainingConfig"], "optimizer": "lion", "device": "npu"})
    assert (config.optimizer, config.device) == ("lion", "npu")


def test_an_integer_is_a_float():
    rate = make("TrainingConfig", "learning_rate", 1).learning_rate
    assert isinstance(rate, float)


def test_all_problems_are_reported_at_once():
    with pytest.raises(SpecError) as caught:
        ir.Experiment.from_dict({"pipeline": [5, {}], "reliability": {"stats": {"alpha": 2, "test": []}}})
    assert {problem.path for problem in caught.value.problems} == {
        "id",
        "pipeline[0]",
        "pipeline[1]",
        "reliability.stats.alpha",
        "reliability.stats.test",
    }
