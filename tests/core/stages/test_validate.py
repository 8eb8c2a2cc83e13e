"""The stage validate: what a plan cannot know."""

from __future__ import annotations

import pytest

from crucible_core import run
from crucible_core.ir import Experiment


def validated(tmp_path, options=None, pipeline=(), persist=False, **fields):
    stages = [{"name": "validate", "options": options or {}}, *pipeline]
    experiment = Experiment.from_dict({"id": "e", "pipeline": stages, **fields})
    return run(experiment, persist=persist, output_dir=tmp_path, outputs=[{"a": 1}])


def problems(tmp_path, **given):
    result = validated(tmp_path, **given)
    assert result.failure.code == "validation_failed"
    return result.failure.details["problems"]


def test_nothing_missing_passes(tmp_path):
    assert validated(tmp_path).unwrap().get_metric("validate")["status"] == "passed"


def test_a_quality_target_must_name_a_metric_that_a_stage_writes(tmp_path):
    targets = {"metrics.data_cheks.total": ">= 1"}
    pipeline = [{"name": "data_checks", "options": {"data": "outputs"}}]
    (problem,) = problems(tmp_path, quality_targets=targets, pipeline=pipeline)
    assert problem == (
        "quality target metrics.data_cheks.total: no stage writes it; metrics written: metrics.data_checks, metrics.validate"
    )


def test_a_target_on_a_later_stage_is_fine(tmp_path):
    pipeline = [{"name": "data_checks", "options": {"data": "outputs"}}]
    assert validated(tmp_path, quality_targets={"metrics.data_checks.total": ">= 1"}, pipeline=pipeline).ok


def test_a_target_that_a_stage_was_to_write_and_did_not_is_missed_once_it_is_done(tmp_path):
    stages = [{"name": "data_checks", "options": {"data": "outputs"}}, "validate"]
    spec = {"id": "e", "pipeline": stages, "quality_targets": {"metrics.data_checks.totl": ">= 1"}}
    result = run(spec, persist=False, outputs=[{"a": 1}])
    (problem,) = result.failure.details["problems"]
    assert problem.startswith("quality target metrics.data_checks.totl: data_checks is done and did not write it; ")
    assert "metrics.data_checks holds " in problem
    assert "total" in problem
    spec["quality_targets"] = {"metrics.data_checks.deep.er": ">= 1"}
    (problem,) = run(spec, persist=False, outputs=[{"a": 1}]).failure.details["problems"]
    assert problem.endswith("there is no metrics.data_checks.deep")


def test_datasets_and_models_named_by_a_path_must_be_there(tmp_path):
    training = {
        "id": "t",
        "model_ref": {"id": "m", "artifact_uri": str(tmp_path / "model.pt")},
        "dataset_ref": {"name": str(tmp_path / "train.jsonl")},
    }
    found = problems(tmp_path, dataset={"name": str(tmp_path / "data.csv")}, training_config=training)
    assert [each.split(":")[0] for each in found] == [
        "dataset",
        "training_config.dataset_ref",
        "training_config.model_ref",
    ]
    for name in ("model.pt", "train.jsonl", "data.csv"):
        (tmp_path / name).touch()
    assert validated(tmp_path, dataset={"name": str(tmp_path / "data.csv")}, training_config=training).ok


def test_a_plugin_says_whether_what_it_provides_is_there(tmp_path):
    pytest.importorskip("crucible_datasets")
    (problem,) = problems(tmp_path, dataset={"name": "sklearn:irs"})
    assert problem.startswith("dataset: ")
    assert "iris" in problem
    metric = validated(tmp_path, dataset={"name": "sklearn:iris"}).unwrap().get_metric("validate")
    assert metric["unchecked"] == []
    metric = validated(tmp_path, dataset={"name": "hub:acme/reviews"}).unwrap().get_metric("validate")
    assert metric["unchecked"] == ["dataset: 'hub:acme/reviews' of crucible_datasets"]


def test_what_only_its_provider_can_tell_is_said_to_be_unchecked(tmp_path):
    result = validated(tmp_path, dataset={"name": "squad", "provider": "huggingface"})
    assert result.unwrap().get_metric("validate")["unchecked"] == ["dataset: 'squad' of huggingface"]


def test_a_sink_that_the_report_cannot_reach_is_known_before_anything_is_computed(tmp_path):
    asked = {"outputs": [{"name": "table", "sink": "s3"}]}
    (problem,) = problems(tmp_path, pipeline=["report"], **asked)
    assert problem.startswith("output 'table' asks for sink 's3'; the sinks there are: file, stdout")
    assert validated(tmp_path, **asked).ok  # nobody renders it, which the plan has said


@pytest.mark.parametrize(
    ("requirement", "said"),
    [
        ("no-such-package", "is not installed; type: pip install 'no-such-package'"),
        ("pydantic>=999", "pydantic>=999 is asked for"),
        ("not a requirement", "not a requirement"),
    ],
)
def test_packages_must_be_there_in_the_version_asked_for(tmp_path, requirement, said):
    (problem,) = problems(tmp_path, options={"packages": [requirement]})
    assert said in problem


def test_a_disk_must_have_the_space_asked_for(tmp_path):
    (problem,) = problems(tmp_path, options={"min_free_gib": 1e9}, persist=True)
    assert str(tmp_path) in problem
    assert "GiB free" in problem


def test_problems_are_recorded_and_the_run_goes_on_when_not_strict(tmp_path):
    result = validated(tmp_path, options={"packages": ["no-such"], "strict": False})
    metric = result.unwrap().get_metric("validate")
    assert (metric["status"], len(metric["problems"])) == ("problems", 1)


def test_all_problems_are_listed_together(tmp_path):
    found = problems(tmp_path, options={"packages": ["no-such"], "min_free_gib": 1e9}, dataset={"name": "./absent.csv"})
    assert len(found) == 3
