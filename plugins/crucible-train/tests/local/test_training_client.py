"""Gradients, steps and checkpoints of the local training client, on a small model with random weights."""

from __future__ import annotations

import copy
import math

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from crucible_train.data.datum import next_token_datum  # noqa: E402
from crucible_train.errors import TrainingError  # noqa: E402
from crucible_train.local.training_client import LocalTrainingClient  # noqa: E402

TINY = {
    "model_type": "qwen2",
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
}
CLIENT = LocalTrainingClient()


def session(**config):
    return CLIENT.start_session("tiny", {"config": TINY, "device": "cpu", **config})


def datums(*texts):
    made = []
    for text in texts:
        tokens = list(text.encode())
        made.append(next_token_datum(tokens, [1.0] * len(tokens)))
    return made


BATCH = datums("to be, or not to be", "that is", "the question:")


def gradients(of):
    return [weight.grad.clone() for weight in of.weights if weight.grad is not None]


def total_weight(batch):
    return float(sum(datum.loss_inputs["weights"].sum() for datum in batch))


def test_a_model_from_a_configuration_is_the_same_for_a_seed_and_leaves_the_global_generator_alone():
    before = torch.random.get_rng_state()
    one, two, other = session(), session(), session(seed=1)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(a, b) for a, b in zip(one.weights, two.weights, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(one.weights, other.weights, strict=True))


def test_padding_changes_neither_loss_nor_gradient():
    together, apart = session(), session()
    loss = CLIENT.forward_backward(together, BATCH, "cross_entropy")["loss"]
    parts = [CLIENT.forward_backward(apart, [datum], "cross_entropy")["loss"] for datum in BATCH]
    assert float(loss) == pytest.approx(float(sum(parts)), rel=1e-6)
    for a, b in zip(gradients(together), gradients(apart), strict=True):
        assert torch.allclose(a, b, atol=1e-4)


def test_gradients_added_up_are_those_of_one_batch_token_by_token():
    whole, pieces = session(), session()
    scale = 1 / total_weight(BATCH)
    CLIENT.forward_backward(whole, BATCH, "cross_entropy", {"scale": scale})
    for piece in (BATCH[:1], BATCH[1:]):
        CLIENT.forward_backward(pieces, piece, "cross_entropy", {"scale": scale})
    for a, b in zip(gradients(whole), gradients(pieces), strict=True):
        assert torch.allclose(a, b, atol=1e-6)


def test_the_loss_is_that_of_transformers():
    made = session()
    tokens = torch.tensor([list(b"to be, or not to be")])
    expected = made.loaded.model(input_ids=tokens, labels=tokens).loss.detach()
    batch = datums("to be, or not to be")
    loss = CLIENT.forward_backward(made, batch, "cross_entropy", {"scale": 1 / total_weight(batch)})["loss"]
    assert float(loss) == pytest.approx(float(expected), abs=1e-6)


def test_a_custom_loss_gets_one_row_of_log_probabilities_for_each_example():
    made, named = session(), session()

    def summed(batch, rows):
        assert [len(row) for row in rows] == [len(datum) for datum in batch]
        return -sum(row.sum() for row in rows), {"rows": len(rows)}

    found = CLIENT.forward_backward_custom(made, BATCH, summed)
    CLIENT.forward_backward(named, BATCH, "cross_entropy")
    assert found["rows"] == 3
    for a, b in zip(gradients(made), gradients(named), strict=True):
        assert torch.allclose(a, b, atol=1e-4)


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
def test_it_learns_with_every_optimizer(optimizer):
    made = session(optimizer=optimizer, gradient_clipping=1.0)
    rate = {"sgd": 0.3, "rmsprop": 0.001}.get(optimizer, 0.01)
    losses = []
    for _ in range(15):
        found = CLIENT.forward_backward(made, BATCH, "cross_entropy", {"scale": 1 / total_weight(BATCH)})
        losses.append(float(found["loss"]))
        assert float(CLIENT.optim_step(made, rate)["gradient_norm"]) > 0
    assert losses[0] == pytest.approx(math.log(259), abs=0.3)
    assert losses[-1] < losses[0] - 0.5
    assert made.steps == 15


def test_a_step_clears_the_gradient():
    made = session()
    CLIENT.forward_backward(made, BATCH, "cross_entropy")
    CLIENT.optim_step(made, 0.1)
    assert gradients(made) == []


