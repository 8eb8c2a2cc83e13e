"""What holds for every type of the IR."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from pydantic import ValidationError

from crucible_core import ir
from crucible_core.ir import FrozenDict, IRModel, SpecError

MODEL = {"id": "m"}
DATASET = {"name": "d"}
TRAINING = {"id": "t", "model_ref": MODEL, "dataset_ref": DATASET}
MESSAGE = {"role": "user", "content": "hello"}
ZONED = "2026-01-31T12:00:00+00:00"

#: Type -> the fields it requires, and the defaults of all others.
TYPES = {
    "Experiment": (
        {"id": "e", "pipeline": ["x"]},
        {
            "schema_version": "1.0",
            **dict.fromkeys(
                [
                    "description",
                    "owner",
                    "tags",
                    "metadata",
                    "experiment_type",
                    "backend",
                    "dataset",
                    "reliability",
                    "model_version",
                    "training_config",
                    "baseline",
                    "outputs",
                    "created_at",
                    "updated_at",
                ]
            ),
            "params": {},
            "quality_targets": {},
        },
    ),
    "StageDef": (
        {"name": "compare"},
        {
            "id": "compare",
            "module": None,
            "options": {},
            "enabled": True,
            "on_failure": "stop",
            **dict.fromkeys(["retry", "timeout_s", "isolation", "when"]),
        },
    ),
    "RetryPolicy": (
        {},
        {
            "attempts": 3,
            "backoff_s": 1.0,
            "factor": 2.0,
            "max_backoff_s": 60.0,
            "jitter": 0.5,
            "codes": ["stage_crashed", "timeout", "worker_died"],
        },
    ),
    "BackendRef": (
        {"id": "b"},
        {
            "profile": "default",
            **dict.fromkeys(["options", "model_version", "endpoint_url", "deployment_id", "fallback"]),
        },
    ),
    "DatasetRef": (
        DATASET,
        {
            "provider": "crucible_datasets",
            "split": "train",
            **dict.fromkeys(["options", "version", "format", "schema"]),
        },
    ),
    "OutputSpec": ({"name": "o"}, {"formats": ["markdown"], "sink": "file", "options": None}),
    "ModelRef": (
        MODEL,
        {
            "provider": "local",
            "framework": "pytorch",
            **dict.fromkeys(["name", "version", "architecture", "task", "artifact_uri", "metadata", "options"]),
        },
    ),
    "ModelVersion": (
        {"id": "v", "model_id": "m", "version": "1.0.0"},
        {
            "stage": "development",
            **dict.fromkeys(
                [
                    "training_run_id",
                    "metrics",
                    "artifact_uri",
                    "parent_version",
                    "description",
                    "created_at",
                    "created_by",
                    "options",
                ]
            ),
        },
    ),
    "TrainingConfig": (
        TRAINING,
        {
            "epochs": 1,
            "batch_size": 32,
            "learning_rate": 0.001,
            "optimizer": "adam",
            "loss_function": "cross_entropy",
            "metrics": ["loss", "accuracy"],
            "device": "cpu",
            "mixed_precision": False,
            **dict.fromkeys(
                ["validation_split", "seed", "gradient_clipping", "early_stopping", "checkpoint_every", "options"],
            ),
        },
    ),
    "TrainingRun": (
        {"id": "r", "config": TRAINING},
        {
            "status": "pending",
            **dict.fromkeys(
                [
                    "current_epoch",
                    "metrics_history",
                    "best_metrics",
                    "checkpoint_uris",
                    "final_model_version",
                    "started_at",
                    "completed_at",
                    "error_message",
                    "options",
                ]
            ),
        },
    ),
    "DeploymentConfig": (
        {"id": "d", "model_version_id": "v"},
        {
            "replicas": 1,
            "environment": "development",
            "strategy": "rolling",
            **dict.fromkeys(["target", "resources", "scaling", "health_check", "endpoint", "metadata", "options"]),
        },
    ),
    "DeploymentStatus": (
        {"id": "s", "deployment_id": "d"},
        {
            "state": "pending",
            "health": "unknown",
            **dict.fromkeys(
                [
                    "ready_replicas",
                    "total_replicas",
                    "endpoint_url",
                    "traffic_percent",
                    "last_health_check",
                    "error_message",
                    "created_at",
                    "updated_at",
                ]
            ),
        },
    ),
    "FeedbackConfig": (
        {},
        {
            "enabled": False,
            "sampling_rate": 1.0,
            "feedback_types": ["thumbs", "correction"],
            "storage": "postgres",
            "anonymize_pii": True,
            **dict.fromkeys(["retention_days", "drift_detection", "retraining_trigger", "options"]),
        },
    ),
    "FeedbackEvent": (
        {"id": "f"},
        {
            "feedback_type": "thumbs",
            **dict.fromkeys(
                [
                    "deployment_id",
                    "model_version",
                    "input",
                    "output",
                    "feedback_value",
                    "user_id",
                    "session_id",
                    "latency_ms",
                    "timestamp",
                    "metadata",
                ]
            ),
        },
    ),
    "ReliabilityConfig": (
        {},
        dict.fromkeys(
            [
                "ensemble",
                "hedging",
                "guardrails",
                "stats",
                "fairness",
                "monitoring",
                "drift",
                "circuit_breaker",
                "feedback",
            ],
        ),
    ),
    "ReliabilityEnsemble": (
        {},
        {
            "strategy": "none",
            "execution_mode": "parallel",
            **dict.fromkeys(["models", "weights", "min_agreement", "timeout_ms", "options"]),
        },
    ),
    "ReliabilityHedging": (
        {},
        {"strategy": "off", **dict.fromkeys(["delay_ms", "percentile", "max_hedges", "budget_percent", "options"])},
    ),
    "ReliabilityStats": (
        {},
        {
            "tests": ["ttest", "bootstrap"],
            "alpha": 0.05,
            **dict.fromkeys(
                [
                    "confidence_level",
                    "effect_size_type",
                    "multiple_testing_correction",
                    "bootstrap_iterations",
                    "options",
                ]
            ),
        },
    ),
    "ReliabilityFairness": (
        {},
        {"enabled": False, **dict.fromkeys(["metrics", "group_by", "threshold", "fail_on_violation", "options"])},
    ),
    "ReliabilityGuardrail": (
        {},
        {
            "profiles": ["default"],
            **dict.fromkeys(
                [
                    "prompt_injection_detection",
                    "jailbreak_detection",
                    "pii_detection",
                    "pii_redaction",
                    "content_moderation",
                    "fail_on_detection",
                    "options",
                ]
            ),
        },
    ),
    "BackendMessage": (MESSAGE, dict.fromkeys(["name", "tool_calls", "tool_call_id"])),
    "BackendTextPart": ({"text": "t"}, {"type": "text"}),
    "BackendImagePart": ({"url": "u"}, {"type": "image", "base64": None, "media_type": None}),
    "BackendAudioPart": ({"url": "u"}, {"type": "audio", "format": None}),
    "BackendToolResultPart": ({"tool_call_id": "c", "content": "x"}, {"type": "tool_result"}),
    "BackendToolName": ({"name": "search"}, {}),
    "BackendOptions": (
        {},
        {
            "stream": False,
            "extended_thinking": False,
            "extra": {},
            **dict.fromkeys(
                [
                    "model",
                    "temperature",
                    "max_tokens",
                    "top_p",
                    "top_k",
                    "frequency_penalty",
                    "presence_penalty",
                    "stop",
                    "response_format",
                    "json_schema",
                    "cache_control",
                    "thinking_budget_tokens",
                    "seed",
                    "timeout_ms",
                ]
            ),
        },
    ),
    "BackendThinking": ({"content": "hm"}, {"tokens": None}),
    "BackendChoice": ({"index": 0, "message": MESSAGE, "finish_reason": "stop"}, {"thinking": None}),
    "BackendUsage": (
        {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
        {"thinking_tokens": None, "cached_tokens": None},
    ),
    "BackendCompletion": (
        {},
        {
            "choices": [],
            "metadata": {},
            **dict.fromkeys(
                ["model", "usage", "latency_ms", "time_to_first_token_ms", "request_id", "trace_id", "raw_response"],
            ),
        },
    ),
    "BackendCapabilities": (
        {"backend_id": "b", "provider": "p"},
        {
            "models": [],
            "metadata": {},
            **dict.fromkeys(["supports_streaming", "supports_tools", "supports_json_mode"], True),
            **dict.fromkeys(
                ["supports_vision", "supports_audio", "supports_extended_thinking", "supports_caching"], False
            ),
            **dict.fromkeys(
                [
                    "default_model",
                    "max_tokens",
                    "max_context_length",
                    "max_images_per_request",
                    "requests_per_minute",
                    "tokens_per_minute",
                    "cost_per_million_input",
                    "cost_per_million_output",
                ]
            ),
        },
    ),
    "QualityTarget": ({"min": 0.5}, {"max": None, "above": None, "below": None}),
}
TYPES["BackendPrompt"] = (
    {},
    {
        "messages": [],
        "options": TYPES["BackendOptions"][1],
        "metadata": {},
        **dict.fromkeys(["system", "tools", "tool_choice", "request_id", "trace_id"]),
    },
)
#: Required fields that another field may replace.
REPLACEABLE = {("StageDef", "name"), ("BackendImagePart", "url"), ("QualityTarget", "min")}

#: Every field of the types that hold others, given.
FULL = {
    "Experiment": {
        "id": "full",
        "schema_version": "1.4",
        "description": "everything",
        "owner": "me",
        "tags": ["a", "b"],
        "metadata": {"deep": [{"er": [1, None, True, "ü"]}]},
        "experiment_type": "ablation",
        "params": {"rate": 0.5, "list": []},
        "backend": {"id": "b", "options": {"a": 1}, "fallback": {"id": "c", "fallback": {"id": "d"}}},
        "dataset": {"name": "a name with spaces", "format": "csv", "schema": {"x": "float"}},
        "pipeline": [
            "x",
            {"name": "dist:y", "id": "y-2", "options": {"k": [1, 2]}, "enabled": False},
            {
                "name": "z",
                "retry": {"attempts": 4, "jitter": 0, "codes": ["*"]},
                "timeout_s": 1.5,
                "isolation": "process",
                "on_failure": "skip_rest",
                "when": "metrics.x.n > 1",
            },
        ],
        "reliability": {
            "ensemble": {"strategy": "weighted", "models": ["a", "b"], "weights": {"a": 1, "b": 0.5}},
            "hedging": {"strategy": "percentile", "percentile": 95, "max_hedges": 1},
            "guardrails": {"profiles": ["strict"], "pii_detection": True},
            "stats": {"tests": ["anova"], "alpha": 0.01},
            "fairness": {"enabled": True, "metrics": ["demographic_parity"], "group_by": "g", "threshold": 0.1},
            "monitoring": {"a": 1},
            "drift": {"b": 2},
            "circuit_breaker": {"c": 3},
            "feedback": {"enabled": True, "retention_days": 30},
        },
        "quality_targets": {"metrics.eval.accuracy": ">= 0.9", "metrics.eval.loss": {"above": 0, "below": 1}},
        "model_version": {"id": "v", "model_id": "m", "version": "2.0.0-rc.1+b5", "stage": "production"},
        "training_config": {**TRAINING, "early_stopping": {"patience": 3}, "seed": 0},
        "baseline": {"id": "m0", "provider": "huggingface"},
        "outputs": [{"name": "o", "formats": ["html", "csv"], "sink": "stdout", "options": {"path": "p"}}],
        "created_at": ZONED,
        "updated_at": "2026-01-31T12:00:00.5+01:00",
    },
    "TrainingRun": {
        "id": "r",
        "config": TRAINING,
        "status": "completed",
        "metrics_history": [{"loss": 2.0}, {"loss": 1.0}],
        "checkpoint_uris": ["a", "b"],
        "started_at": ZONED,
    },
    "BackendPrompt": {
        "messages": [
            {"role": "system", "content": "be brief"},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "what is this?"},
                    {"type": "image", "base64": "aGk=", "media_type": "image/png"},
                    {"type": "audio", "url": "u", "format": "wav"},
                ],
            },
            {"role": "assistant", "content": "", "tool_calls": [{"id": "c", "arguments": {"q": [1]}}]},
            {"role": "tool", "content": [{"type": "tool_result", "tool_call_id": "c", "content": "7"}]},
        ],
        "tools": [{"name": "search"}],
        "tool_choice": {"name": "search"},
        "options": {"response_format": "json_schema", "json_schema": {"type": "object"}, "stop": ["."]},
    },
    "BackendCompletion": {
        "choices": [
            {"index": 0, "message": MESSAGE, "finish_reason": "length", "thinking": {"content": "hm", "tokens": 3}}
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "cached_tokens": 1},
        "raw_response": {"choices": [[1]]},
    },
    "FeedbackEvent": {"id": "f", "feedback_value": [1, {"a": [2]}], "latency_ms": 1, "timestamp": ZONED},
}
SAMPLES = [*((name, required) for name, (required, _) in TYPES.items()), *FULL.items()]


def type_named(name: str) -> type[IRModel]:
    return getattr(ir, name)


def test_the_tables_cover_every_public_type():
    public = {
        name for name in ir.__all__ if isinstance(getattr(ir, name), type) and issubclass(getattr(ir, name), IRModel)
    }
    assert public - {"IRModel"} == set(TYPES)


@pytest.mark.parametrize("name", TYPES)
def test_defaults(name):
    required, defaults = TYPES[name]
    data = type_named(name).from_dict(required).to_dict()
    assert {key: value for key, value in data.items() if key not in required} == defaults


@pytest.mark.parametrize("name", TYPES)
def test_only_the_given_fields_count_as_set(name):
    required, _ = TYPES[name]
    assert type_named(name).from_dict(required).fields_set == set(required)


@pytest.mark.parametrize(
    ("name", "field"),
    [(name, field) for name, (required, _) in TYPES.items() for field in required if (name, field) not in REPLACEABLE],
)
def test_a_required_field_is_missed_by_name(name, field):
    required, _ = TYPES[name]
    data = {key: value for key, value in required.items() if key != field}
    with pytest.raises(SpecError) as caught:
        type_named(name).from_dict(data)
    assert [(p.path, p.message) for p in caught.value.problems] == [(field, "is required")]


@pytest.mark.parametrize("name", TYPES)
def test_an_unknown_key_is_refused_with_a_near_match(name):
    required, defaults = TYPES[name]
    field = max([*required, *defaults], key=len)
    misspelt = field[:-1] + field[-1] * 2
    with pytest.raises(SpecError) as caught:
        type_named(name).from_dict({**required, misspelt: 1})
    (problem,) = caught.value.problems
    assert (problem.path, problem.message, problem.suggestion) == (misspelt, "unknown key", field)


@pytest.mark.parametrize("name", TYPES)
def test_an_unknown_key_like_none_lists_the_known_ones(name):
    required, defaults = TYPES[name]
    with pytest.raises(SpecError) as caught:
        type_named(name).from_dict({**required, "zzzzzz": 1})
    (problem,) = caught.value.problems
    assert set(problem.message.removeprefix("unknown key; known here: ").split(", ")) == {*required, *defaults}


@pytest.mark.parametrize(("name", "data"), SAMPLES)
def test_json_round_trip(name, data):
    value = type_named(name).from_dict(data)
    assert type_named(name).from_json(value.to_json()) == value
    assert json.loads(value.to_json()) == value.to_dict()


@pytest.mark.parametrize(("name", "data"), SAMPLES)
def test_json_of_the_set_fields_keeps_which_were_set(name, data):
    value = type_named(name).from_dict(data)
    again = type_named(name).from_json(value.to_json(only_set=True))
    assert (again, again.fields_set) == (value, value.fields_set)


@pytest.mark.parametrize(("name", "data"), SAMPLES)
def test_pickles_copies_and_hashes(name, data):
    value = type_named(name).from_dict(data)
    for twin in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value), copy.copy(value)):
        assert (twin, twin.fields_set, hash(twin)) == (value, value.fields_set, hash(value))


@pytest.mark.parametrize("name", TYPES)
def test_no_field_can_be_assigned(name):
    required, defaults = TYPES[name]
    value = type_named(name).from_dict(required)
    with pytest.raises(ValidationError, match="frozen"):
        setattr(value, next(iter({**required, **defaults})), "other")


@pytest.mark.parametrize(("name", "data"), SAMPLES)
def test_everything_within_is_frozen(name, data):
    def containers(value):
        if isinstance(value, IRModel):
            value = value.__dict__.copy()
        elif isinstance(value, (dict, list, set, bytearray)):
            yield value
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else ():
            yield from containers(item)

    assert {type(found) for found in containers(type_named(name).from_dict(data))} <= {FrozenDict}


@pytest.mark.parametrize("name", TYPES)
def test_every_field_is_described_in_the_json_schema(name):
    schema = type_named(name).model_json_schema()
    schema = schema["$defs"][name] if "$ref" in schema else schema
    schema = next((form for form in schema.get("anyOf", []) if form.get("type") == "object"), schema)
    assert {field for field, spec in schema["properties"].items() if not spec.get("description")} == set()


@pytest.mark.parametrize(("name", "data"), SAMPLES)
def test_the_json_schema_admits_what_the_type_writes(name, data):
    jsonschema = pytest.importorskip("jsonschema")
    value = type_named(name).from_dict(data)
    validator = jsonschema.Draft202012Validator(type_named(name).model_json_schema())
    validator.validate(json.loads(value.to_json()))
    validator.validate(data)


@pytest.mark.parametrize("name", TYPES)
def test_the_json_schema_refuses_unknown_keys(name):
    jsonschema = pytest.importorskip("jsonschema")
    required, _ = TYPES[name]
    validator = jsonschema.Draft202012Validator(type_named(name).model_json_schema())
    assert not validator.is_valid({**required, "zzzzzz": 1})
