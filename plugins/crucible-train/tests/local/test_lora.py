"""Adapters: what is trained, what stays, and what others load of it."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from crucible_train.data.datum import next_token_datum  # noqa: E402
from crucible_train.errors import TrainingError  # noqa: E402
from crucible_train.local.training_client import LocalTrainingClient  # noqa: E402

TINY = {
    "model_type": "llama",
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
}
CLIENT = LocalTrainingClient()
BATCH = [next_token_datum(list(text.encode()), [1.0] * len(text)) for text in ("to be, or not", "that is")]


def session(**config):
    return CLIENT.start_session("tiny", {"config": TINY, "device": "cpu", "seed": 2, "lora": {"r": 4}, **config})


def trained(made, steps=5):
    for _ in range(steps):
        CLIENT.forward_backward(made, BATCH, "cross_entropy", {"scale": 0.05})
        CLIENT.optim_step(made, 0.01)
    return made


def logits(model):
    with torch.no_grad():
        return model.eval()(input_ids=torch.tensor([list(b"to be")])).logits


def test_before_the_first_step_the_model_is_what_it_was():
    assert torch.equal(logits(session().loaded.model), logits(session(lora=None).loaded.model))


def test_only_adapters_are_trained_and_the_loss_falls():
    made, before = session(), session()
    names = {name for name, weight in made.loaded.model.named_parameters() if weight.requires_grad}
    assert names
    assert all("lora_" in name for name in names)
    first = float(CLIENT.forward_backward(session(), BATCH, "cross_entropy")["loss"])
    trained(made, 20)
    assert float(CLIENT.forward_backward(made, BATCH, "cross_entropy")["loss"]) < first - 1
    own = [
        (a, b)
        for (n, a), (_, b) in zip(
            made.loaded.model.named_parameters(), before.loaded.model.named_parameters(), strict=True
        )
        if n not in names
    ]
    assert all(torch.equal(a, b) for a, b in own)


def test_with_the_adapter_off_it_is_the_reference():
    model = trained(session()).loaded.model
    reference = logits(session(lora=None).loaded.model)
    assert not torch.allclose(logits(model), reference)
    with model.disable_adapter():
        assert torch.equal(logits(model), reference)


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")  # peft's own, as it loads an adapter
def test_what_is_exported_is_the_sum_and_the_adapter_is_one_of_peft(tmp_path):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    made = trained(session())
    path = CLIENT.export_model(made, tmp_path / "model")
    expected = logits(made.loaded.model)
    assert torch.allclose(logits(AutoModelForCausalLM.from_pretrained(path)), expected, atol=1e-5)
    base = session(lora=None).loaded.model
    assert torch.allclose(logits(PeftModel.from_pretrained(base, path / "adapter")), expected, atol=1e-5)


def test_it_goes_on_from_a_checkpoint_bit_for_bit(tmp_path):
    whole = trained(session(lora={"r": 4, "dropout": 0.2}), 0)
    torch.manual_seed(0)
    trained(whole, 4)
    torch.manual_seed(0)
    half = trained(session(lora={"r": 4, "dropout": 0.2}), 2)
    path = CLIENT.save_checkpoint(half, tmp_path / "two")
    again = session(lora={"r": 4, "dropout": 0.2}, seed=9)
    CLIENT.load_checkpoint(again, path)
    trained(again, 2)
    assert all(torch.equal(a, b) for a, b in zip(whole.weights, again.weights, strict=True))


def test_with_activations_computed_again_the_gradients_are_the_same():
    plain, again = session(), session(gradient_checkpointing=True)
    for made in (plain, again):
        CLIENT.forward_backward(made, BATCH, "cross_entropy")
    assert all(torch.allclose(a.grad, b.grad, atol=1e-5) for a, b in zip(plain.weights, again.weights, strict=True))


def test_layers_that_are_not_there_are_named():
    with pytest.raises(TrainingError, match="no adapter can be made") as caught:
        session(lora={"target_modules": ["no_such_layer"]})
    assert caught.value.details["field"] == "lora"
