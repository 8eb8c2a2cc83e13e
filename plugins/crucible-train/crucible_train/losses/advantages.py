"""Advantages: how much better than expected an answer, or a token of it, was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

Scaling = Literal["group", "batch", "none"]


def group_advantages(rewards: Tensor, *, scale: Scaling = "none", eps: float = 1e-4) -> Tensor:
    r"""Return rewards minus the mean of their group, optionally divided by a standard deviation.

    Args:
        rewards: Of shape (groups, answers).
        scale: ``group`` divides by the group's standard deviation (n - 1) plus ``eps`` (Shao et al. 2024, GRPO);
            ``batch`` by that of all rewards of the batch (Hu et al. 2025, REINFORCE++); ``none`` by nothing (Liu et
            al. 2025, Dr. GRPO).
        eps: Keeps a constant group at 0 and not at 0/0.

    Returns:
        Of the same shape; the advantages of a group sum to 0, those of a group that got one reward all are 0.
    """
    centred = rewards - rewards.mean(-1, keepdim=True)
    if scale == "none":
        return centred
    if scale == "group":
        deviation = _deviation(rewards)
    elif scale == "batch":
        deviation = _deviation(rewards.reshape(1, -1))
    else:
        raise ValueError(f"scale is 'group', 'batch' or 'none', not {scale!r}")
    return centred / (deviation + eps)


def _deviation(rewards: Tensor) -> Tensor:
    import torch

    if rewards.shape[-1] == 1:
        return torch.zeros_like(rewards)
    return rewards.std(-1, correction=1, keepdim=True)


def leave_one_out_advantages(rewards: Tensor) -> Tensor:
    r"""Return each reward minus the mean of the *other* rewards of its group.

    Source: Ahmadian et al. 2024 (RLOO), equation 5; equal to :math:`n / (n - 1)` times the centred reward.

    Raises:
        ValueError: A group has one answer only, which leaves nothing to compare it with.
    """
    n = rewards.shape[-1]
    if n <= 1:
        raise ValueError("leave-one-out needs at least two answers a group")
    return (rewards - rewards.mean(-1, keepdim=True)) * (n / (n - 1))


def generalized_advantages(
    rewards: Tensor, values: Tensor, *, discount: float = 0.99, decay: float = 0.95, last_value: float = 0.0
) -> Tensor:
    r"""Return :math:`A_t = \sum_k (\gamma \lambda)^k \delta_{t+k}` with :math:`\delta_t = r_t + \gamma V_{t+1} - V_t`.

    Args:
        rewards: Reward after each step, of shape (..., T).
        values: Value of each step's state, of the same shape.
        discount: :math:`\gamma`.
        decay: :math:`\lambda`: 0 trusts the values, 1 the rewards.
        last_value: Value of the state after the last step; 0 where an episode has ended.

    Source: Schulman et al. 2016, equation 16.
    """
    import torch

    following = torch.cat([values[..., 1:], torch.full_like(values[..., :1], last_value)], -1)
    return discounted_sums(rewards + discount * following - values, discount * decay)


def discounted_sums(terms: Tensor, discount: float) -> Tensor:
    r"""Return :math:`\sum_k \gamma^k x_{t+k}` for each t, along the last axis."""
    import torch

    sums = []
    running = torch.zeros_like(terms[..., 0])
    for step in reversed(range(terms.shape[-1])):
        running = terms[..., step] + discount * running
        sums.append(running)
    return torch.stack(sums[::-1], -1)
