"""Attention over rows that hold several examples: each sees its own past alone, or the model is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_train.errors import TrainingError

if TYPE_CHECKING:
    from torch import Tensor

_SAME = 1e-3
"""Largest difference of logits, as a share of their spread, that is rounding."""


def packed_logits(model: Any, tokens: Tensor, segments: Tensor, positions: Tensor) -> Tensor:
    """Return the logits of packed rows, of shape (rows, length, V).

    The mask is block diagonal and causal within each block.

    Args:
        model: A causal language model of transformers.
        tokens: Of shape (rows, length).
        segments: Which example of its row each token belongs to, of the same shape.
        positions: Its place within that example, of the same shape.

    Raises:
        TrainingError: ``unsupported_training_config``: the model takes no mask of this form.
    """
    import torch

    length = tokens.shape[1]
    past = torch.ones(length, length, dtype=torch.bool, device=tokens.device).tril()
    allowed = (segments[:, None, :, None] == segments[:, None, None, :]) & past
    kind = getattr(model.config, "_attn_implementation", None)
    if kind not in ("sdpa", "eager"):
        raise _unsupported(f"attention of the kind {kind!r} takes no mask of packed rows")
    mask = allowed if kind == "sdpa" else torch.zeros(allowed.shape, device=tokens.device)
    if kind == "eager":  # it adds the mask to the scores
        mask = mask.masked_fill(~allowed, torch.finfo(torch.float32).min)
    try:
        logits: Tensor = model(input_ids=tokens, attention_mask=mask, position_ids=positions, use_cache=False).logits
    except (TypeError, ValueError, RuntimeError, IndexError) as error:
        if isinstance(error, torch.OutOfMemoryError):
            raise
        raise _unsupported(f"it refuses their mask: {str(error).splitlines()[0]}") from error
    return logits


def check_packing(model: Any, device: Any) -> None:
    """Make sure that a model computes of a packed row what it computes of its examples one by one.

    A model may ignore the mask or the positions without a word: one with a recurrence does. Two short examples tell.

    Raises:
        TrainingError: ``unsupported_training_config``: what it computes differs.
    """
    import torch

    size = model.get_input_embeddings().weight.shape[0]
    first, second = (torch.arange(start, start + 6, device=device) * 7 % size for start in (1, 11))
    parts = torch.tensor([[0] * 6 + [1] * 6], device=device)
    places = torch.arange(6, device=device).repeat(2)[None]
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            together = packed_logits(model, torch.cat([first, second])[None], parts, places)[0]
            apart = torch.cat([model(input_ids=each[None], use_cache=False).logits[0] for each in (first, second)])
    finally:
        model.train(was_training)
    spread = float(apart.max() - apart.min())
    if float((together - apart).abs().max()) > _SAME * max(spread, _SAME):
        raise _unsupported("it lets packed examples see each other")


def _unsupported(reason: str) -> TrainingError:
    message = f"this model cannot be trained on packed rows, since {reason}; set packing to false"
    return TrainingError("unsupported_training_config", message, field="packing")
