"""The stage in a run: what it leaves, what it tells, how it goes on, and that the process is as before."""

from __future__ import annotations

import json
import os
import random
import sys
import threading
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from crucible_core import run  # noqa: E402
from crucible_core.ir import DatasetRef, ModelRef, TrainingConfig, TrainingRun  # noqa: E402
from crucible_train.local.training_client import LocalTrainingClient  # noqa: E402
from crucible_train.stage_examples import CHATS, SUMS, TINY  # noqa: E402
from crucible_train.stages import SupervisedTrain  # noqa: E402

SHORT = {"config": TINY, "batch_size": 2, "epochs": 2, "learning_rate": 0.01, "device": "cpu"}


def trained(tmp_path, rows=SUMS, *, more=None, **options):
    spec = {"id": "x", "pipeline": [{"id": "train", "name": "supervised_train", "options": options}]}
    given = {"output_dir": tmp_path, "seed": 3, **(more or {})}
    return run(spec, assigns={"dataset": rows}, **given)


def weights(context, key="model"):
    from safetensors.torch import load_file

    return load_file(Path(context.assigns[key].artifact_uri) / "model.safetensors")


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_it_leaves_a_model_that_transformers_loads_a_checkpoint_and_a_record(tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    context = trained(tmp_path, **SHORT, model="adder").unwrap()
    model, record = context.assigns["model"], context.assigns["model_run"]
    assert (model.id, model.task) == ("adder", "text_generation")
    loaded = AutoModelForCausalLM.from_pretrained(model.artifact_uri)
    assert sum(weight.numel() for weight in loaded.parameters()) > 0
    assert AutoTokenizer.from_pretrained(model.artifact_uri).eos_token == "<|im_end|>"
    assert isinstance(record, TrainingRun)
    assert record.checkpoint_uris == (context.assigns["model_checkpoint"],)
    assert record.config.model_ref.options["config"]["model_type"] == "llama"
    assert Path(context.assigns["model_checkpoint"]).is_relative_to(tmp_path)
    metrics = context.metrics["train"]
    assert (metrics["steps"], metrics["epochs"], metrics["examples"], metrics["stopped"]) == (6, 2.0, 6, "completed")


def test_its_events_say_metrics_of_each_step_and_checkpoints(tmp_path):
    result = trained(tmp_path, **SHORT, checkpoint_every=4, validation_split=0.34)
    events = [json.loads(line) for line in (result.run_dir / "telemetry.jsonl").read_text().splitlines()]
    told = [event["payload"] for event in events if event["event_name"] == "metric"]
    losses = {each["step"]: each["value"] for each in told if each["name"] == "loss"}
    assert list(losses) == [1, 2, 3, 4]
    assert [each["step"] for each in told if each["name"] == "eval_loss"] == [2, 4]
    names = [event["payload"]["name"] for event in events if event["event_name"] == "checkpoint"]
    assert names == ["step-000004", "final-000004"]
    file = result.run_dir / "artifacts" / "train" / "metrics.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert {line["step"]: line["loss"] for line in lines if "loss" in line} == losses


def test_an_ir_configuration_a_mapping_and_direct_keys_train_alike(tmp_path):
    config = TrainingConfig(
        id="t",
        model_ref=ModelRef(id="tiny", options={"config": TINY}),
        dataset_ref=DatasetRef(name="sums"),
        epochs=2,
        batch_size=2,
        learning_rate=0.01,
        device="cpu",
        seed=5,
    )
    by_ir = trained(tmp_path, training_config=config).unwrap()
    by_mapping = trained(tmp_path, training_config=config.to_dict(only_set=True)).unwrap()
    directly = trained(tmp_path, **SHORT, seed=5).unwrap()
    assert by_ir.metrics == by_mapping.metrics == directly.metrics
    assert same(weights(by_ir), weights(directly))
    assert by_ir.assigns["model_run"].config == config


def test_the_seed_of_the_run_decides(tmp_path):
    one, two = (trained(tmp_path, **SHORT).unwrap() for _ in range(2))
    other = trained(tmp_path, more={"seed": 4}, **SHORT).unwrap()
    assert same(weights(one), weights(two))
    assert not same(weights(one), weights(other))


class TestGoingOn:
    OPTIONS = {**SHORT, "config": {**TINY, "attention_dropout": 0.3}, "validation_split": 0.3}

    def test_a_run_that_was_cancelled_goes_on_where_it_was_bit_for_bit(self, tmp_path):
        whole = trained(tmp_path, **self.OPTIONS).unwrap()
        token = threading.Event()

        def stop_after_two(stage, done, total):
            if done == 2:
                token.set()

        stopped = trained(tmp_path, more={"cancel": token, "progress": stop_after_two}, **self.OPTIONS)
        assert stopped.status == "cancelled"
        assert "can go on from its checkpoint" in stopped.failure.message
        steps = []
        resumed = run(resume=stopped.run_dir, progress=lambda stage, done, total: steps.append(done)).unwrap()
        assert steps == [3, 4]
        assert same(weights(whole), weights(resumed))
        assert whole.metrics == resumed.metrics

    def test_another_run_goes_on_from_a_checkpoint_that_an_option_names(self, tmp_path):
        whole = trained(tmp_path, **self.OPTIONS, seed=1).unwrap()
        half = trained(tmp_path, **self.OPTIONS, seed=1, checkpoint_every=1).unwrap()
        checkpoint = Path(half.assigns["model_checkpoint"]).with_name("step-000002")
        resumed = trained(tmp_path, **self.OPTIONS, seed=1, resume=str(checkpoint)).unwrap()
        assert same(weights(whole), weights(resumed))

    def test_one_of_another_model_is_refused(self, tmp_path):
        first = trained(tmp_path, **SHORT, seed=1).unwrap()
        wide = {**SHORT, "config": {**TINY, "hidden_size": 32}}
        failure = trained(tmp_path, **wide, seed=1, resume=first.assigns["model_checkpoint"]).failure
        assert failure.code == "invalid_checkpoint"
        assert "it is of another model" in failure.message


def test_a_time_that_runs_out_stops_it_with_a_checkpoint(tmp_path):
    spec = {
        "id": "x",
        "pipeline": [{"name": "supervised_train", "timeout_s": 8, "options": {**SHORT, "epochs": 100_000}}],
    }
    result = run(spec, assigns={"dataset": SUMS}, output_dir=tmp_path)
    assert result.failure.code == "timeout"
    assert list((result.run_dir / "artifacts" / "supervised_train" / "checkpoints").glob("rolling-*/loop.json"))


def test_a_batch_that_is_not_finite_is_kept_for_inspection(tmp_path):
    options = {**SHORT, "learning_rate": 1e38, "epochs": 6, "lr_schedule": "constant"}
    failure = trained(tmp_path, **options).failure
    assert failure.code == "not_finite"
    lines = [json.loads(line) for line in Path(failure.details["batch"]).read_text().splitlines()]
    assert sorted(line["row"] for line in lines) == failure.details["rows"]
    assert lines[0]["text"].startswith(SUMS[lines[0]["row"]]["prompt"])


@pytest.mark.parametrize(("name", "said"), [("../x", "inside the stage's own directory"), ("model/..", "inside")])
def test_a_log_outside_of_the_stages_directory_is_refused(tmp_path, name, said):
    failure = trained(tmp_path, **SHORT, log_path=name).failure
    assert (failure.code, failure.details["field"]) == ("unsupported_training_config", "log_path")
    assert said in failure.message


def test_lost_targets_are_told(tmp_path):
    rows = [{"text": "abcdefghij"}, {"text": "klm"}]
    result = trained(tmp_path, rows, **SHORT, max_length=6, truncation="right")
    assert (result.context.metrics["train"]["truncated"], result.context.metrics["train"]["lost_targets"]) == (1, 5)
    log = (result.run_dir / "telemetry.jsonl").read_text()
    assert "truncation right at 6 tokens cut 1 rows; 5 targets are lost" in log


def test_the_process_is_as_before(tmp_path, monkeypatch):
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR", raising=False)
    import numpy as np

    before = dict(os.environ), random.getstate(), torch.random.get_rng_state(), torch.get_num_threads()
    numbers = np.random.get_state()[1].tolist()  # noqa: NPY002
    with torch.no_grad():
        trained(tmp_path, **SHORT).unwrap()
        assert not torch.is_grad_enabled()
    assert (dict(os.environ), random.getstate(), torch.get_num_threads()) == (before[0], before[1], before[3])
    assert torch.equal(torch.random.get_rng_state(), before[2])
    assert np.random.get_state()[1].tolist() == numbers  # noqa: NPY002


class Counting(LocalTrainingClient):
    """A client that counts its steps."""

    steps = 0

    def optim_step(self, session, learning_rate):
        type(self).steps += 1
        return super().optim_step(session, learning_rate)


def test_a_client_of_ones_own_takes_the_steps(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "counting_client", sys.modules[__name__])
    Counting.steps = 0
    trained(tmp_path, **SHORT, ports={"training_client": "counting_client:Counting"}).unwrap()
    assert Counting.steps == 6


@pytest.mark.parametrize(
    ("ports", "said"),
    [
        ({"training_client": "json:JSONDecoder"}, "has no start_session"),
        ({"traning_client": "x:y"}, "no port is called"),
    ],
)
def test_a_port_that_will_not_do_is_named(tmp_path, ports, said):
    failure = trained(tmp_path, **SHORT, ports=ports).failure
    assert failure.code == "missing_ports"
    assert said in failure.message


def test_a_dataset_that_only_the_configuration_names_comes_from_the_store(tmp_path):
    folder = tmp_path / "sums"
    folder.mkdir()
    for split, rows in {"train": SUMS, "test": SUMS[:2]}.items():
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    config = {"model_ref": {"id": "t", "options": {"config": TINY}}, "dataset_ref": {"name": str(folder)}, "epochs": 1}
    store = {"dataset_store": "crucible_train.local.dataset_store:FileDatasetStore"}
    spec = {"id": "x", "pipeline": [{"id": "train", "name": "supervised_train"}]}
    spec["pipeline"][0]["options"] = {"training_config": config, "ports": store, "eval_split": "test"}
    metrics = run(spec, output_dir=tmp_path).unwrap().metrics["train"]
    assert (metrics["examples"], metrics["held_out"]) == (6, 2)


@pytest.mark.parametrize(("rate", "learned"), [(0.01, True), (1e-9, False)], ids=["learns", "control"])
def test_messages_are_learned_as_their_template_writes_them(tmp_path, rate, learned):
    """With enough steps the loss of the last answer falls to almost nothing; at a rate of almost nothing it stays."""
    rows = [{"messages": chat} for chat in CHATS]
    told = {**SHORT, "config": {**TINY, "hidden_size": 32}, "epochs": 80, "lr_schedule": "constant", "batch_size": 3}
    metrics = trained(tmp_path, rows, **{**told, "learning_rate": rate}).unwrap().metrics["train"]
    assert (metrics["loss"] < 0.2) if learned else (metrics["loss"] > 5)


def test_the_examples_show_every_option_and_every_error():
    used = [example.make("options") for example in SupervisedTrain.examples]
    assert {name for options in used for name in options} == set(SupervisedTrain.Options.model_fields)
    assert {example.raises for example in SupervisedTrain.examples} == {None, *SupervisedTrain.errors}


def test_adapters_are_trained_and_left_by_themselves_too(tmp_path):
    pytest.importorskip("peft")
    context = trained(tmp_path, **SHORT, lora={"r": 2, "alpha": 4.0}).unwrap()
    place = Path(context.assigns["model"].artifact_uri)
    assert (place / "adapter" / "adapter_config.json").exists()
    assert "model.embed_tokens.weight" in weights(context)


def test_activations_computed_again_give_the_same_model(tmp_path):
    one, other = (trained(tmp_path, **SHORT, gradient_checkpointing=again).unwrap() for again in (False, True))
    assert all(
        torch.allclose(a, b, atol=1e-5) for a, b in zip(weights(one).values(), weights(other).values(), strict=True)
    )


@pytest.mark.parametrize("example", SupervisedTrain.examples, ids=lambda example: example.summary)
def test_every_example_does_what_it_says(example, tmp_path):
    spec = {"id": "x", "pipeline": [{"name": "supervised_train", "options": dict(example.make("options"))}]}
    result = run(spec, assigns=example.make("assigns"), output_dir=tmp_path)
    assert (None if result.failure is None else result.failure.code) == example.raises
