"""Hodges-Lehmann estimates: order statistics of all pairwise differences or averages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from crucible_bench.samples import Array

MOST_PAIRS = 4_000_000
"""Up to this many pairs are held in memory; beyond, order statistics are found by counting."""

_BISECTIONS = 200


class PairwiseOrder:
    """The sorted sums of pairs of scores, without holding them when there are many.

    Args:
        left: Shape (m,).
        right: Shape (n,).
        within: Count each unordered pair of one sample once, itself included (Walsh averages); needs left = right.
    """

    def __init__(self, left: Array, right: Array, *, within: bool = False) -> None:
        import numpy as np

        self._left, self._right, self._within = np.sort(left), np.sort(right), within
        self.size = left.size * (left.size + 1) // 2 if within else left.size * right.size
        self._held = self._all() if left.size * right.size <= MOST_PAIRS else None

    def _all(self) -> Array:
        import numpy as np

        sums = self._left[:, None] + self._right[None, :]
        chosen = sums[np.triu_indices(self._left.size)] if self._within else sums.ravel()
        return np.sort(chosen)

    def at(self, rank: int) -> float:
        """Return the sum of a rank, counted from 1."""
        if self._held is not None:
            return float(self._held[rank - 1])
        low = float(self._left[0] + self._right[0])
        high = float(self._left[-1] + self._right[-1])
        return _smallest(self._count, rank, low, high)

    @property
    def median(self) -> float:
        """Return the median of the sums."""
        return (self.at((self.size + 1) // 2) + self.at(self.size // 2 + 1)) / 2

    def _count(self, bound: float) -> int:
        """Count the sums up to a bound."""
        import numpy as np

        counted = int(np.searchsorted(self._right, bound - self._left, side="right").sum())
        if not self._within:
            return counted
        return (counted + int((2 * self._left <= bound).sum())) // 2


def _smallest(count: Callable[[float], int], rank: int, low: float, high: float) -> float:
    """Return the smallest bound up to which `rank` sums lie, to the last bits of a float."""
    if count(low) >= rank:
        return low
    for _ in range(_BISECTIONS):
        middle = low + (high - low) / 2
        if middle in (low, high):
            break
        low, high = (low, middle) if count(middle) >= rank else (middle, high)
    return high
