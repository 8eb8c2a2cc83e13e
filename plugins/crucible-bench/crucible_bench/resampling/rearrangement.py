"""Rearrange scores between two groups, or flip the signs of paired differences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from crucible_bench.resampling.permutation_law import PermutationLaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from crucible_bench.samples import Array

MOST_ENUMERATED = 2**16
"""Up to this many rearrangements all of them are visited."""

MOST_FLIPPED = 16
"""Up to this many pairs all 2^n sign patterns are visited."""

CHUNK = 2_000_000
"""Scores held at a time while resampling (16 MB as floats)."""


def exchange_groups(first: Array, second: Array, resamples: int, rng: np.random.Generator) -> PermutationLaw:
    """Deal the pooled scores to the two groups anew, in all ways or in `resamples` random ones."""
    import numpy as np

    n1, n2 = first.size, second.size
    pool = np.concatenate([first, second])
    exact = math.comb(n1 + n2, n1) <= MOST_ENUMERATED
    chunks = _all_choices(n1 + n2, n1) if exact else _random_choices(n1 + n2, n1, resamples, rng)
    total = float(pool.sum())
    means, shares = [], []
    for chosen in chunks:
        own = (chosen < n1).sum(axis=1)
        kept = pool[chosen].sum(axis=1)
        means.append(kept / n1 - (total - kept) / n2)
        shares.append(own / n1 - (n1 - own) / n2)
    scale = float(np.abs(pool).max())
    observed = float(first.mean() - second.mean())
    return PermutationLaw(observed, np.concatenate(means), np.concatenate(shares), exact, scale)


def _all_choices(size: int, chosen: int) -> Iterator[np.ndarray[tuple[int, int], np.dtype[np.intp]]]:
    from itertools import combinations

    import numpy as np

    yield np.array(list(combinations(range(size), chosen)), dtype=np.intp)


def _random_choices(
    size: int, chosen: int, resamples: int, rng: np.random.Generator
) -> Iterator[np.ndarray[tuple[int, int], np.dtype[np.intp]]]:
    import numpy as np

    for count in chunk_sizes(resamples, size):
        order = np.tile(np.arange(size, dtype=np.intp), (count, 1))
        yield rng.permuted(order, axis=1)[:, :chosen]


def flip_signs(differences: Array, resamples: int, rng: np.random.Generator) -> PermutationLaw:
    """Flip the sign of each difference or not, in all ways or in `resamples` random ones."""
    import numpy as np

    n = differences.size
    exact = n <= MOST_FLIPPED
    chunks = _all_signs(n) if exact else _random_signs(n, resamples, rng)
    means, shares = [], []
    for signs in chunks:
        means.append(signs @ differences / n)
        shares.append(signs.mean(axis=1))
    scale = float(np.abs(differences).max())
    return PermutationLaw(float(differences.mean()), np.concatenate(means), np.concatenate(shares), exact, scale)


def _all_signs(n: int) -> Iterator[Array]:
    import numpy as np

    bits = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    yield np.where(bits, -1.0, 1.0)


def _random_signs(n: int, resamples: int, rng: np.random.Generator) -> Iterator[Array]:
    import numpy as np

    for count in chunk_sizes(resamples, n):
        yield np.where(rng.integers(0, 2, size=(count, n), dtype=np.int8), -1.0, 1.0)


def chunk_sizes(resamples: int, width: int) -> Iterator[int]:
    """Split resamples of `width` scores into chunks that hold at most about `CHUNK` scores."""
    step = max(1, CHUNK // width)
    for start in range(0, resamples, step):
        yield min(step, resamples - start)
