r"""Policy-gradient losses on tokens that an older policy sampled.

In all of them :math:`p` is the log-probability under the policy that is trained, :math:`q` that under the policy that
sampled, :math:`r = \exp(p - q)` their ratio and :math:`A` the advantage; a mask tells the tokens that the policy chose
(1) from those it was given (0). What is returned is a loss a token, of the shape of the arguments and 0 where the mask
is; `crucible_train.losses.aggregation` makes a scalar of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def importance_sampling(p: Tensor, q: Tensor, advantages: Tensor, mask: Tensor) -> Tensor:
    r"""Return :math:`-r A`: the policy gradient, corrected for who sampled (REINFORCE where :math:`p = q`).

    Source: Williams 1992 with the importance weight of Precup et al. 2000.
    """
    return _where(mask, -ratio(p, q, mask) * advantages)


def ppo(
    p: Tensor,
    q: Tensor,
    advantages: Tensor,
    mask: Tensor,
    *,
    low: float = 0.8,
    high: float = 1.2,
    ratios: Tensor | None = None,
) -> Tensor:
    r"""Return :math:`-\min(r A, \operatorname{clip}(r, low, high) A)`.

    Args:
        p: Log-probabilities under the policy that is trained.
        q: Log-probabilities under the one that sampled.
        advantages: Advantage of each token.
        mask: 1 where the policy chose the token.
        low: Smallest ratio that still moves the policy where the advantage is negative.
        high: Largest ratio that still moves it where the advantage is positive; above ``2 - low`` it is DAPO's
            clip-higher.
        ratios: Ratios to use instead of those of single tokens; see `sequence_ratio`.

    Source: Schulman et al. 2017, equation 7; separate bounds: Yu et al. 2025 (DAPO), equation 10.
    """
    import torch

    r = ratio(p, q, mask) if ratios is None else ratios
    return _where(mask, -torch.minimum(r * advantages, r.clamp(low, high) * advantages))


def cispo(p: Tensor, q: Tensor, advantages: Tensor, mask: Tensor, *, low: float = 0.0, high: float = 4.0) -> Tensor:
    r"""Return :math:`-\operatorname{sg}(\operatorname{clip}(r, low, high))\, p\, A`.

    No gradient flows through the ratio. Unlike `ppo` it lets every token contribute, those out of the band too.
    Source: MiniMax-M1 2025, equation 4.
    """
    return _where(mask, -ratio(p, q, mask).clamp(low, high).detach() * p * advantages)


def dro(p: Tensor, q: Tensor, advantages: Tensor, mask: Tensor, *, beta: float = 0.05) -> Tensor:
    r"""Return :math:`-(p A - \tfrac{1}{2} \beta (p - q)^2)`.

    Source: Richemond et al. 2024 (Direct Reward Optimisation), on tokens.
    """
    return _where(mask, -(p * advantages - 0.5 * beta * (p - q) ** 2))


def ratio(p: Tensor, q: Tensor, mask: Tensor) -> Tensor:
    """Return the ratio of each token, 1 where the mask is 0, so that what is not a choice can be anything, -inf too."""
    import torch

    return torch.exp(torch.where(mask.bool(), p - q, torch.zeros_like(p)))


def sequence_ratio(p: Tensor, q: Tensor, mask: Tensor) -> Tensor:
    r"""Return the geometric mean of a sequence's ratios, for each of its tokens; sequences are rows.

    Source: Zheng et al. 2025 (GSPO), equation 7. Its gradient is that of the whole sequence's likelihood.
    """
    import torch

    difference = torch.where(mask.bool(), p - q, torch.zeros_like(p))
    lengths = mask.sum(-1, keepdim=True).clamp(min=1)
    return torch.exp(difference.sum(-1, keepdim=True) / lengths).expand_as(p)


def clip_fraction(p: Tensor, q: Tensor, mask: Tensor, *, low: float = 0.8, high: float = 1.2) -> Tensor:
    """Return the share of chosen tokens whose ratio is outside the band."""
    r = ratio(p, q, mask)
    outside = ((r < low) | (r > high)) & mask.bool()
    return outside.sum() / mask.sum().clamp(min=1)


def _where(mask: Tensor, values: Tensor) -> Tensor:
    import torch

    return torch.where(mask.bool(), values, torch.zeros_like(values)) * mask
