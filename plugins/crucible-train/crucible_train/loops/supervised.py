"""Supervised training: the likelihood of targets, step by step, with everything to go on exactly after each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_train.data.ordering import Ordering
from crucible_train.data.packing import pack
from crucible_train.errors import TrainingError
from crucible_train.loops.checkpoints import Checkpoints
from crucible_train.loops.config import SupervisedConfig, unsupported
from crucible_train.loops.evaluation import mean_loss
from crucible_train.loops.observer import Observer, Silent
from crucible_train.loops.state import LoopState, config_fingerprint, fingerprint
from crucible_train.schedules import Schedule

if TYPE_CHECKING:
    from crucible_core.ports import TrainingClient
    from crucible_train.data.datum import Datum


@dataclass(frozen=True)
class Outcome:
    """What came of a training.

    Attributes:
        state: Where it ended.
        total_steps: The steps it was to take.
        steps_an_epoch: Those of one epoch.
        final: The last checkpoint; None where none was asked for.
        best: The checkpoint of the best evaluation; None likewise, or where there was no evaluation.
    """

    state: LoopState
    total_steps: int
    steps_an_epoch: int
    final: Path | None = None
    best: Path | None = None


def train_supervised(
    client: TrainingClient,
    session: Any,
    examples: Sequence[Datum],
    config: SupervisedConfig,
    *,
    held_out: Sequence[Datum] = (),
    folder: Path | None = None,
    resume: Path | None = None,
    observer: Observer | None = None,
) -> Outcome:
    """Train a model to predict the targets of examples.

    The loss of a step is the mean over all tokens that count in it, however it is split into forward passes. With the
    same seed the result is the same, also where the training goes on from a checkpoint, on the cpu bit for bit.

    Args:
        client: Computes gradients and takes steps.
        session: Its session.
        examples: What to learn, with ``targets`` and ``weights``.
        config: How.
        held_out: What to evaluate on.
        folder: Where checkpoints go: ``final-N`` at the end, ``step-N``, ``rolling-N`` and ``best-N`` as configured.
            None for no checkpoint.
        resume: A checkpoint of the same training to go on from.
        observer: Who is told, and may stop it.

    Raises:
        TrainingError: ``unsupported_training_config``, ``not_finite``, ``invalid_checkpoint``,
            ``checkpoint_not_written``, what the client raises, and what the observer stops with; before the last of
            these a rolling checkpoint is written.
    """
    watch = observer or Silent()
    rows = training_rows(examples, config)
    order = _ordering(rows, config)
    total = min(order.total_steps, config.max_steps or order.total_steps)
    schedule = _schedule(config, total)
    _check(config, held_out)
    state = LoopState(fingerprint(rows, config))
    keep = None if folder is None else Checkpoints(folder, client, session, watch)
    if resume is not None:
        state = (keep or Checkpoints(resume.parent, client, session, watch)).load(resume, state.fingerprint)
    state.config = config_fingerprint(config)

    while state.step < total and state.stopped is None:
        stop = watch.stop()
        if stop is not None:
            if keep is not None:
                keep.write("rolling", state, replace=True)
            raise stop
        batch = order.batch(state.step)
        rate = config.learning_rate * schedule.multiplier(state.step)
        try:
            metrics = train_step(client, session, batch, rate, config.batch_size, config.loss)
        except TrainingError as error:
            metrics = _left_out(error, batch, state, config, watch)
        state.step += 1
        epoch_ends = state.step % order.steps_an_epoch == 0
        _note(state, metrics, epoch_ends=epoch_ends)
        watch.metrics(state.step, metrics)
        if held_out and (state.step == total or _due(config.eval_every, state.step, otherwise=epoch_ends)):
            _evaluate(client, session, held_out, config, state, keep, watch)
        if keep is not None and _due(config.save_every, state.step):
            keep.write("step", state)
        elif keep is not None and _due(config.rolling_every, state.step):
            keep.write("rolling", state, replace=True)
        watch.progress(state.step, total)

    final = None if keep is None else keep.write("final", state)
    best = _best(state, folder, resume)
    if config.restore_best and best is not None:
        client.load_checkpoint(session, best / "client")
    return Outcome(state, total, order.steps_an_epoch, final, best)


def training_rows(examples: Sequence[Datum], config: SupervisedConfig) -> Sequence[Datum]:
    """Return what a batch is made of: the examples, or rows of several."""
    return pack(examples, _capacity(examples, config)) if config.packing else examples


def goes_on(checkpoint: Path, examples: Sequence[Datum], config: SupervisedConfig) -> bool:
    """Tell whether a checkpoint is of this very training: the same examples, and told the same."""
    try:
        state = LoopState.read(checkpoint, fingerprint(training_rows(examples, config), config))
    except TrainingError:
        return False
    return state.config == config_fingerprint(config)


def train_step(
    client: TrainingClient,
    session: Any,
    batch: Sequence[Datum],
    learning_rate: float,
    batch_size: int,
    loss: str = "cross_entropy",
) -> dict[str, float]:
    """Take one optimizer step on a batch, in forward passes of ``batch_size`` examples.

    Returns:
        ``loss``, the mean over all tokens that count, in nats; ``tokens``, how many those are; ``learning_rate``, and
        what the client says of the step, such as ``gradient_norm``.

    Raises:
        TrainingError: ``not_finite``, or what the client raises.
    """
    tokens = float(sum(datum.loss_inputs["weights"].sum() for datum in batch))
    losses = [
        client.forward_backward(session, batch[start : start + batch_size], loss, {"scale": 1 / tokens})
        for start in range(0, len(batch), batch_size)
    ]
    stepped = client.optim_step(session, learning_rate)
    mean = sum(float(each["loss"]) for each in losses)
    if not math.isfinite(mean):
        raise TrainingError("not_finite", f"the loss is {mean}")
    return {"loss": mean, "tokens": tokens, "learning_rate": learning_rate, **{k: float(v) for k, v in stepped.items()}}


def _capacity(examples: Sequence[Datum], config: SupervisedConfig) -> int:
    """Return the tokens that a packed row has room for: what is read of ``max_length``, else the longest example."""
    longest = max(map(len, examples), default=0)
    return max(longest, (config.max_length or 0) - 1)


def _ordering(rows: Sequence[Datum], config: SupervisedConfig) -> Ordering[Datum]:
    return Ordering(
        rows,
        batch_size=config.batch_size * config.gradient_accumulation,
        epochs=config.num_epochs,
        seed=config.seed if config.shuffle else None,
        lengths=[len(row) for row in rows] if config.length_bucketing else None,
    )


def _schedule(config: SupervisedConfig, total: int) -> Schedule:
    try:
        return Schedule(config.lr_schedule, total, config.warmup_steps, config.decay_steps)
    except ValueError as error:
        raise unsupported("lr_schedule", str(error)) from error


def _check(config: SupervisedConfig, held_out: Sequence[Datum]) -> None:
    for name in ("early_stopping", "restore_best"):
        if getattr(config, name) and not held_out:
            raise unsupported(name, f"{name} needs held-out examples to evaluate on")


def _due(every: int, step: int, *, otherwise: bool = False) -> bool:
    return step % every == 0 if every else otherwise


def _left_out(
    error: TrainingError, batch: Sequence[Datum], state: LoopState, config: SupervisedConfig, watch: Observer
) -> dict[str, float]:
    """Go on without a step that is not finite, where the configuration allows it.

    Raises:
        TrainingError: It does not, or the error is another one.
    """
    if error.code != "not_finite":
        raise error
    state.skipped += 1
    if state.skipped <= config.skip_not_finite:
        watch.warn(f"step {state.step + 1} was left out: {error.message}")
        return {}
    kept = watch.bad_batch(state.step + 1, batch)
    rows = sorted({datum.row for datum in batch if datum.row is not None})
    message = (
        f"step {state.step + 1}: {error.message}; its batch is kept in {kept}; lower learning_rate, set "
        "gradient_clipping, or leave such steps out with skip_not_finite"
    )
    details = {"step": state.step + 1, "rows": rows, "batch": None if kept is None else str(kept)}
    raise TrainingError("not_finite", message, **details) from error


def _note(state: LoopState, metrics: dict[str, float], *, epoch_ends: bool) -> None:
    tokens = metrics.get("tokens", 0.0)
    state.tokens += tokens
    state.losses = [state.losses[0] + metrics.get("loss", 0.0) * tokens, state.losses[1] + tokens]
    if epoch_ends:
        state.train_loss = state.losses[0] / state.losses[1] if state.losses[1] else None
        state.losses = [0.0, 0.0]


def _evaluate(
    client: TrainingClient,
    session: Any,
    held_out: Sequence[Datum],
    config: SupervisedConfig,
    state: LoopState,
    keep: Checkpoints | None,
    watch: Observer,
) -> None:
    loss = mean_loss(client, session, held_out, config.batch_size)
    watch.metrics(state.step, {"eval_loss": loss})
    found = {"step": state.step, "loss": loss}
    state.evaluations.append(found)
    patience = config.early_stopping
    if state.best is None or loss < state.best["loss"] - (patience.min_delta if patience else 0.0):
        state.best, state.waited = found, 0
        if keep is not None and config.restore_best:
            keep.write("best", state, replace=True)
        return
    state.waited += 1
    if patience is not None and state.waited >= patience.patience:
        state.stopped = "early_stopping"


def _best(state: LoopState, *folders: Path | None) -> Path | None:
    """Return the checkpoint of the best evaluation, from this training's directory or from that it went on from."""
    if state.best is None:
        return None
    name = f"best-{state.best['step']:06d}"
    places = [folders[0], None if folders[1] is None else folders[1].parent]
    return next((place / name for place in places if place is not None and (place / name).exists()), None)
