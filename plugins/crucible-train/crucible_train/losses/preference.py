r"""Losses on pairs of answers of which one was preferred, and on answers that were liked or not.

The log-probability of an answer is the sum over its tokens. :math:`h` is how much more the policy favours the chosen
answer than the reference does, :math:`(\pi_c - \rho_c) - (\pi_r - \rho_r)`. Every function returns one loss a pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Pairs:
    """Log-probabilities of the two answers of each pair, all of shape (pairs,).

    Attributes:
        chosen: Of the preferred answer, under the policy that is trained.
        rejected: Of the other answer, under that policy.
        reference_chosen: Of the preferred answer, under the reference.
        reference_rejected: Of the other answer, under the reference.
    """

    chosen: Tensor
    rejected: Tensor
    reference_chosen: Tensor
    reference_rejected: Tensor

    @property
    def margins(self) -> Tensor:
        """How much more the policy favours the chosen answer than the reference does."""
        return (self.chosen - self.reference_chosen) - (self.rejected - self.reference_rejected)


def dpo(pairs: Pairs, *, beta: float = 0.1, label_smoothing: float = 0.0) -> Tensor:
    r"""Return :math:`-(1 - \epsilon) \log\sigma(\beta h) - \epsilon \log\sigma(-\beta h)`.

    Args:
        pairs: Log-probabilities.
        beta: How closely the policy keeps to the reference.
        label_smoothing: Share of the labels thought to be wrong (conservative DPO).

    Source: Rafailov et al. 2023, equation 7; smoothing: Mitchell 2023.
    """
    from torch.nn.functional import logsigmoid

    _check_share(label_smoothing)
    scaled = beta * pairs.margins
    return -(1 - label_smoothing) * logsigmoid(scaled) - label_smoothing * logsigmoid(-scaled)


def robust_dpo(pairs: Pairs, *, beta: float = 0.1, label_smoothing: float = 0.1) -> Tensor:
    r"""Return the unbiased estimate of DPO's loss where a share of the labels is swapped.

    :math:`\frac{(1 - \epsilon) \ell(h) - \epsilon\, \ell(-h)}{1 - 2 \epsilon}` with :math:`\ell(h) = -\log\sigma(\beta
    h)`.
    Source: Chowdhury et al. 2024 (rDPO), equation 12.
    """
    from torch.nn.functional import logsigmoid

    _check_share(label_smoothing)
    scaled = beta * pairs.margins
    return (-(1 - label_smoothing) * logsigmoid(scaled) + label_smoothing * logsigmoid(-scaled)) / (
        1 - 2 * label_smoothing
    )


def ipo(pairs: Pairs, *, beta: float = 0.1) -> Tensor:
    r"""Return :math:`(h - \frac{1}{2 \beta})^2`: a margin to reach and not to exceed.

    Give means over tokens for the form that does not depend on the answers' lengths. Source: Azar et al. 2023,
    equation 17.
    """
    return (pairs.margins - 1 / (2 * beta)) ** 2


def hinge(pairs: Pairs, *, beta: float = 0.1) -> Tensor:
    r"""Return :math:`\max(0, 1 - \beta h)`.

    Source: Zhao et al. 2023 (SLiC), on DPO's margin as in Liu et al. 2024 (RSO).
    """
    import torch

    return torch.relu(1 - beta * pairs.margins)


def kto(
    logratios: Tensor,
    desirable: Tensor,
    baseline: Tensor | float,
    *,
    beta: float = 0.1,
    desirable_weight: float = 1.0,
    undesirable_weight: float = 1.0,
) -> Tensor:
    r"""Return the loss of answers that were liked or not, without pairs.

    :math:`\lambda_D (1 - \sigma(\beta (x - z)))` of a liked and :math:`\lambda_U (1 - \sigma(\beta (z - x)))` of a
    disliked answer.

    Args:
        logratios: Policy minus reference log-probability :math:`x` of each answer, of shape (n,).
        desirable: Whether each was liked, boolean, of shape (n,).
        baseline: :math:`z`, an estimate of KL(policy, reference), at least 0; no gradient flows through it.
        beta: How closely the policy keeps to the reference.
        desirable_weight: :math:`\lambda_D`.
        undesirable_weight: :math:`\lambda_U`.

    Source: Ethayarajh et al. 2024, equations 7 and 8.
    """
    import torch

    z = torch.as_tensor(baseline, dtype=logratios.dtype, device=logratios.device).detach().clamp(min=0)
    liked = desirable_weight * (1 - torch.sigmoid(beta * (logratios - z)))
    disliked = undesirable_weight * (1 - torch.sigmoid(beta * (z - logratios)))
    return torch.where(desirable.bool(), liked, disliked)


def orpo(mean_chosen: Tensor, mean_rejected: Tensor, *, weight: float = 0.1) -> Tensor:
    r"""Return :math:`-\bar{\pi}_c - \lambda \log\sigma(\log \mathrm{odds}_c - \log \mathrm{odds}_r)`.

    It needs no reference.

    Args:
        mean_chosen: Mean log-probability a token of the preferred answer, of shape (pairs,), below 0.
        mean_rejected: The same of the other answer.
        weight: :math:`\lambda`.

    Source: Hong et al. 2024, equations 4 to 7.
    """
    from torch.nn.functional import logsigmoid

    log_odds = _log_odds(mean_chosen) - _log_odds(mean_rejected)
    return -mean_chosen - weight * logsigmoid(log_odds)


def _log_odds(logprob: Tensor) -> Tensor:
    """Return log(p / (1 - p)), finite for a probability of 1 to the last bit."""
    import torch

    tiny = torch.finfo(logprob.dtype).tiny
    return logprob - torch.log((-torch.expm1(logprob)).clamp(min=tiny))


def simpo(mean_chosen: Tensor, mean_rejected: Tensor, *, beta: float = 2.0, margin: float = 1.0) -> Tensor:
    r"""Return :math:`-\log\sigma(\beta (\bar{\pi}_c - \bar{\pi}_r) - \gamma)` on means over tokens.

    It needs no reference. Source: Meng et al. 2024, equation 6.
    """
    from torch.nn.functional import logsigmoid

    return -logsigmoid(beta * (mean_chosen - mean_rejected) - margin)


def bradley_terry(chosen: Tensor, rejected: Tensor, *, margin: Tensor | float = 0.0) -> Tensor:
    r"""Return :math:`-\log\sigma(r_c - r_r - m)` of a reward model's scores, of shape (pairs,).

    Source: Bradley and Terry 1952, as in Ouyang et al. 2022, equation 1; margin: Touvron et al. 2023 (Llama 2),
    equation 2.
    """
    from torch.nn.functional import logsigmoid

    return -logsigmoid(chosen - rejected - margin)


def _check_share(label_smoothing: float) -> None:
    if not 0 <= 2 * label_smoothing < 1:
        raise ValueError(
            f"label_smoothing is the share of swapped labels, at least 0 and below 0.5, not {label_smoothing}"
        )
