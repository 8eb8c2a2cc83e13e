"""In which order examples are seen: drawn anew for every epoch, and known for every step without those before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from numpy.typing import NDArray

T = TypeVar("T")


@dataclass(frozen=True)
class Ordering(Generic[T]):
    """The batches of a training.

    Attributes:
        examples: What is trained on.
        batch_size: Examples of one optimizer step; the last one of an epoch may have fewer.
        epochs: How often all are seen.
        seed: What the order of each epoch is drawn from; None for their own order.
        lengths: Length of each example, to put examples of about the same length into one batch; None for any.
        drop_last: Leave out the rest of an epoch that fills no batch.
    """

    examples: Sequence[T]
    batch_size: int
    epochs: int = 1
    seed: int | None = 0
    lengths: Sequence[int] | None = None
    drop_last: bool = False

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            ValueError: There is nothing to train on, or a number is below 1.
        """
        if not self.examples:
            raise ValueError("there is no example to train on")
        for name in ("batch_size", "epochs"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is at least 1, not {getattr(self, name)}")
        if not self.steps_an_epoch:
            raise ValueError(
                f"{len(self.examples)} examples fill no batch of {self.batch_size}, and drop_last leaves it out"
            )

    @property
    def steps_an_epoch(self) -> int:
        """Optimizer steps of one epoch."""
        whole, rest = divmod(len(self.examples), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    @property
    def total_steps(self) -> int:
        """Optimizer steps of the whole training."""
        return self.steps_an_epoch * self.epochs

    def batch(self, step: int) -> list[T]:
        """Return the examples of one step, counted from 0 over all epochs."""
        epoch, within = divmod(step, self.steps_an_epoch)
        return [self.examples[index] for index in self._epoch(epoch)[within]]

    def _epoch(self, epoch: int) -> list[NDArray[Any]]:
        """Return the indices of each batch of an epoch; that of the last one asked for is remembered."""
        held = self.__dict__.get("_held")
        if held is None or held[0] != epoch:
            held = epoch, self._drawn(epoch)
            object.__setattr__(self, "_held", held)
        return held[1]

    def _drawn(self, epoch: int) -> list[NDArray[Any]]:
        import numpy as np

        order = np.arange(len(self.examples))
        rng = None if self.seed is None else np.random.default_rng([self.seed, epoch])
        if rng is not None:
            rng.shuffle(order)
        if self.lengths is not None:  # stable: equal lengths stay as drawn
            order = order[np.argsort(np.asarray(self.lengths)[order], kind="stable")]
        batches = [order[start : start + self.batch_size] for start in range(0, len(order), self.batch_size)]
        if self.drop_last and len(batches[-1]) < self.batch_size:
            batches.pop()
        if self.lengths is not None and rng is not None:
            rng.shuffle(batches)
        return batches