def test_the_gradient_is_clipped_to_its_largest_norm():
    free, held = session(optimizer="sgd", beta1=0.0), session(optimizer="sgd", beta1=0.0, gradient_clipping=0.001)
    before = copy.deepcopy(held.weights)
    for each in (free, held):
        CLIENT.forward_backward(each, BATCH, "cross_entropy")
        CLIENT.optim_step(each, 1.0)
    moved = math.sqrt(sum(float(((a - b).detach() ** 2).sum()) for a, b in zip(before, held.weights, strict=True)))
    assert moved == pytest.approx(0.001, rel=1e-3)


def test_a_gradient_that_is_not_finite_takes_no_step():
    made = session()
    before = copy.deepcopy(made.weights)
    CLIENT.forward_backward(made, BATCH, "cross_entropy", {"scale": math.inf})
    with pytest.raises(TrainingError, match="the gradient of step 1 is") as caught:
        CLIENT.optim_step(made, 0.1)
    assert caught.value.code == "not_finite"
    assert all(torch.equal(a, b) for a, b in zip(before, made.weights, strict=True))
    assert gradients(made) == []


def test_policy_losses_report_the_share_that_is_clipped():
    made = session()
    batch = []
    for datum in BATCH:
        n = len(datum)
        inputs = {"targets": datum.loss_inputs["targets"], "mask": torch.ones(n).numpy()}
        inputs |= {"logprobs": torch.full((n,), -9.0).numpy(), "advantages": torch.ones(n).numpy()}
        batch.append(type(datum)(datum.tokens, inputs))
    found = CLIENT.forward_backward(made, batch, "ppo", {"low": 0.9, "high": 1.1})
    assert float(found["clip_fraction"]) == 1.0


def test_log_probabilities_are_those_the_loss_is_made_of_and_nothing_is_learned():
    made = session(config={**TINY, "attention_dropout": 0.5})
    rows = CLIENT.compute_logprobs(made, BATCH)
    assert [row.shape for row in rows] == [(len(datum),) for datum in BATCH]
    assert gradients(made) == []
    assert made.loaded.model.training
    plain = session()
    loss = CLIENT.forward_backward(plain, BATCH, "cross_entropy")["loss"]
    assert -sum(float(row.sum()) for row in rows) == pytest.approx(float(loss), rel=1e-5)


@pytest.mark.parametrize("token", [259, -1])
def test_a_token_that_the_model_has_not_is_named_with_its_row(token):
    batch = [next_token_datum([1, 2, token], [1.0] * 3, row=7)]
    with pytest.raises(TrainingError, match=rf"row 7 has the token id {token}; tiny has the ids 0 to 258") as caught:
        CLIENT.forward_backward(session(), batch, "cross_entropy")
    assert caught.value.code == "token_out_of_range"


