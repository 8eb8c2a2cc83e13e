"""From an experiment's training configuration to that of the loop, as the requirement document of the IR says."""

from __future__ import annotations

import pytest

from crucible_core.ir import DatasetRef, ModelRef, TrainingConfig
from crucible_train.errors import TrainingError
from crucible_train.loops.config import EarlyStopping, SupervisedConfig
from crucible_train.normalize import normalize, resolve_dataset

MODEL, DATA = ModelRef(id="m", artifact_uri="models/m"), DatasetRef(name="d", split="test")


def ir(**fields):
    return TrainingConfig(id="t", model_ref=MODEL, dataset_ref=DATA, **fields)


def test_every_field_of_the_ir_has_its_place():
    found = normalize(
        ir(
            epochs=3,
            batch_size=5,
            learning_rate=0.5,
            optimizer="sgd",
            loss_function="cross_entropy",
            seed=7,
            gradient_clipping=2.0,
            checkpoint_every=9,
            device="cpu",
            mixed_precision=True,
            validation_split=0.25,
            early_stopping={"patience": 4, "min_delta": 0.1},
            metrics=("loss",),
        ),
        {},
    )
    assert found.loop == SupervisedConfig(
        num_epochs=3,
        batch_size=5,
        learning_rate=0.5,
        save_every=9,
        early_stopping=EarlyStopping(4, 0.1),
        training_config={
            "model": "models/m",
            "optimizer": "sgd",
            "loss_function": "cross_entropy",
            "seed": 7,
            "gradient_clipping": 2.0,
            "device": "cpu",
            "precision": "bf16",
        },
    )
    assert (found.dataset, found.validation_split) == (DATA, 0.25)


def test_the_defaults_are_those_of_the_loop_where_nothing_was_set():
    """The IR's own are another learning rate and batch size."""
    assert normalize(ir(), {}).loop == SupervisedConfig(training_config={"model": "models/m"})
    assert (ir().learning_rate, ir().batch_size) == (0.001, 32)
    assert normalize(ir(learning_rate=0.001), {}).loop.learning_rate == 0.001  # set, though to the IR's default


def test_options_win_over_fields_and_direct_keys_over_both():
    options = {"learning_rate": 0.2, "lr_schedule": "cosine", "save_every": 2, "adam_beta1": 0.8, "batch_size": 4}
    more = {"eval_every": 5, "adam_beta2": 0.9, "adam_eps": 1e-6, "log_path": "log.jsonl", "logger": "none"}
    found = normalize(ir(learning_rate=0.1, checkpoint_every=1, options={**options, **more}), {"batch_size": 8})
    loop = found.loop
    assert (loop.learning_rate, loop.lr_schedule, loop.save_every, loop.eval_every) == (0.2, "cosine", 2, 5)
    assert loop.batch_size == 8
    assert {name: loop.training_config[name] for name in ("beta1", "beta2", "eps")} == {
        "beta1": 0.8,
        "beta2": 0.9,
        "eps": 1e-6,
    }
    assert (found.log_path, found.logger) == ("log.jsonl", "none")


def test_a_mapping_says_the_same_by_either_name():
    as_ir = {"model_ref": {"id": "m"}, "dataset_ref": "d", "epochs": 2, "seed": 1}
    as_loop = {"model": "m", "num_epochs": 2, "training_config": {"seed": 1}}
    assert normalize(as_ir, {}).loop == normalize(as_loop, {}).loop == normalize(None, as_loop).loop
    assert normalize(as_ir, {}).dataset == DatasetRef(name="d")


def test_a_model_may_be_made_from_a_configuration():
    ref = ModelRef(id="tiny", options={"config": {"model_type": "llama"}, "tokenizer": "bytes"})
    expected = {"model": "tiny", "config": {"model_type": "llama"}, "tokenizer": "bytes"}
    assert normalize({"model_ref": ref}, {}).loop.training_config == expected


@pytest.mark.parametrize("given", [None, {}, {"epochs": 3}])
def test_no_model_is_no_training(given):
    with pytest.raises(TrainingError, match="nothing says which model to train") as caught:
        normalize(given, {})
    assert caught.value.code == "missing_training_config"


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ([1], "training_config", "training_config is a mapping"),
        ({"learning_rte": 1}, "learning_rte", "did you mean learning_rate"),
        ({"epochs": "three"}, "num_epochs", "num_epochs is 'three'"),
        ({"epochs": 0}, "num_epochs", "at least 1"),
        ({"batch_size": 2.5}, "batch_size", "batch_size is 2.5"),
        ({"seed": -1}, "seed", "seed is -1"),
        ({"gradient_clipping": 0}, "gradient_clipping", "greater than 0"),
        ({"metrics": ["loss", "accuracy"]}, "metrics", "no metric 'accuracy'"),
        ({"early_stopping": True}, "early_stopping", "early_stopping is a mapping"),
        ({"early_stopping": {"patience": "2"}}, "early_stopping.patience", "valid integer"),
        (
            {"early_stopping": {"pat": 2}},
            "early_stopping.pat",
            "early_stopping has no 'pat'; it has patience, min_delta",
        ),
        ({"validation_split": 2}, "validation_split", "between 0 and 1"),
        ({"logger": "wandb"}, "logger", "no logger 'wandb'"),
        ({"model_ref": {"name": "x"}}, "model_ref", "id"),
        ({"config": 3}, "config", "valid dictionary"),
    ],
)
def test_what_cannot_be_followed_is_named(given, field, said):
    with pytest.raises(TrainingError, match=said) as caught:
        normalize({"model": "m", **given} if isinstance(given, dict) else given, {})
    assert caught.value.code == "unsupported_training_config"
    assert caught.value.details["field"] == field


class TableStore:
    """A store of one dataset."""

    def load_dataset(self, name, options):
        return {"d": {"test": [{"text": "a"}], "asked": options}}[name]

    def get_split(self, dataset, split):
        return dataset[split]

    def to_list(self, dataset):
        return dataset


def test_a_dataset_is_asked_of_the_store_by_name_and_split():
    assert resolve_dataset(DATA, TableStore()) == [{"text": "a"}]


def test_a_dataset_without_a_store_is_a_missing_port():
    with pytest.raises(TrainingError, match=r"give ports\.dataset_store") as caught:
        resolve_dataset(DATA, None)
    assert (caught.value.code, caught.value.details) == ("missing_ports", {"missing": ["dataset_store"]})


@pytest.mark.parametrize("ref", [DatasetRef(name="e"), DatasetRef(name="d")])
def test_a_dataset_that_the_store_has_not_is_named(ref):
    with pytest.raises(TrainingError, match=rf"the dataset '{ref.name}', split 'train', cannot be had") as caught:
        resolve_dataset(ref, TableStore())
    assert caught.value.code == "dataset_resolution_failed"
