"""The supervised loop on a small model: what it computes, how it goes on, when it stops."""

from __future__ import annotations

import json
import math

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from crucible_train.data.datum import next_token_datum  # noqa: E402
from crucible_train.errors import TrainingError  # noqa: E402
from crucible_train.local.training_client import LocalTrainingClient  # noqa: E402
from crucible_train.loops.checkpoints import last_checkpoint  # noqa: E402
from crucible_train.loops.config import EarlyStopping, SupervisedConfig  # noqa: E402
from crucible_train.loops.observer import Silent  # noqa: E402
from crucible_train.loops.supervised import goes_on, train_supervised  # noqa: E402

TINY = {
    "model_type": "qwen2",
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
}
CLIENT = LocalTrainingClient()
LINES = [f"{a} and {b} are {a + b}." for a in range(4) for b in range(10, 16)]


class Recorder(Silent):
    """Remembers what it is told."""

    def __init__(self, stop_at=None):
        self.seen, self.warnings, self.checkpoints, self.stop_at = {}, [], [], stop_at

    def metrics(self, step, values):
        self.seen.setdefault(step, {}).update(values)

    def checkpoint(self, name, path):
        self.checkpoints.append(name)

    def warn(self, message):
        self.warnings.append(message)

    def stop(self):
        return TrainingError("cancelled", "enough") if len(self.seen) == self.stop_at else None

    def losses(self):
        return [values["loss"] for step, values in sorted(self.seen.items()) if "loss" in values]


def session(**config):
    torch.manual_seed(0)  # what dropout is drawn from
    return CLIENT.start_session("tiny", {"config": TINY, "device": "cpu", "seed": 1, **config})


def examples(lines=LINES):
    return [
        next_token_datum(list(line.encode()), [0.0, *[1.0] * (len(line) - 1)], row=row)
        for row, line in enumerate(lines)
    ]


def config(**changes):
    return SupervisedConfig(**{"batch_size": 6, "num_epochs": 2, "learning_rate": 0.01, **changes})


def trained(made=None, told=None, **more):
    watch = more.pop("observer", None) or Recorder()
    made = made or session()
    outcome = train_supervised(CLIENT, made, more.pop("rows", examples()), told or config(), observer=watch, **more)
    return made, outcome, watch


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one.weights, other.weights, strict=True))


class TestWhatItComputes:
    def test_it_learns_and_says_how_far(self):
        _, outcome, watch = trained(told=config(num_epochs=15))
        assert outcome.total_steps == 60
        assert watch.losses()[0] == pytest.approx(math.log(259), abs=0.3)
        assert outcome.state.train_loss < 1.5
        assert outcome.state.tokens == 15 * sum(len(line) - 1 for line in LINES)

    def test_gradient_accumulation_is_one_large_batch_token_by_token(self):
        _, _, whole = trained(told=config(batch_size=6))
        _, _, parts = trained(told=config(batch_size=2, gradient_accumulation=3))
        assert parts.losses() == pytest.approx(whole.losses(), abs=1e-4)

    def test_packing_trains_on_the_same_tokens(self):
        _, plain, _ = trained(told=config(batch_size=24, num_epochs=1))
        _, packed, watch = trained(told=config(batch_size=24, num_epochs=1, packing=True, max_length=128))
        assert packed.state.tokens == plain.state.tokens
        assert watch.losses()[0] == pytest.approx(plain.state.train_loss, abs=1e-5)

    def test_bucketing_puts_examples_of_about_one_length_together_and_loses_none(self):
        class Batches(LocalTrainingClient):
            lengths = []

            def forward_backward(self, session, batch, loss, loss_config=None):
                self.lengths.append(sorted(map(len, batch)))
                return super().forward_backward(session, batch, loss, loss_config)

        rows = examples(["a" * length for length in (30, 3, 31, 4, 32, 5)])
        client = Batches()
        told = config(batch_size=3, num_epochs=1, length_bucketing=True)
        train_supervised(client, session(), rows, told)
        assert sorted(client.lengths) == [[2, 3, 4], [29, 30, 31]]

    def test_the_order_follows_from_the_seed_and_changes_with_it(self):
        losses = [trained(told=config(training_config={"seed": seed}))[2].losses() for seed in (1, 1, 2)]
        assert losses[0] == losses[1]
        assert losses[0] != losses[2]

    def test_the_rate_follows_the_schedule(self):
        _, _, watch = trained(told=config(lr_schedule="cosine", warmup_steps=2))
        rates = [watch.seen[step]["learning_rate"] for step in range(1, 9)]
        expected = [0, 0.005, *(0.005 * (1 + math.cos(math.pi * step / 6)) for step in range(6))]
        assert rates == pytest.approx(expected)


