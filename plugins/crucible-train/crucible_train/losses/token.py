"""Log-probabilities of tokens, and the cross-entropy of weighted targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def token_logprobs(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the natural log-probability of each target under its logits.

    It is computed in at least float32, whatever the precision of the logits: with a vocabulary of 100,000 the sum
    behind a log-softmax loses all that matters in 16 bits.

    Args:
        logits: Unnormalised scores, of shape (..., V).
        targets: Indices into V, of shape (...) for one target a position, or (..., K) for several.

    Returns:
        Of the shape of ``targets``.
    """
    import torch
    from torch.nn import functional

    scores = logits if logits.dtype == torch.float64 else logits.float()
    if targets.dim() == logits.dim():
        return torch.gather(scores, -1, targets) - torch.logsumexp(scores, -1, keepdim=True)
    flat = functional.cross_entropy(scores.reshape(-1, scores.shape[-1]), targets.reshape(-1), reduction="none")
    return -flat.reshape(targets.shape)


def cross_entropy(logprobs: Tensor, weights: Tensor) -> Tensor:
    r"""Return :math:`-\sum_i w_i \log p_i`, summed over every target.

    With weights of 0 and 1 it is the negative log-likelihood of the tokens that count; with the probabilities of a
    teacher as weights of several targets a position, the cross-entropy of soft targets (Hinton et al. 2015, section
    2). Divide by the sum of the weights of a whole optimizer step, not of a part of it, for the mean over its tokens.

    Args:
        logprobs: Log-probabilities of the targets, of any shape.
        weights: Of the same shape.
    """
    return -(logprobs * weights).sum()


def bits_per_byte(total_nll: float, n_bytes: int) -> float:
    """Return a total negative log-likelihood in nats as bits for each byte of the text.

    Comparable between tokenizers, unlike the loss per token (Gao et al. 2020, The Pile, section 3.1).
    """
    import math

    if n_bytes <= 0:
        raise ValueError(f"bits per byte need a text of at least one byte, got {n_bytes}")
    return total_nll / (math.log(2) * n_bytes)
