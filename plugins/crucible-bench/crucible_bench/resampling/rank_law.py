"""Exact distributions of rank sums, ties included, by counting."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crucible_bench.samples import Array


def rank_sum_law(ranks: Array, chosen: int) -> Array:
    """Return the probabilities of every doubled rank sum when `chosen` of the ranks are drawn at random.

    Mid-ranks are multiples of one half, so doubled ranks are integers and the law is a polynomial product: each rank
    is either drawn or not (the shift algorithm of Streitberg and Roehmel 1986, which is exact under ties).

    Args:
        ranks: Shape (n,), mid-ranks.
        chosen: How many are drawn.

    Returns:
        Shape (s + 1,), probability of each doubled sum 0, ..., s.
    """
    import numpy as np

    doubled = np.rint(2 * ranks).astype(np.intp)
    top = int(np.sort(doubled)[-chosen:].sum())
    counts = np.zeros((chosen + 1, top + 1))
    counts[0, 0] = 1.0
    for rank in doubled.tolist():
        if rank <= top:
            counts[1:, rank:] += counts[:-1, : top + 1 - rank]
    law: Array = counts[chosen] / counts[chosen].sum()
    return law


def signed_rank_law(ranks: Array) -> Array:
    """Return the probabilities of every doubled sum of positive ranks when signs are fair coins.

    Args:
        ranks: Shape (n,), mid-ranks of the absolute differences.

    Returns:
        Shape (s + 1,), probability of each doubled sum 0, ..., s.
    """
    import numpy as np

    doubled = np.rint(2 * ranks).astype(np.intp)
    law = np.zeros(int(doubled.sum()) + 1)
    law[0] = 1.0
    for rank in doubled.tolist():
        moved = np.zeros_like(law)
        moved[rank:] = law[: law.size - rank]
        law = 0.5 * (law + moved)
    return law


def tails(law: Array, doubled_sum: float) -> tuple[float, float]:
    """Return P(sum <= observed) and P(sum >= observed)."""
    at = round(doubled_sum)
    return min(1.0, float(law[: at + 1].sum())), min(1.0, float(law[at:].sum()))


def lowest_limit(law: Array, tail: float, offset: float) -> int:
    """Return the largest C with P(statistic <= C - 1) <= tail; 0 if there is none.

    Args:
        law: Probabilities of the doubled rank sums, of untied ranks.
        tail: Probability below the limit.
        offset: Smallest rank sum, at which the statistic is 0.
    """
    import numpy as np

    by_statistic = np.cumsum(law[round(2 * offset) :: 2])
    return int(np.searchsorted(by_statistic, tail * (1 + 1e-12), side="right"))
