"""What a supervised training is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crucible_train.errors import TrainingError


@dataclass(frozen=True)
class EarlyStopping:
    """When to stop because the loss on held-out examples does not fall any more.

    Attributes:
        patience: Evaluations in a row without a better loss after which it stops.
        min_delta: By how much a loss has to be below the best to count as better, in nats a token.
    """

    patience: int = 3
    min_delta: float = 0.0


@dataclass(frozen=True)
class SupervisedConfig:
    """How a language model is trained on examples.

    Attributes:
        num_epochs: Passes over the examples.
        batch_size: Examples, or packed rows, of one forward pass.
        gradient_accumulation: Forward passes of one optimizer step.
        learning_rate: Base of the schedule.
        lr_schedule: ``linear``, ``cosine``, ``constant`` or ``wsd``; see `Schedule`.
        warmup_steps: Optimizer steps of the warmup.
        decay_steps: Optimizer steps of the decay of ``wsd``.
        max_steps: Optimizer steps after which to stop, whatever the epochs; the schedule ends there.
        shuffle: Draw the order of each epoch from the seed; else the examples come in their own order.
        length_bucketing: Put examples of about the same length into one batch.
        packing: Put several examples into one row of ``max_length`` tokens.
        max_length: Tokens of a packed row.
        eval_every: Optimizer steps between evaluations on held-out examples; 0 for one after each epoch.
        save_every: Optimizer steps between checkpoints that are kept; 0 for none.
        rolling_every: Optimizer steps between checkpoints of which only the last is kept; 0 for none.
        early_stopping: When to stop early.
        restore_best: End with the weights of the best evaluation, not the last ones.
        skip_not_finite: Optimizer steps that may be left out because their loss or gradient is not finite.
        training_config: What the session is started with: ``model``, ``optimizer``, ``seed`` and the like.
    """

    num_epochs: int = 1
    batch_size: int = 8
    gradient_accumulation: int = 1
    learning_rate: float = 1e-4
    lr_schedule: str = "linear"
    warmup_steps: int = 0
    decay_steps: int | None = None
    max_steps: int | None = None
    shuffle: bool = True
    length_bucketing: bool = False
    packing: bool = False
    max_length: int | None = None
    eval_every: int = 0
    save_every: int = 0
    rolling_every: int = 0
    early_stopping: EarlyStopping | None = None
    restore_best: bool = False
    skip_not_finite: int = 0
    training_config: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            TrainingError: ``unsupported_training_config``, naming the field.
        """
        least = {"num_epochs": 1, "batch_size": 1, "gradient_accumulation": 1, "warmup_steps": 0, "eval_every": 0}
        least |= {"save_every": 0, "rolling_every": 0, "skip_not_finite": 0, "max_steps": 1, "max_length": 2}
        for name, smallest in least.items():
            value = getattr(self, name)
            if value is not None and value < smallest:
                raise unsupported(name, f"{name} is at least {smallest}, not {value}")
        if not 0 < self.learning_rate < float("inf"):
            raise unsupported("learning_rate", f"learning_rate is a finite number above 0, not {self.learning_rate}")
        if self.packing and self.length_bucketing:
            raise unsupported("packing", "packed rows are all of one length; set length_bucketing to false")

    @property
    def seed(self) -> int:
        """What order and random weights are drawn from."""
        return int(self.training_config.get("seed") or 0)

    @property
    def loss(self) -> str:
        """Name of the loss, as the client knows it."""
        return str(self.training_config.get("loss_function") or "cross_entropy")


def unsupported(field_name: str, message: str) -> TrainingError:
    """Return the error that says which field of a configuration cannot be followed, and why."""
    return TrainingError("unsupported_training_config", message, field=field_name)
