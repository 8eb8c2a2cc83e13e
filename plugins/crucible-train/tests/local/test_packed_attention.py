"""Examples in one row: what a model computes of each is what it computes of it alone."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from crucible_train.data.datum import next_token_datum  # noqa: E402
from crucible_train.data.packing import pack  # noqa: E402
from crucible_train.errors import TrainingError  # noqa: E402
from crucible_train.local.training_client import LocalTrainingClient  # noqa: E402

QWEN = {"model_type": "qwen2", "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
HEADS = {"num_attention_heads": 2, "num_key_value_heads": 2}
GPT2 = {
    "model_type": "gpt2",
    "n_embd": 32,
    "n_layer": 2,
    "n_head": 2,
    "resid_pdrop": 0,
    "embd_pdrop": 0,
    "attn_pdrop": 0,
}
CLIENT = LocalTrainingClient()
TEXTS = ["to be, or not to be", "that is", "the question:", "whether 'tis nobler", "in the mind"]


def session(config):
    return CLIENT.start_session("tiny", {"config": config, "device": "cpu"})


def datums():
    return [next_token_datum(list(text.encode()), [0.0, *[1.0] * (len(text) - 1)]) for text in TEXTS]


@pytest.mark.parametrize(
    "config",
    [{**QWEN, **HEADS}, {**QWEN, **HEADS, "attn_implementation": "eager"}, GPT2],
    ids=["rotary", "eager", "learned positions"],
)
def test_loss_and_gradients_are_those_of_the_examples_one_by_one(config):
    together, apart = session(config), session(config)
    packed = pack(datums(), 40)
    assert len(packed) < len(TEXTS)
    whole = CLIENT.forward_backward(together, packed, "cross_entropy")["loss"]
    parts = [CLIENT.forward_backward(apart, [datum], "cross_entropy")["loss"] for datum in datums()]
    assert float(whole) == pytest.approx(float(sum(parts)), rel=1e-6)
    for a, b in zip(together.weights, apart.weights, strict=True):
        assert torch.allclose(a.grad, b.grad, atol=1e-4)


def test_without_the_blocks_it_would_be_another_loss():
    """The control: the same rows, read as one example each."""
    whole, blocks = session({**QWEN, **HEADS}), session({**QWEN, **HEADS})
    packed = pack(datums(), 40)
    joined = [type(datum)(datum.tokens, datum.loss_inputs) for datum in packed]
    one = float(CLIENT.forward_backward(whole, joined, "cross_entropy")["loss"])
    other = float(CLIENT.forward_backward(blocks, packed, "cross_entropy")["loss"])
    assert abs(one - other) > 1e-3


def test_a_model_that_cannot_keep_them_apart_is_refused():
    """A state-space model carries its state from one example into the next."""
    made = session({"model_type": "mamba", "hidden_size": 16, "num_hidden_layers": 1, "state_size": 4})
    with pytest.raises(TrainingError, match="set packing to false") as caught:
        CLIENT.forward_backward(made, pack(datums(), 40), "cross_entropy")
    assert caught.value.code == "unsupported_training_config"
    assert caught.value.details["field"] == "packing"
