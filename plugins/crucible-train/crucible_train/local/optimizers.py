"""The optimizers by their names in a configuration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_train.errors import TrainingError

if TYPE_CHECKING:
    from torch.nn import Module
    from torch.optim import Optimizer

OPTIMIZERS = ("adam", "adamw", "rmsprop", "sgd")


@dataclass(frozen=True)
class OptimizerConfig:
    """How gradients become steps.

    Attributes:
        name: One of `OPTIMIZERS`.
        beta1: Decay of the mean of gradients; the momentum of ``sgd`` and ``rmsprop``.
        beta2: Decay of the mean of their squares.
        eps: Added to the root of that.
        weight_decay: Decoupled from the gradient (``adamw``), or added to it.
    """

    name: str = "adam"
    beta1: float = 0.9
    beta2: float = 0.95
    eps: float = 1e-8
    weight_decay: float = 0.0


def make_optimizer(config: OptimizerConfig, model: Module) -> Optimizer:
    """Return an optimizer of a model's trainable weights; weight decay leaves vectors (biases, norms) alone.

    Raises:
        TrainingError: ``unsupported_training_config``: there is none of that name, or nothing to train.
    """
    import torch

    weights = [weight for weight in model.parameters() if weight.requires_grad]
    if not weights:
        raise TrainingError("unsupported_training_config", "the model has no weight to train: all are frozen")
    groups = _groups(weights, config.weight_decay)
    if config.name in ("adam", "adamw"):
        kind: Any = torch.optim.AdamW if config.name == "adamw" else torch.optim.Adam
        fused = all(weight.is_floating_point() and weight.device.type in ("cpu", "cuda") for weight in weights)
        made: Optimizer = kind(groups, lr=0.0, betas=(config.beta1, config.beta2), eps=config.eps, fused=fused)
        return made
    if config.name == "sgd":
        return torch.optim.SGD(groups, lr=0.0, momentum=config.beta1)
    if config.name == "rmsprop":
        return torch.optim.RMSprop(groups, lr=0.0, alpha=config.beta2, eps=config.eps, momentum=config.beta1)
    raise TrainingError(
        "unsupported_training_config",
        f"there is no optimizer {config.name!r}; there are {', '.join(OPTIMIZERS)}",
        field="optimizer",
    )


def _groups(weights: Iterable[Any], decay: float) -> list[dict[str, Any]]:
    weights = list(weights)
    if not decay:
        return [{"params": weights, "weight_decay": 0.0}]
    matrices = [weight for weight in weights if weight.dim() > 1]
    vectors = [weight for weight in weights if weight.dim() <= 1]
    parts = [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]
    return [part for part in parts if part["params"]]
