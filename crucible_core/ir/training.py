"""Training: its configuration and what is known of one run of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from crucible_core.ir.frozen import FrozenDict
from crucible_core.ir.model import IRModel
from crucible_core.ir.references import DatasetRef, ModelRef
from crucible_core.ir.scalars import Count, Flag, Name, Positive, PositiveInt, Share, Text, Timestamp


class TrainingConfig(IRModel):
    """How a model is trained."""

    id: Name
    """Id of the configuration."""
    model_ref: ModelRef
    """The model to train."""
    dataset_ref: DatasetRef
    """The dataset to train on."""
    epochs: PositiveInt = 1
    """Passes over the dataset."""
    batch_size: PositiveInt = 32
    """Examples per batch."""
    learning_rate: Positive = 0.001
    """Initial learning rate."""
    optimizer: Name = "adam"
    """Such as 'adam', 'sgd', 'adamw' or 'rmsprop'; the trainer checks it."""
    loss_function: Name = "cross_entropy"
    """Such as 'cross_entropy', 'mse', 'mae' or 'bce'; the trainer checks it."""
    metrics: tuple[Name, ...] = ("loss", "accuracy")
    """Metrics to record; the trainer checks them."""
    validation_split: Share | None = None
    """Share of the dataset held out for validation."""
    device: Name = "cpu"
    """Such as 'cpu', 'cuda', 'mps' or 'tpu'; the trainer checks it."""
    seed: Count | None = None
    """Seed of the training."""
    mixed_precision: Flag = False
    """Whether to compute in lower precision where that is safe."""
    gradient_clipping: Positive | None = None
    """Largest norm of the gradient."""
    early_stopping: FrozenDict[str, Any] | None = None
    """When to stop early; the trainer checks it."""
    checkpoint_every: PositiveInt | None = None
    """Write a checkpoint every so many epochs or steps, as the trainer counts."""
    options: FrozenDict[str, Any] | None = None
    """Options that the trainer checks."""


class TrainingStatus(StrEnum):
    """Where a training run stands."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TrainingRun(IRModel):
    """One training: where it stands and what came out."""

    id: Name
    """Id of the run."""
    config: TrainingConfig
    """How the model is trained."""
    status: TrainingStatus = TrainingStatus.PENDING
    """Where it stands."""
    current_epoch: Count | None = None
    """Epochs begun so far."""
    metrics_history: tuple[FrozenDict[str, Any], ...] | None = None
    """Metrics of each epoch or evaluation, in order."""
    best_metrics: FrozenDict[str, Any] | None = None
    """The best of them."""
    checkpoint_uris: tuple[Text, ...] | None = None
    """Where its checkpoints are, in order."""
    final_model_version: Text | None = None
    """Id of the model version that came out."""
    started_at: Timestamp | None = None
    """When it started."""
    completed_at: Timestamp | None = None
    """When it ended."""
    error_message: Text | None = None
    """Why it failed."""
    options: FrozenDict[str, Any] | None = None
    """Free options."""
