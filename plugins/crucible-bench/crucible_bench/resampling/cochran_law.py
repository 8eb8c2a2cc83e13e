"""The exact distribution of Cochran's Q, by convolving the items."""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from crucible_bench.samples import Array

MOST_STEPS: Final = 20_000_000
"""Up to this many additions, counting takes a moment."""

_MOST_CELLS: Final = 10**9
_SAME: Final = 1e-9


def cochran_steps(table: Array) -> int:
    """Return how many additions the exact distribution takes, for shape (n, k) of 0 and 1."""
    k = table.shape[1]
    sums = [each for each in table.sum(axis=1).astype(int).tolist() if 0 < each < k]
    cells: int = (len(sums) + 1) ** (k - 1)
    return min(cells, _MOST_CELLS) * sum(comb(k, each) for each in sums)


def upper_tail(table: Array) -> float:
    """Return the probability of a Q at least as large, if each item gives its successes to models at random.

    Each item's number of successes is fixed, and so is the denominator of Q: only the sum of the squared column sums
    varies. The distribution of the column sums (the last follows from the others) is built up item by item.

    Source: Cochran 1950, Biometrika 37, 256-266, section 2; Patil 1975, JASA 70, 186-189.

    Args:
        table: Shape (n, k) of 0 and 1.
    """
    import numpy as np

    k = table.shape[1]
    rows = table[(table.sum(axis=1) > 0) & (table.sum(axis=1) < k)]
    law = np.zeros((len(rows) + 1,) * (k - 1))
    law[(0,) * (k - 1)] = 1.0
    for successes in rows.sum(axis=1).astype(int).tolist():
        law = _with_item(law, successes, k)
    sums = np.indices(law.shape)
    last = rows.sum() - sums.sum(axis=0)
    squares = (sums**2).sum(axis=0) + last**2
    observed = float((rows.sum(axis=0) ** 2).sum())
    return min(1.0, float(law[squares >= observed - _SAME].sum()))


def _with_item(law: Array, successes: int, k: int) -> Array:
    """Add an item that gives its successes to any models, all choices being equally likely."""
    import numpy as np

    added = np.zeros_like(law)
    share = 1.0 / comb(k, successes)
    for chosen in combinations(range(k), successes):
        moved = [each in chosen for each in range(k - 1)]
        to = tuple(slice(1, None) if each else slice(None) for each in moved)
        start = tuple(slice(None, -1) if each else slice(None) for each in moved)
        added[to] += share * law[start]
    return added