class TestGoingOn:
    @pytest.mark.parametrize("step", [1, 3, 5])
    def test_a_resumed_training_is_one_that_was_never_interrupted_bit_for_bit(self, tmp_path, step):
        """With dropout, a schedule, evaluations and two epochs, so that all of their states matter."""
        droppy = {**TINY, "attention_dropout": 0.2}
        told = config(rolling_every=1, eval_every=2, lr_schedule="cosine", packing=True, max_length=40, batch_size=3)
        held_out = examples(LINES[:4])
        whole, expected, _ = trained(session(config=droppy), told, held_out=held_out)
        with pytest.raises(TrainingError, match="enough"):
            trained(session(config=droppy), told, held_out=held_out, folder=tmp_path, observer=Recorder(stop_at=step))
        found = last_checkpoint(tmp_path)
        assert found.name == f"rolling-{step:06d}"
        torch.manual_seed(99)
        resumed = session(config=droppy, seed=7)
        _, outcome, watch = trained(resumed, told, held_out=held_out, resume=found)
        assert min(watch.seen) == step + 1
        assert same(whole, resumed)
        assert outcome.state == expected.state

    def test_checkpoints_are_periodic_rolling_and_final(self, tmp_path):
        _, outcome, watch = trained(told=config(save_every=3, rolling_every=2), folder=tmp_path)
        assert watch.checkpoints == [
            "rolling-000002",
            "step-000003",
            "rolling-000004",
            "step-000006",
            "rolling-000008",
            "final-000008",
        ]
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "final-000008",
            "rolling-000008",
            "step-000003",
            "step-000006",
        ]
        assert outcome.final == tmp_path / "final-000008"

    @pytest.mark.parametrize(
        "other",
        [{"rows": examples(LINES[1:])}, {"told": config(batch_size=3)}, {"told": config(training_config={"seed": 5})}],
        ids=["rows", "batch size", "seed"],
    )
    def test_a_checkpoint_of_another_training_is_refused(self, tmp_path, other):
        trained(told=config(max_steps=2), folder=tmp_path)
        with pytest.raises(TrainingError, match="on other examples, or in another order") as caught:
            trained(resume=last_checkpoint(tmp_path), **other)
        assert caught.value.code == "invalid_checkpoint"

    def test_whether_a_checkpoint_is_of_this_very_training_can_be_asked(self, tmp_path):
        trained(told=config(max_steps=2), folder=tmp_path)
        path = last_checkpoint(tmp_path)
        assert goes_on(path, examples(), config(max_steps=2))
        assert not goes_on(path, examples(), config(max_steps=2, learning_rate=0.02))
        assert not goes_on(path, examples(LINES[1:]), config(max_steps=2))
        assert not goes_on(tmp_path / "none", examples(), config(max_steps=2))

    def test_a_truncated_checkpoint_is_refused(self, tmp_path):
        trained(told=config(max_steps=2), folder=tmp_path)
        path = last_checkpoint(tmp_path)
        (path / "loop.json").write_text((path / "loop.json").read_text()[:40])
        with pytest.raises(TrainingError, match=r"its loop.json cannot be read"):
            trained(resume=path)

    def test_a_disk_that_cannot_be_written_is_said_and_nothing_is_left(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(TrainingError, match="cannot write the checkpoint") as caught:
            trained(folder=tmp_path / "file")
        assert caught.value.code == "checkpoint_not_written"
        assert [path.name for path in tmp_path.iterdir()] == ["file"]


class TestEvaluation:
    def test_the_loss_on_held_out_examples_is_that_of_a_training_step_on_them(self):
        held_out = examples(["9 and 9 are 18."])
        made, outcome, watch = trained(told=config(num_epochs=1, eval_every=2), held_out=held_out)
        assert [each["step"] for each in outcome.state.evaluations] == [2, 4]
        tokens = float(held_out[0].loss_inputs["weights"].sum())
        loss = CLIENT.forward_backward(made, held_out, "cross_entropy", {"scale": 1 / tokens})["loss"]
        assert outcome.state.evaluations[-1]["loss"] == pytest.approx(float(loss), abs=1e-6)
        assert watch.seen[4]["eval_loss"] == outcome.state.evaluations[-1]["loss"]

    def test_evaluating_changes_nothing(self):
        plain, _, _ = trained(session(config={**TINY, "attention_dropout": 0.2}))
        watched, _, _ = trained(
            session(config={**TINY, "attention_dropout": 0.2}), config(eval_every=1), held_out=examples(LINES[:3])
        )
        assert same(plain, watched)

    def test_it_stops_when_held_out_examples_get_worse_and_ends_with_the_best_weights(self, tmp_path):
        """Held-out lines of which nothing can be learned from the others: memorising makes them worse."""
        told = config(num_epochs=30, early_stopping=EarlyStopping(patience=2), restore_best=True)
        held_out = examples(["zzz qqq xxx", "vvv www yyy"])
        made, outcome, _ = trained(told=told, held_out=held_out, folder=tmp_path)
        state = outcome.state
        assert state.stopped == "early_stopping"
        assert state.step < outcome.total_steps
        assert state.step == state.best["step"] + 2 * outcome.steps_an_epoch
        assert outcome.best == tmp_path / f"best-{state.best['step']:06d}"
        from crucible_train.loops.evaluation import mean_loss

        assert mean_loss(CLIENT, made, held_out, 6) == pytest.approx(state.best["loss"], abs=1e-7)


class TestWhatIsNotFinite:
    def test_it_stops_and_keeps_the_batch(self, tmp_path):
        class Keeper(Recorder):
            def bad_batch(self, step, batch):
                self.kept = step, [datum.row for datum in batch]
                return tmp_path / "batch"

        watch = Keeper()
        with pytest.raises(TrainingError, match=r"step \d+: .* is (nan|inf); its batch is kept in .*batch") as caught:
            trained(session(optimizer="sgd"), config(learning_rate=1e30, lr_schedule="constant"), observer=watch)
        assert caught.value.code == "not_finite"
        step, rows = watch.kept
        assert caught.value.details["step"] == step
        assert caught.value.details["rows"] == sorted(rows)
        json.dumps(caught.value.details)

    def test_a_bad_example_is_left_out_as_often_as_allowed(self):
        class Once(LocalTrainingClient):
            def forward_backward(self, session, batch, loss, loss_config=None):
                scale = math.nan if session.steps == 2 and not self.bad.append(1) and len(self.bad) == 1 else 1.0
                options = {**loss_config, "scale": loss_config["scale"] * scale}
                return super().forward_backward(session, batch, loss, options)

        client = Once()
        client.bad = []
        watch = Recorder()
        outcome = train_supervised(client, session(), examples(), config(skip_not_finite=1), observer=watch)
        assert outcome.state.skipped == 1
        assert watch.warnings == ["step 3 was left out: the gradient of step 3 is nan"]
        assert len(watch.losses()) == outcome.total_steps - 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lr_schedule": "polynomial"}, "lr_schedule is linear, cosine, constant or wsd, not 'polynomial'"),
        ({"warmup_steps": 99}, "warmup_steps is between 0 and the 8 steps"),
        ({"num_epochs": 0}, "num_epochs is at least 1"),
        ({"learning_rate": math.inf}, "learning_rate is a finite number"),
        ({"packing": True, "length_bucketing": True}, "set length_bucketing to false"),
        ({"early_stopping": EarlyStopping()}, "early_stopping needs held-out examples"),
        ({"restore_best": True}, "restore_best needs held-out examples"),
    ],
)
def test_what_cannot_be_done_is_named(changes, said):
    with pytest.raises(TrainingError, match=said) as caught:
        trained(told=config(**changes))
    assert caught.value.code == "unsupported_training_config"
