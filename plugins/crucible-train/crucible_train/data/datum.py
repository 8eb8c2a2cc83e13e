"""One example as a training step reads it: tokens, and what its loss needs at each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Datum:
    """Tokens that a model reads, and arrays aligned with them.

    Attributes:
        tokens: Token ids that the model reads, of shape (n,).
        loss_inputs: Name to array of shape (n,) or (n, k): what a loss needs at each position, such as ``targets`` (the
            token to predict there, not the one that is read), ``weights``, ``logprobs``, ``advantages``, ``mask``.
        row: Where the example comes from, for messages: its number in the dataset.
        parts: Lengths of the examples that are packed into this one, in order; none where it is one example.
    """

    tokens: NDArray[Any]
    loss_inputs: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    row: int | None = None
    parts: tuple[int, ...] = ()

    def __len__(self) -> int:
        """Return the number of positions."""
        return len(self.tokens)


def next_token_datum(
    tokens: Sequence[int], weights: Sequence[float], *, max_length: int | None = None, row: int | None = None
) -> Datum:
    """Return the datum by which a model learns to predict each token from those before it.

    What is read is shifted right and what is predicted left: of n tokens the model reads n - 1 and predicts n - 1.

    Args:
        tokens: Token ids of a whole example.
        weights: How much it counts to predict each of them; the first is predicted from nothing and never counts.
        max_length: Largest number of tokens; what is beyond is cut off from the right.
        row: Number of the row in its dataset, for messages.

    Raises:
        ValueError: Fewer than two tokens, or not one weight for each token.
    """
    import numpy as np

    if len(tokens) != len(weights):
        raise ValueError(f"{len(tokens)} tokens need as many weights, got {len(weights)}")
    ids = np.asarray(tokens[:max_length], dtype=np.int64)
    counts = np.asarray(weights[:max_length], dtype=np.float32)
    if len(ids) <= 1:
        raise ValueError(f"an example needs at least two tokens, got {len(ids)}: one to read and one to predict")
    return Datum(ids[:-1], {"targets": ids[1:], "weights": counts[1:]}, row)
