"""The exact distribution of Friedman's statistic for few data sets and models, by convolving the data sets."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crucible_bench.samples import Array

MOST_DATASETS: Final = 7
MOST_MODELS: Final = 3
"""Up to these, F finds too much: with three models on three data sets, in one of five comparisons of equals."""


def counts_exactly(ranks: Array) -> bool:
    """Tell whether the exact distribution is to be used, for mid-ranks of shape (data sets, models)."""
    n, k = ranks.shape
    return bool(n <= MOST_DATASETS and k <= MOST_MODELS)


def upper_tail(ranks: Array) -> float:
    """Return the probability of a statistic at least as large, if each data set ranks the models at random.

    Each data set keeps its ranks, ties included, so only the sum of the squared rank sums varies.

    Args:
        ranks: Mid-ranks, shape (n, k).
    """
    rows = (2 * ranks).astype(int).tolist()  # whole numbers, which compare exactly
    law: Counter[tuple[int, ...]] = Counter({(0,) * len(rows[0]): 1})
    for row in rows:
        law = _with_row(law, row)
    observed = _squares(sum(column) for column in zip(*rows, strict=True))
    return sum(count for sums, count in law.items() if _squares(sums) >= observed) / law.total()


def _with_row(law: Counter[tuple[int, ...]], row: list[int]) -> Counter[tuple[int, ...]]:
    """Add a data set that ranks in any order; sums that differ in their order alone are counted as one."""
    added: Counter[tuple[int, ...]] = Counter()
    for order in permutations(row):
        for sums, count in law.items():
            added[tuple(sorted(one + other for one, other in zip(sums, order, strict=True)))] += count
    return added


def _squares(sums: Iterable[int]) -> int:
    return sum(each * each for each in sums)
