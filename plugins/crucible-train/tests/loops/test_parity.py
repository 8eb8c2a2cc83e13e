"""The supervised loop beside two others on the same model, data and order: transformers' Trainer, and a bare loop."""

from __future__ import annotations

import importlib.util
import logging

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from crucible_train.data.datum import next_token_datum  # noqa: E402
from crucible_train.data.ordering import Ordering  # noqa: E402
from crucible_train.local.training_client import LocalTrainingClient  # noqa: E402
from crucible_train.loops.config import SupervisedConfig  # noqa: E402
from crucible_train.loops.observer import Silent  # noqa: E402
from crucible_train.loops.supervised import train_supervised  # noqa: E402

MODEL = {
    "model_type": "qwen2",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
}
STEPS, BATCH, RATE = 50, 4, 3e-3
LINES = [f"question {n}: {n} times {n} is {n * n}." for n in range(STEPS * BATCH // 2)]
CLIENT = LocalTrainingClient()


def tokens_and_weights():
    """Lines of several lengths, of which the answer counts."""
    for line in LINES:
        tokens = list(line.encode())
        yield tokens, [float(place > line.index(":")) for place in range(len(tokens))]


def session():
    how = {"optimizer": "adamw", "beta2": 0.999, "gradient_clipping": 1.0}
    return CLIENT.start_session("tiny", {"config": MODEL, "device": "cpu", **how})


def examples():
    return [next_token_datum(*each) for each in tokens_and_weights()]


@pytest.fixture(scope="module")
def ours():
    class Losses(Silent):
        seen = []

        def metrics(self, step, values):
            self.seen.append(values["loss"])

    told = SupervisedConfig(num_epochs=2, batch_size=BATCH, learning_rate=RATE, lr_schedule="linear", warmup_steps=5)
    train_supervised(CLIENT, session(), examples(), told, observer=Losses())
    assert len(Losses.seen) == STEPS
    assert Losses.seen[-1] < Losses.seen[0] - 2
    return Losses.seen


def order():
    """The numbers of the rows of each step."""
    drawn = Ordering(range(len(LINES)), BATCH, epochs=2, seed=0)
    return [drawn.batch(step) for step in range(STEPS)]


def rate(step):
    return RATE * (step / 5 if step < 5 else 1 - (step - 5) / (STEPS - 5))


def padded(numbers):
    """Return what transformers reads: ids, labels (-100 for what does not count) and mask, each (rows, length)."""
    rows = [list(tokens_and_weights())[number] for number in numbers]
    longest = max(len(tokens) for tokens, _ in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    labels, mask = torch.full_like(ids, -100), torch.zeros_like(ids)
    for row, (tokens, weights) in enumerate(rows):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
        labels[row, : len(tokens)] = torch.tensor([t if w else -100 for t, w in zip(tokens, weights, strict=True)])
    return {"input_ids": ids, "labels": labels, "attention_mask": mask}


def test_a_bare_loop_has_the_same_losses(ours):
    model = session().loaded.model
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.999), weight_decay=0)
    losses = []
    for step, numbers in enumerate(order()):
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        loss = model(**padded(numbers), use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert ours == pytest.approx(losses, abs=1e-4)


@pytest.mark.skipif(
    importlib.util.find_spec("accelerate") is None, reason="Trainer needs accelerate, which peft brings"
)
def test_the_trainer_of_transformers_has_the_same_losses(ours, tmp_path, monkeypatch):
    from transformers import Trainer, TrainerCallback, TrainingArguments

    losses = []

    class Log(TrainerCallback):
        def on_log(self, args, state, control, logs=None, **kwargs):
            if "loss" in logs:
                losses.append(logs["loss"])

    class InOrder(Trainer):
        def get_train_dataloader(self):
            return [padded(numbers) for numbers in order()]

    monkeypatch.setenv("ACCELERATE_USE_CPU", "true")  # the Trainer sets it itself, and leaves it
    logging.getLogger("transformers.trainer").setLevel(logging.ERROR)
    arguments = TrainingArguments(
        output_dir=str(tmp_path),
        use_cpu=True,
        max_steps=STEPS,
        per_device_train_batch_size=BATCH,
        learning_rate=RATE,
        lr_scheduler_type="linear",
        warmup_steps=5,
        optim="adamw_torch",
        weight_decay=0.0,
        max_grad_norm=1.0,
        logging_steps=1,
        logging_nan_inf_filter=False,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    InOrder(session().loaded.model, arguments, callbacks=[Log()]).train()
    assert len(losses) == STEPS
    assert ours == pytest.approx(losses, abs=1e-4)
