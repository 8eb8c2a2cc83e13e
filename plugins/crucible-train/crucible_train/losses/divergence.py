r"""Divergences between the next-token distributions of a student and a teacher.

All take scores (logits) of shape (..., V), divide both by a temperature, and return one value a position, of shape
(...), in nats. Gradients flow into the student only, as long as the teacher's scores do not ask for one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def forward_kl(student: Tensor, teacher: Tensor, *, temperature: float = 1.0) -> Tensor:
    r"""Return :math:`\mathrm{KL}(t \| s)`: the student covers all that the teacher does (Hinton et al. 2015)."""
    s, t = _log_distributions(student, teacher, temperature)
    return _kl(t, s)


def reverse_kl(student: Tensor, teacher: Tensor, *, temperature: float = 1.0) -> Tensor:
    r"""Return :math:`\mathrm{KL}(s \| t)`: the student keeps to what the teacher finds likely.

    Source: Gu et al. 2024 (MiniLLM), equation 1.
    """
    s, t = _log_distributions(student, teacher, temperature)
    return _kl(s, t)


def generalized_jensen_shannon(
    student: Tensor, teacher: Tensor, *, beta: float = 0.5, temperature: float = 1.0
) -> Tensor:
    r"""Return :math:`\beta\,\mathrm{KL}(t \| m) + (1 - \beta)\,\mathrm{KL}(s \| m)`.

    Its mixture is :math:`m = \beta t + (1 - \beta) s`. At ``beta`` 0 it is the forward and at 1 the reverse
    Kullback-Leibler divergence, its limits after scaling; at 0.5 it is symmetric. Source: Agarwal et al. 2024 (GKD),
    equation 1, and its section 2 for the limits.

    Raises:
        ValueError: ``beta`` is not in [0, 1].
    """
    import torch

    if not 0 <= beta <= 1:
        raise ValueError(f"beta is between 0 and 1, not {beta}")
    s, t = _log_distributions(student, teacher, temperature)
    if beta == 0:
        return _kl(t, s)
    if beta == 1:
        return _kl(s, t)
    mixture = torch.logaddexp(t + math.log(beta), s + math.log1p(-beta))
    return beta * _kl(t, mixture) + (1 - beta) * _kl(s, mixture)


def top_k_targets(teacher: Tensor, k: int, *, temperature: float = 1.0) -> tuple[Tensor, Tensor]:
    """Return the teacher's k likeliest tokens at each position and their probabilities among each other.

    Returns:
        Indices and probabilities, each of shape (..., k); probabilities of a position sum to 1. Weights for
        `crucible_train.losses.token.cross_entropy`.
    """
    import torch

    if k < 1:
        raise ValueError(f"k is a number of tokens, at least 1, not {k}")
    scores, indices = torch.topk(
        teacher.double() if teacher.dtype == torch.float64 else teacher.float(), min(k, teacher.shape[-1])
    )
    return indices, torch.softmax(scores / temperature, -1)


def entropy(logits: Tensor) -> Tensor:
    """Return the entropy of each position's distribution, of shape (...), in nats."""
    import torch

    logprobs = torch.log_softmax(logits if logits.dtype == torch.float64 else logits.float(), -1)
    return -_times(logprobs.exp(), logprobs).sum(-1)


def _log_distributions(student: Tensor, teacher: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    import torch

    if temperature <= 0:
        raise ValueError(f"a temperature is above 0, not {temperature}")
    kind = torch.float64 if torch.float64 in (student.dtype, teacher.dtype) else torch.float32
    return (
        torch.log_softmax(student.to(kind) / temperature, -1),
        torch.log_softmax(teacher.to(kind) / temperature, -1),
    )


def _kl(a: Tensor, b: Tensor) -> Tensor:
    return _times(a.exp(), a - b).sum(-1)


def _times(probabilities: Tensor, values: Tensor) -> Tensor:
    """Multiply so that 0 times anything is 0: a token that cannot come adds nothing, whatever its score."""
    import torch

    return torch.where(probabilities > 0, probabilities * values, torch.zeros_like(values))
