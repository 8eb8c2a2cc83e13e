"""How the learning rate goes over the steps of a training, as a multiple of its base."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

DECAYS = ("linear", "cosine", "constant", "wsd")


@dataclass(frozen=True)
class Schedule:
    """A warmup, and what follows it.

    Attributes:
        decay: ``linear`` to 0; ``cosine``, half a wave to 0; ``constant``; ``wsd``: constant, then linear to 0 over
            the last ``decay_steps`` (warmup-stable-decay, Hu et al. 2024, section 4).
        total_steps: Optimizer steps of the training.
        warmup_steps: Steps over which it rises from 0; the first step of a warmup has a rate of 0.
        decay_steps: Length of the last part of ``wsd``; a tenth of the steps where it is not given.
    """

    decay: str
    total_steps: int
    warmup_steps: int = 0
    decay_steps: int | None = None

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: Unknown decay, or numbers of steps that do not fit; says which.
        """
        if self.decay not in DECAYS:
            raise ValueError(f"lr_schedule is {', '.join(DECAYS[:-1])} or {DECAYS[-1]}, not {self.decay!r}")
        if self.total_steps < 1:
            raise ValueError(f"a training has at least one step, not {self.total_steps}")
        if not 0 <= self.warmup_steps <= self.total_steps:
            raise ValueError(
                f"warmup_steps is between 0 and the {self.total_steps} steps in all, not {self.warmup_steps}"
            )
        if self.decay_steps is not None and not 1 <= self.decay_steps <= self.total_steps - self.warmup_steps:
            left = self.total_steps - self.warmup_steps
            raise ValueError(f"decay_steps is between 1 and the {left} steps after the warmup, not {self.decay_steps}")

    def multiplier(self, step: int) -> float:
        """Return what the base rate is multiplied with at a step, counted from 0; never below 0."""
        if step < self.warmup_steps:
            return step / self.warmup_steps
        return max(0.0, _DECAY[self.decay](self, step))


def _share(schedule: Schedule, step: int) -> float:
    """Return how much of what follows the warmup is over."""
    return (step - schedule.warmup_steps) / max(schedule.total_steps - schedule.warmup_steps, 1)


def _linear(schedule: Schedule, step: int) -> float:
    return 1 - _share(schedule, step)


def _cosine(schedule: Schedule, step: int) -> float:
    return 0.5 * (1 + math.cos(math.pi * min(_share(schedule, step), 1.0)))


def _constant(_schedule: Schedule, _step: int) -> float:
    return 1.0


def _warmup_stable_decay(schedule: Schedule, step: int) -> float:
    left = schedule.total_steps - schedule.warmup_steps
    length = schedule.decay_steps or max(1, min(left, round(schedule.total_steps / 10)))
    return min(1.0, (schedule.total_steps - step) / length)


_DECAY: dict[str, Callable[[Schedule, int], float]] = {
    "linear": _linear,
    "cosine": _cosine,
    "constant": _constant,
    "wsd": _warmup_stable_decay,
}


def lora_learning_rate(hidden_size: int, family: str) -> float:
    r"""Return a rate to begin with for LoRA: :math:`5 \cdot 10^{-5} \cdot 10 \cdot (2000 / h)^p`.

    Args:
        hidden_size: Width of the model.
        family: ``llama`` (p = 0.781) or ``qwen`` (p = 0.0775).

    Raises:
        ValueError: A family for which the exponent was not measured.

    Source: the rule that the Tinker cookbook publishes, fitted to sweeps.
    """
    exponents = {"llama": 0.781, "qwen": 0.0775}
    if family not in exponents:
        raise ValueError(f"the rule is known for {', '.join(exponents)}, not for {family!r}; give learning_rate")
    return float(5e-5 * 10 * (2000 / hidden_size) ** exponents[family])
