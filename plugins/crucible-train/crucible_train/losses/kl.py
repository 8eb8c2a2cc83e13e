r"""How far one policy is from another, estimated from the tokens that it sampled, and as a penalty on advantages.

:math:`q` is the log-probability of a token under the policy that sampled it, :math:`p` under the other one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

Estimator = Literal["k1", "k2", "k3"]


def kl_estimate(q: Tensor, p: Tensor, mask: Tensor, *, estimator: Estimator = "k3") -> Tensor:
    r"""Return the mean over chosen tokens of an estimate of :math:`\mathrm{KL}(q \| p)` from samples of q.

    With :math:`d = p - q`: ``k1`` :math:`-d` (unbiased, of either sign); ``k2`` :math:`d^2 / 2` (biased, never
    negative); ``k3`` :math:`e^d - 1 - d` (unbiased, never negative). Source: Schulman 2020, Approximating KL
    Divergence.
    """
    return (kl_terms(q, p, mask, estimator=estimator)).sum() / mask.sum().clamp(min=1)


def kl_terms(q: Tensor, p: Tensor, mask: Tensor, *, estimator: Estimator = "k3") -> Tensor:
    """Return the estimate of each token, 0 where the mask is; see `kl_estimate`."""
    import torch

    difference = torch.where(mask.bool(), p - q, torch.zeros_like(p))
    if estimator == "k1":
        return -difference
    if estimator == "k2":
        return 0.5 * difference**2
    if estimator == "k3":
        return torch.expm1(difference) - difference
    raise ValueError(f"an estimator is 'k1', 'k2' or 'k3', not {estimator!r}")


def sampled_entropy(q: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of ``-q`` over chosen tokens: an unbiased estimate of the policy's entropy a token, in nats."""
    import torch

    return -torch.where(mask.bool(), q, torch.zeros_like(q)).sum() / mask.sum().clamp(min=1)


def kl_penalty_advantages(
    q: Tensor, reference: Tensor, mask: Tensor, *, coefficient: float, discount: float = 0.0, centred: bool = True
) -> Tensor:
    r"""Return what a KL penalty adds to the advantage of each token.

    Args:
        q: Log-probabilities under the policy that sampled.
        reference: Log-probabilities under the policy it should stay close to, or a teacher.
        mask: 1 where the policy chose the token.
        coefficient: Strength of the penalty.
        discount: Lets a token pay for what follows it too: :math:`\sum_k \gamma^k x_{t+k}` along the last axis; 0:
            only for itself.
        centred: Subtract the mean over all chosen tokens, so that the penalty moves no reward as a whole: for
            reinforcement; not for distillation, where it is the reward.
    """
    import torch

    from crucible_train.losses.advantages import discounted_sums

    difference = torch.where(mask.bool(), q - reference, torch.zeros_like(q)) * mask
    mean = difference.sum() / mask.sum().clamp(min=1) if centred else 0.0
    added = coefficient * mask * (mean - difference)
    return discounted_sums(added, discount) * mask if discount else added