def test_what_is_exported_is_loaded_by_transformers_with_its_tokenizer(tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    made = session()
    path = CLIENT.export_model(made, tmp_path / "model")
    tokens = torch.tensor([list(b"to be")])
    with torch.no_grad():
        expected = made.loaded.model.eval()(tokens).logits
        found = AutoModelForCausalLM.from_pretrained(path)(tokens).logits
    assert torch.equal(found, expected)
    words = AutoTokenizer.from_pretrained(path)
    assert words("to be\u00e9")["input_ids"] == made.loaded.tokenizer("to be\u00e9")["input_ids"]
    assert words.chat_template == made.loaded.tokenizer.chat_template


def test_what_is_exported_is_loaded_with_the_very_same_tokenizer(tmp_path):
    """AutoTokenizer makes one of 260 tokens of it, since the model is of Qwen's kind."""
    from crucible_train.local.models import load_model

    made = session()
    again = load_model(str(CLIENT.export_model(made, tmp_path / "model")))
    text = "It's  12345 caf\u00e9s\n\n<|im_start|>"
    assert len(again.tokenizer) == len(made.loaded.tokenizer) == 259
    assert again.tokenizer(text)["input_ids"] == made.loaded.tokenizer(text)["input_ids"]


class TestCheckpoints:
    def train(self, made, steps):
        for _ in range(steps):
            CLIENT.forward_backward(made, BATCH, "cross_entropy", {"scale": 0.01})
            CLIENT.optim_step(made, 0.01)
        return made

    def test_a_training_that_goes_on_is_one_that_was_never_interrupted_bit_for_bit(self, tmp_path):
        whole = self.train(session(), 6)
        first = self.train(session(), 3)
        path = CLIENT.save_checkpoint(first, tmp_path / "three")
        second = session(seed=5)
        CLIENT.load_checkpoint(second, path)
        assert second.steps == 3
        self.train(second, 3)
        assert all(torch.equal(a, b) for a, b in zip(whole.weights, second.weights, strict=True))

    def test_what_is_there_is_not_written_over(self, tmp_path):
        made = session()
        CLIENT.save_checkpoint(made, tmp_path / "one")
        with pytest.raises(TrainingError, match="is there already"):
            CLIENT.save_checkpoint(made, tmp_path / "one")

    def test_a_place_that_cannot_be_written_leaves_nothing(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(TrainingError, match="cannot write the checkpoint") as caught:
            CLIENT.save_checkpoint(session(), tmp_path / "file" / "one")
        assert caught.value.code == "checkpoint_not_written"
        assert [path.name for path in tmp_path.iterdir()] == ["file"]

    @pytest.mark.parametrize("write", ["save_checkpoint", "export_model"])
    def test_a_disk_that_is_full_is_said_and_nothing_is_left(self, tmp_path, write):
        """As on a full disk, writing stops in the middle of a file: here after 8 KiB."""
        made = session()
        resource = pytest.importorskip("resource")
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, limits[1]))
        try:
            with pytest.raises(TrainingError, match=r"cannot write the checkpoint .*: .*too large") as caught:
                getattr(CLIENT, write)(made, tmp_path / "one")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert caught.value.code == "checkpoint_not_written"
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("spoil", "said"),
        [
            (lambda path: (path / "model.safetensors").unlink(), "cannot be read"),
            (lambda path: (path / "model.safetensors").write_bytes(b"x" * 99), "cannot be read"),
            (lambda path: (path / "state.pt").write_bytes((path / "state.pt").read_bytes()[:99]), "cannot be read"),
        ],
        ids=["gone", "garbage", "truncated"],
    )
    def test_a_damaged_one_is_refused_and_changes_nothing(self, tmp_path, spoil, said):
        made = session()
        path = CLIENT.save_checkpoint(self.train(session(), 1), tmp_path / "one")
        spoil(path)
        before = copy.deepcopy(made.weights)
        with pytest.raises(TrainingError, match=said) as caught:
            CLIENT.load_checkpoint(made, path)
        assert caught.value.code == "invalid_checkpoint"
        assert all(torch.equal(a, b) for a, b in zip(before, made.weights, strict=True))

    def test_one_of_another_model_or_optimizer_is_refused(self, tmp_path):
        path = CLIENT.save_checkpoint(self.train(session(), 1), tmp_path / "one")
        wide = session(config={**TINY, "hidden_size": 64})
        with pytest.raises(TrainingError, match=r"of another model: .* has the shape"):
            CLIENT.load_checkpoint(wide, path)
        with pytest.raises(TrainingError, match="trained with Adam, not SGD"):
            CLIENT.load_checkpoint(session(optimizer="sgd"), path)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"optimizer": "lion"}, "there is no optimizer 'lion'; there are adam"),
        ({"device": "tpu"}, "there is no device 'tpu'"),
        ({"device": "cuda:99"} if not torch.cuda.is_available() else {"device": "gpu"}, "no"),
        ({"precision": "fp8"}, "there is no precision 'fp8'"),
        ({"precision": "fp16"}, "fp16 needs cuda or mps"),
        ({"config": {"hidden_size": 8}}, "needs model_type"),
        ({"config": {"model_type": "no_such"}}, "no model can be made"),
        ({"config": {**TINY, "vocab_size": 8}}, "the tokenizer has 259 tokens"),
    ],
)
def test_what_cannot_be_done_is_named(config, said):
    with pytest.raises(TrainingError, match=said) as caught:
        session(**config)
    assert caught.value.code == "unsupported_training_config"


def test_a_model_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(TrainingError, match=r"no tokenizer '.*nothing'") as caught:
        CLIENT.start_session(str(tmp_path / "nothing"), {"device": "cpu"})
    assert caught.value.code == "model_not_found"


@pytest.mark.parametrize(
    ("loss", "options", "said"),
    [
        ("focal", {}, "there is no loss 'focal'"),
        ("ppo", {"clip": 1}, "has no option 'clip'; it has low, high"),
        ("ppo", {}, "needs logprobs, advantages, mask"),
    ],
)
def test_a_loss_that_cannot_be_computed_is_named(loss, options, said):
    with pytest.raises(TrainingError, match=said):
        CLIENT.forward_backward(session(), BATCH, loss, options)
