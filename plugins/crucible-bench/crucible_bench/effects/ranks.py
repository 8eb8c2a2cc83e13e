"""Rank-biserial correlations, for two groups and for pairs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from crucible_bench.effects.proportions import wilson_limits
from crucible_bench.records import Estimate, Interval

if TYPE_CHECKING:
    from collections.abc import Callable

    from crucible_bench.question import Question
    from crucible_bench.samples import Array

SUPERIORITY_METHOD = "Newcombe 2006 method 5 for the probability of superiority"
SIGNED_RANK_METHOD = "Wilson interval with the effective size of the ranks as weights"


def rank_biserial(u: float, sizes: tuple[int, int], question: Question) -> Estimate:
    """Estimate 2 P(first > second) + P(equal) - 1: 1 if every score of first exceeds every score of second.

    The interval solves the score equation of Newcombe 2006 (Statistics in Medicine 25, part 2, method 5), which has
    limits inside [-1, 1] even for separated groups. With many ties it is conservative.

    Args:
        u: Mann-Whitney statistic of first (ties count one half).
        sizes: n1 and n2.
        question: Sides and level of the interval.
    """
    n1, n2 = sizes
    theta = u / (n1 * n2)

    def variance(p: float) -> float:
        more = (n1 + n2) / 2 - 1
        return p * (1 - p) * (1 + more * ((1 - p) / (2 - p) + p / (1 + p))) / (n1 * n2)

    low = -1.0 if question.lower_tail is None else 2 * _score_limit(theta, 0.0, variance, question.lower_tail) - 1
    high = 1.0 if question.upper_tail is None else 2 * _score_limit(theta, 1.0, variance, question.upper_tail) - 1
    return Estimate("rank_biserial", 2 * theta - 1, Interval(low, high, question.level, SUPERIORITY_METHOD))


def _score_limit(theta: float, end: float, variance: Callable[[float], float], tail: float) -> float:
    """Solve |theta - p| = z sqrt(variance(p)) for p between theta and an end of [0, 1]."""
    from scipy import optimize, stats

    z = float(stats.norm.isf(tail))
    if theta == end:
        return end
    sign = 1.0 if end > theta else -1.0

    def excess(p: float) -> float:
        return sign * (p - theta) - z * math.sqrt(max(variance(p), 0.0))

    if excess(theta) >= 0.0:  # theta is the other end of [0, 1], where the variance vanishes: step off it
        theta_inside = theta + sign * 1e-12
        return float(optimize.brentq(excess, theta_inside, end))
    return float(optimize.brentq(excess, theta, end))


def matched_rank_biserial(signed_ranks: Array, question: Question) -> Estimate:
    """Estimate (R+ - R-) / (R+ + R-), the matched-pairs rank-biserial correlation (Kerby 2014).

    It is a mean of signs weighted by the ranks; its interval is the Wilson interval of the weighted proportion with
    the effective size (sum of weights)^2 / (sum of squared weights) of Kish 1965. At zero its variance is the null
    variance of the signed rank statistic, so that interval and test agree closely. In simulations of normal, Laplace
    and shifted exponential differences (n of 10 to 100) a 95% interval covers 94% to 99%, where the customary Fisher z
    interval falls to 67% for strong effects.

    Args:
        signed_ranks: Shape (n,), ranks of the non-zero differences with the signs of the differences.
        question: Sides and level of the interval.
    """
    total = float(abs(signed_ranks).sum())
    if total == 0.0:
        reason = "all differences are zero: there is no rank to compare"
        return Estimate(
            "matched_rank_biserial", None, Interval(None, None, question.level, SIGNED_RANK_METHOD, reason), reason
        )
    value = float(signed_ranks.sum()) / total
    effective = total**2 / float((signed_ranks**2).sum())
    low, high = wilson_limits((value + 1) / 2 * effective, effective, question)
    limits = Interval(2 * low - 1, 2 * high - 1, question.level, SIGNED_RANK_METHOD)
    return Estimate("matched_rank_biserial", value, limits)
