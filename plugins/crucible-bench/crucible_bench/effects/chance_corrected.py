"""The chance-corrected effect size of Cochran's Q test, with a bootstrap interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_bench.records import Estimate, Interval
from crucible_bench.resampling.rearrangement import chunk_sizes

if TYPE_CHECKING:
    import numpy as np

    from crucible_bench.samples import Array

NAME = "chance_corrected_r"
METHOD = "bootstrap over items, percentile, corrected for repeated items"
_SMALLEST = 1e-12


def chance_corrected_r(table: Array, alpha: float, resamples: int, rng: np.random.Generator) -> Estimate:
    """Estimate R = 1 - delta / mu: how much more items agree on who succeeds than chance would have them.

    Delta is the mean distance of two items (the number of models on which they differ), mu its mean if each item gave
    its successes to models at random. R is 1 for full agreement, 0 in the mean without any effect, and may be negative.

    Source: Berry, Johnston and Mielke 2007, Perceptual and Motor Skills 104, 1236-1242.

    A resample holds items more than once, and an item is no distance from itself; without correction R would come out
    too large on every resample. The share of such pairs is known, 1 / n, and taken out.

    Args:
        table: Shape (n, k) of 0 and 1, items by models.
        alpha: One minus the level of the interval.
        resamples: Number of resamples of the items.
        rng: Where they come from.
    """
    import numpy as np

    n, level = len(table), round(1.0 - alpha, 12)
    patterns, frequencies = np.unique(table, axis=0, return_counts=True)
    counts = frequencies.astype(np.float64)
    above, below = _parts(counts[None, :], patterns, repeats=1.0)
    if bool((patterns == patterns[:, :1]).all()) or below[0] <= _SMALLEST:
        reason = "every model scores alike on every item"
        return Estimate(NAME, None, Interval(None, None, level, METHOD, reason), reason)
    value = float(above[0] / below[0])
    resampled = np.concatenate(
        [_resampled(patterns, counts, size, rng) for size in chunk_sizes(resamples, len(patterns))]
    )
    low, high = np.quantile(resampled, [alpha / 2, 1.0 - alpha / 2]).tolist()
    if high - low <= _SMALLEST:
        interval = Interval(None, None, level, METHOD, f"all {n} items agree, so resampling changes nothing")
    else:
        interval = Interval(min(low, value), min(1.0, max(high, value)), level, METHOD)
    return Estimate(NAME, value, interval)


def _resampled(patterns: Array, counts: Array, resamples: int, rng: np.random.Generator) -> Array:
    """Return R on resamples, shape (resamples,), without those on which every model scores alike."""
    import numpy as np

    n = int(counts.sum())
    drawn = rng.multinomial(n, counts / n, size=resamples).astype(np.float64)
    above, below = _parts(drawn, patterns, repeats=2.0 - 1.0 / n)
    kept: Array = above[below > _SMALLEST] / below[below > _SMALLEST]
    return kept


def _parts(weights: Array, patterns: Array, *, repeats: float) -> tuple[Array, Array]:
    """Return mu - delta and mu, each up to one factor, for items that occur in patterns so and so often.

    With y an item less its mean and L its successes, mu - delta is the sum of y_i y_j over pairs of items and mu that
    of (L_i + L_j) / 2 - L_i L_j / k.

    Args:
        weights: Shape (b, p), how often each pattern occurs.
        patterns: Shape (p, k) of 0 and 1.
        repeats: How many pairs an item forms with itself, in the mean.
    """
    successes, k = patterns.sum(axis=1), patterns.shape[1]
    centred = patterns - patterns.mean(axis=1, keepdims=True)
    own = weights @ (centred**2).sum(axis=1)  # y_i y_i, and as well L_i - L_i^2 / k
    total, n = weights @ successes, weights.sum(axis=1)
    above = ((weights @ centred) ** 2).sum(axis=1) - repeats * own
    below = n * total - total**2 / k - repeats * own
    return above, below
