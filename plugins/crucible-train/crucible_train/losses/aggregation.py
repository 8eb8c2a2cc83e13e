"""From a loss a token to the loss of a batch: what counts alike, tokens or sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def token_sum(losses: Tensor, mask: Tensor) -> Tensor:
    """Return the plain sum over chosen tokens."""
    return (losses * mask).sum()


def token_mean(losses: Tensor, mask: Tensor) -> Tensor:
    """Return the mean over the chosen tokens of the batch, so that long answers count for more.

    Source: Yu et al. 2025 (DAPO), equation 8.
    """
    return (losses * mask).sum() / mask.sum().clamp(min=1)


def sequence_mean(losses: Tensor, mask: Tensor) -> Tensor:
    """Return the mean over sequences (rows) of the mean over their tokens; rows without a chosen token count as 0.

    Source: Shao et al. 2024 (GRPO), equation 3. A token of a long answer counts for less than one of a short answer.
    """
    per_sequence = (losses * mask).sum(-1) / mask.sum(-1).clamp(min=1)
    return per_sequence.mean()


def constant_length_mean(losses: Tensor, mask: Tensor, max_length: int) -> Tensor:
    """Return the sum over chosen tokens divided by the number of sequences and one length for all.

    Source: Liu et al. 2025 (Dr. GRPO), section 3.2: no bias for short right and long wrong answers.
    """
    if max_length < 1:
        raise ValueError(f"max_length is a number of tokens, at least 1, not {max_length}")
    return (losses * mask).sum() / (losses.shape[0] * max_length)
