"""Describe one group of scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_bench.effects.proportions import wilson_limits
from crucible_bench.question import DEFAULT_NAMES, Alternative, Question, checked_alpha
from crucible_bench.records import Description, Interval
from crucible_bench.samples import as_sample, is_constant

if TYPE_CHECKING:
    from crucible_bench.samples import Array
    from crucible_bench.scores_in_rows import Scores

METHOD = "Student t interval of the mean"
BINARY_METHOD = "Wilson score interval of the proportion"


def describe(scores: Any, *, alpha: float = 0.05, name: str = "scores") -> Description:
    """Describe one group: size, mean, spread and a t interval for the mean at level 1 - alpha.

    Args:
        scores: Array-like of shape (n,), n >= 1. With one score the spread and the interval are None, with a reason.
        alpha: One minus the confidence level.
        name: What to call the group.

    Raises:
        BenchError: What `as_sample` raises, or `invalid_alpha`.

    Example:
        >>> describe([1, 2, 3, 4]).mean
        2.5
    """
    return describe_sample(as_sample(scores, name, minimum=1), name, checked_alpha(alpha))


def describe_sample(sample: Array, name: str, alpha: float, *, binary: bool = False) -> Description:
    """Describe a sample that has been checked; the mean of binary scores gets the Wilson interval of a proportion."""
    import numpy as np
    from scipy import stats

    n, mean, level = sample.size, float(sample.mean()), round(1.0 - alpha, 12)
    sd = standard_error = reason = None
    interval = Interval(None, None, level, METHOD, "one observation has no spread")
    if binary:
        interval = _wilson(float(sample.sum()), n, alpha)
    if n == 1:
        reason = "one observation has no spread"
    else:
        sd = 0.0 if is_constant(sample) else float(sample.std(ddof=1))
        standard_error = sd / n**0.5
        half = float(stats.t.isf(alpha / 2, n - 1)) * standard_error
        if not binary:
            interval = Interval(mean - half, mean + half, level, METHOD)
        if sd == 0.0 and not binary:
            reason = "all observations are equal: the interval has no width"
    extremes = float(sample.min()), float(np.median(sample)), float(sample.max())
    return Description(name, n, mean, sd, standard_error, *extremes, interval, reason)


def describe_groups(scores: Scores, alpha: float) -> tuple[Description, ...]:
    """Describe every group of checked scores."""
    return tuple(describe_sample(sample, name, alpha, binary=scores.binary) for name, sample in scores.groups.items())


def _wilson(successes: float, n: int, alpha: float) -> Interval:
    question = Question(Alternative.TWO_SIDED, alpha, DEFAULT_NAMES)
    return Interval(*wilson_limits(successes, n, question), question.level, BINARY_METHOD)
