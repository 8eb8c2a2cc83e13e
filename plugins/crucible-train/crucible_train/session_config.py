"""What a session of a training client can be told, checked by type and range before anything is loaded."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, lt=1)]


class LoraSettings(BaseModel):
    """Adapters to train in the place of a model's own weights."""

    model_config = ConfigDict(extra="forbid", strict=True)

    r: Annotated[int, Field(ge=1)] = 8
    """Their rank."""
    alpha: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 16.0
    """What they are multiplied with is this divided by the rank."""
    dropout: Share = 0.0
    """Share of what they read that is left out at each step."""
    target_modules: Annotated[str, Field(min_length=1)] | list[str] = "all-linear"
    """The layers that get one."""


class SessionConfig(BaseModel):
    """The fields of ``training_config`` of a loop; those that are not given are the client's to choose.

    Names of optimizers, losses, devices and precisions are the client's to check.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    model: Annotated[str, Field(min_length=1)] = ""
    """A directory, a name on the hub, or what to call a model that ``config`` makes."""
    config: dict[str, Any] | None = None
    """Configuration of a model with random weights, with its ``model_type``."""
    tokenizer: str | None = None
    """A directory, a name on the hub, or ``bytes``."""
    optimizer: str = "adam"
    """Name of the optimizer."""
    loss_function: str = "cross_entropy"
    """Name of the loss."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """What random weights, dropout and the order of examples are drawn from."""
    gradient_clipping: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Largest norm of the gradient."""
    device: str = "auto"
    """Where to compute."""
    precision: str = "fp32"
    """In which precision."""
    beta1: Share = 0.9
    """Decay of the mean of gradients."""
    beta2: Share = 0.95
    """Decay of the mean of their squares."""
    eps: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1e-8
    """Added to the root of that."""
    weight_decay: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """How fast weights decay."""
    lora: LoraSettings | None = None
    """Train adapters of low rank instead of the model's own weights."""
    gradient_checkpointing: bool = False
    """Compute activations again instead of keeping them."""
