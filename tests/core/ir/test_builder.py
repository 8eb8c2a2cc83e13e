"""The fluent builder."""

from __future__ import annotations

import pytest

from crucible_core.ir import BackendRef, Experiment, ModelRef, SpecError, experiment


def test_a_chain_builds_what_the_spec_would():
    built = (
        experiment("demo")
        .with_description("why")
        .with_owner("me")
        .with_tags("a", "b")
        .with_metadata({"k": 1})
        .with_experiment_type("comparison")
        .with_params(rate=0.5)
        .with_backend("b", "fast", options={"o": 1})
        .with_dataset("d", split="test")
        .add_stage("load")
        .add_stage("dist:compare", id="second", options={"alpha": 0.1}, enabled=False)
        .add_stage(module="m:Mine")
        .add_stage("fetch", retry={"attempts": 2}, timeout_s=9, isolation="process", on_failure="continue", when="true")
        .with_ensemble("majority", models=["a"])
        .with_hedging("fixed", delay_ms=5)
        .with_stats(["anova"], alpha=0.01)
        .with_fairness(group_by="g")
        .with_guardrails(["strict"], pii_detection=True)
        .with_feedback(retention_days=3)
        .with_model_version("m", "1.2.0", stage="staging")
        .with_baseline("m0", provider="huggingface")
        .with_quality_target("metrics.a.b", ">= 1")
        .with_quality_target("metrics.a.c", below=2)
        .add_output("o", formats=["html"])
        .add_output("p", sink="stdout")
        .build()
    )
    assert built == Experiment.from_dict(
        {
            "id": "demo",
            "description": "why",
            "owner": "me",
            "tags": ["a", "b"],
            "metadata": {"k": 1},
            "experiment_type": "comparison",
            "params": {"rate": 0.5},
            "backend": {"id": "b", "profile": "fast", "options": {"o": 1}},
            "dataset": {"name": "d", "split": "test"},
            "pipeline": [
                "load",
                {"name": "dist:compare", "id": "second", "options": {"alpha": 0.1}, "enabled": False},
                {"module": "m:Mine"},
                {
                    "name": "fetch",
                    "retry": {"attempts": 2},
                    "timeout_s": 9,
                    "isolation": "process",
                    "on_failure": "continue",
                    "when": "true",
                },
            ],
            "reliability": {
                "ensemble": {"strategy": "majority", "models": ["a"]},
                "hedging": {"strategy": "fixed", "delay_ms": 5},
                "stats": {"tests": ["anova"], "alpha": 0.01},
                "fairness": {"enabled": True, "group_by": "g"},
                "guardrails": {"profiles": ["strict"], "pii_detection": True},
                "feedback": {"enabled": True, "retention_days": 3},
            },
            "model_version": {"id": "m_1_2_0", "model_id": "m", "version": "1.2.0", "stage": "staging"},
            "baseline": {"id": "m0", "provider": "huggingface"},
            "quality_targets": {"metrics.a.b": ">= 1", "metrics.a.c": {"below": 2}},
            "outputs": [{"name": "o", "formats": ["html"]}, {"name": "p", "sink": "stdout"}],
        }
    )


def test_training_takes_every_field():
    fields = {
        "id": "mine",
        "epochs": 3,
        "batch_size": 8,
        "learning_rate": 0.1,
        "optimizer": "sgd",
        "loss_function": "mse",
        "metrics": ["loss"],
        "validation_split": 0.2,
        "device": "cuda",
        "seed": 7,
        "mixed_precision": True,
        "gradient_clipping": 1.0,
        "early_stopping": {"patience": 2},
        "checkpoint_every": 5,
        "options": {"a": 1},
    }
    built = experiment("e").add_stage("x").with_training_config(ModelRef(id="m"), {"name": "d"}, **fields).build()
    config = built.training_config
    assert config is not None
    assert config.to_dict(only_set=True) == {**fields, "model_ref": {"id": "m"}, "dataset_ref": {"name": "d"}}


def test_training_is_named_after_the_experiment():
    built = experiment("e").add_stage("x").with_training_config("m", "d").build()
    assert built.training_config is not None
    assert built.training_config.id == "train_e"


def test_each_step_leaves_the_builder_before_it_alone():
    base = experiment("e").add_stage("x")
    one, two = base.add_stage("y"), base.add_stage("z")
    assert [stage.name for stage in one.build().pipeline] == ["x", "y"]
    assert [stage.name for stage in two.build().pipeline] == ["x", "z"]
    assert len(base.build().pipeline) == 1


def test_a_step_replaces_its_own_part_and_keeps_the_others():
    built = (
        experiment("e")
        .add_stage("x")
        .with_stats(alpha=0.1)
        .with_fairness(group_by="g", threshold=0.1)
        .with_fairness(enabled=False)
        .build()
    )
    assert built.reliability is not None
    assert built.reliability.to_dict(only_set=True) == {"stats": {"alpha": 0.1}, "fairness": {"enabled": False}}


def test_what_is_not_said_is_not_set():
    assert experiment("e").add_stage("x").build().fields_set == {"id", "pipeline"}
    assert experiment("e").add_stage("x").build().pipeline[0].fields_set == {"name"}
    assert experiment("e").add_stage("x").with_backend("b").build().backend == BackendRef(id="b")


def test_build_reports_every_problem_in_plain_words():
    with pytest.raises(SpecError) as caught:
        experiment("e").add_stage("X").with_stats(alfa=0.1).with_training_config("m", "d", epochs=0).build()
    assert [(problem.path, problem.suggestion) for problem in caught.value.problems] == [
        ("pipeline[0].name", None),
        ("reliability.stats.alfa", "alpha"),
        ("training_config.epochs", None),
    ]


def test_an_experiment_without_stages_is_refused():
    with pytest.raises(SpecError, match="pipeline: is required"):
        experiment("e").build()
