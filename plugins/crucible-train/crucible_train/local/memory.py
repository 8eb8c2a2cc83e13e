"""What to do when the memory of a device is full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crucible_train.errors import TrainingError

if TYPE_CHECKING:
    from crucible_train.data.datum import Datum
    from crucible_train.local.training_client import TrainingSession


@contextmanager
def explained(session: TrainingSession, batch: Sequence[Datum]) -> Iterator[None]:
    """Say with numbers what fills the memory where a batch does not fit into it.

    Raises:
        TrainingError: ``out_of_memory``.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        session.optimizer.zero_grad(set_to_none=True)
        longest = max(map(len, batch))
        weights = sum(weight.numel() * weight.element_size() for weight in session.weights)
        message = (
            f"{len(batch)} examples of up to {longest} tokens do not fit into the memory of {session.place.device} "
            f"beside {weights / 1e9:.2f} GB of trained weights, as much of gradients and twice as much of the "
            f"optimizer; halve batch_size to {max(1, len(batch) // 2)} and double gradient_accumulation, set "
            "gradient_checkpointing, or lower max_length"
        )
        details = {"batch_size": len(batch), "length": longest, "weight_bytes": weights}
        raise TrainingError("out_of_memory", message, **details) from error


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether memory ran out; of the cpu's torch says so in a plain RuntimeError."""
    import torch

    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "can't allocate memory" in str(error)
