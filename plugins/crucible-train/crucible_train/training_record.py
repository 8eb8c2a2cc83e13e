"""What is known of a training when it is over: its metrics, and its record as the IR has it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from crucible_core.ir import TrainingConfig, TrainingRun

if TYPE_CHECKING:
    from crucible_core import Context
    from crucible_train.data.examples import Examples
    from crucible_train.loops.config import SupervisedConfig
    from crucible_train.loops.supervised import Outcome
    from crucible_train.normalize import Normalized


def training_metrics(outcome: Outcome, examples: Examples, held_out: int) -> dict[str, Any]:
    """Return the metrics of a training as JSON values.

    ``loss`` is the mean over the tokens of the last epoch, or of what was seen of it, in nats; ``eval_loss`` that of
    the last evaluation.
    """
    state = outcome.state
    evaluated = state.evaluations[-1]["loss"] if state.evaluations else None
    return {
        "loss": state.losses[0] / state.losses[1] if state.losses[1] else state.train_loss,
        "eval_loss": evaluated,
        "perplexity": None if evaluated is None else perplexity(evaluated),
        "best_eval_loss": None if state.best is None else state.best["loss"],
        "best_step": None if state.best is None else state.best["step"],
        "steps": state.step,
        "epochs": state.step / outcome.steps_an_epoch,
        "stopped": state.stopped or "completed",
        "examples": len(examples.datums),
        "held_out": held_out,
        "tokens": state.tokens,
        "truncated": examples.truncated,
        "lost_targets": examples.lost_targets,
        "skipped": state.skipped,
    }


def perplexity(loss: float) -> float | None:
    """Return the perplexity of a mean loss in nats; None where it is beyond every float.

    Example:
        >>> perplexity(0.0), perplexity(1000.0)
        (1.0, None)
    """
    try:
        return math.exp(loss)
    except OverflowError:
        return None


def training_run(
    context: Context, options: Any, found: Normalized[Any], loop: SupervisedConfig, outcome: Outcome
) -> TrainingRun:
    """Return the record of a training; without times, which the run's own record has."""
    given = options.training_config
    config = given if isinstance(given, TrainingConfig) else _as_ir(context, options, found, loop)
    kept = sorted(str(path) for path in (outcome.final, outcome.best) if path is not None)
    return TrainingRun.from_dict(
        {
            "id": context.runtime.stage_id,
            "config": config,
            "status": "completed",
            "current_epoch": math.ceil(outcome.state.step / outcome.steps_an_epoch),
            "metrics_history": outcome.state.evaluations,
            "best_metrics": outcome.state.best,
            "checkpoint_uris": kept,
        }
    )


def _as_ir(context: Context, options: Any, found: Normalized[Any], loop: SupervisedConfig) -> TrainingConfig:
    """Return as a configuration of the IR what was told in other words."""
    told = loop.training_config
    same = {name: told[name] for name in ("optimizer", "loss_function", "gradient_clipping", "device") if name in told}
    of_model = {name: told[name] for name in ("config", "tokenizer") if told.get(name) is not None}
    return TrainingConfig.from_dict(
        {
            "id": context.runtime.stage_id,
            "model_ref": {"id": told["model"], "options": of_model or None},
            "dataset_ref": found.dataset or {"name": options.data, "split": options.split or "train"},
            "epochs": loop.num_epochs,
            "batch_size": loop.batch_size,
            "learning_rate": loop.learning_rate,
            "checkpoint_every": loop.save_every or None,
            "seed": told["seed"],
            "validation_split": found.validation_split,
            "options": {"lr_schedule": loop.lr_schedule, "warmup_steps": loop.warmup_steps},
            **same,
        }
    )
