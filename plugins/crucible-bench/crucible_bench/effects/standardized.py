"""Standardised mean differences: Hedges g for two groups, Cohen d_z for pairs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from crucible_bench.effects.noncentrality import noncentral_t_limit
from crucible_bench.records import Estimate, Interval

if TYPE_CHECKING:
    from crucible_bench.question import Question
    from crucible_bench.samples import Array

METHOD = "inversion of the noncentral t distribution"
_FAILED = "the noncentral t distribution cannot be inverted for so large a t"


def bias_correction(df: float) -> float:
    """Return J(df), which makes d unbiased: Gamma(df/2) / (sqrt(df/2) Gamma((df-1)/2)), Hedges 1981."""
    from scipy import special

    return float(math.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / math.sqrt(df / 2))


def hedges_g(first: Array, second: Array, question: Question) -> Estimate:
    """Estimate the mean difference in pooled standard deviations.

    The value carries Hedges' correction J; the interval is the exact one for the population difference delta, which
    needs no correction. It is exact for normal scores of equal variance, and approximate otherwise.

    Args:
        first: Shape (n1,), n1 >= 2.
        second: Shape (n2,), n2 >= 2.
        question: Sides and level of the interval.
    """
    n1, n2 = first.size, second.size
    df = n1 + n2 - 2
    pooled = math.sqrt(((n1 - 1) * _variance(first) + (n2 - 1) * _variance(second)) / df)
    if pooled == 0.0:
        return _undefined("hedges_g", question, "both groups are constant: there is no spread to standardise by")
    d = float(first.mean() - second.mean()) / pooled
    scale = math.sqrt(1 / n1 + 1 / n2)
    correction = bias_correction(df)
    return Estimate("hedges_g", correction * d, _interval(d / scale, df, scale, question))


def cohens_dz(differences: Array, question: Question) -> Estimate:
    """Estimate the mean difference of pairs in standard deviations of the difference.

    Args:
        differences: Shape (n,), n >= 2, first minus second.
        question: Sides and level of the interval.
    """
    sd = math.sqrt(_variance(differences))
    if sd == 0.0:
        return _undefined("cohens_dz", question, "all differences are equal: there is no spread to standardise by")
    n = differences.size
    dz = float(differences.mean()) / sd
    return Estimate("cohens_dz", dz, _interval(dz * math.sqrt(n), n - 1, 1 / math.sqrt(n), question))


def _variance(sample: Array) -> float:
    return 0.0 if sample.min() == sample.max() else float(sample.var(ddof=1))


def _interval(t: float, df: float, scale: float, question: Question) -> Interval:
    low = high = None
    reason = None
    if question.lower_tail is not None:
        low = noncentral_t_limit(t, df, question.lower_tail)
        reason = _FAILED if low is None else None
    if question.upper_tail is not None:
        high = noncentral_t_limit(t, df, 1.0 - question.upper_tail)
        reason = _FAILED if high is None else reason
    if question.lower_tail is None or question.upper_tail is None:
        reason = reason or question.unbounded
    limits = [None if limit is None else limit * scale for limit in (low, high)]
    return Interval(limits[0], limits[1], question.level, METHOD, reason)


def _undefined(name: str, question: Question, reason: str) -> Estimate:
    return Estimate(name, None, Interval(None, None, question.level, METHOD, reason), reason)
