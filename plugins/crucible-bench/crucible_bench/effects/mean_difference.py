"""The difference of two means with its t interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crucible_bench.records import Estimate, Interval

if TYPE_CHECKING:
    from crucible_bench.question import Question
    from crucible_bench.samples import Array

NO_SPREAD = "all scores within each group are equal, so there is no spread to judge the difference by"
NO_PAIR_SPREAD = "all paired differences are equal, so there is no spread to judge the difference by"


@dataclass(frozen=True)
class MeanDifference:
    """A mean difference, its standard error and degrees of freedom; the error is 0 for constant scores."""

    value: float
    standard_error: float
    df: float
    method: str
    reason: str

    @property
    def statistic(self) -> float | None:
        """Return t, None without spread."""
        return self.value / self.standard_error if self.standard_error else None

    def p_value(self, question: Question) -> float | None:
        """Return the p-value of t, None without spread."""
        from scipy import stats

        t = self.statistic
        return None if t is None else question.p_value(float(stats.t.cdf(t, self.df)), float(stats.t.sf(t, self.df)))

    def estimate(self, question: Question) -> Estimate:
        """Return the difference with its t interval."""
        from scipy import stats

        low = high = None
        if self.standard_error and question.lower_tail is not None:
            low = self.value - float(stats.t.isf(question.lower_tail, self.df)) * self.standard_error
        if self.standard_error and question.upper_tail is not None:
            high = self.value + float(stats.t.isf(question.upper_tail, self.df)) * self.standard_error
        reason = question.unbounded if self.standard_error else self.reason
        return Estimate("mean_difference", self.value, Interval(low, high, question.level, self.method, reason))


def welch_difference(first: Array, second: Array) -> MeanDifference:
    """Take the variances as they are; degrees of freedom by Satterthwaite (Welch 1947)."""
    parts = [_variance(sample) / sample.size for sample in (first, second)]
    squared_error = sum(parts)
    df = float(first.size + second.size - 2)
    if squared_error:
        shares = [part / squared_error for part in parts]  # dividing first keeps tiny variances from underflowing
        df = 1.0 / sum(share**2 / (sample.size - 1) for share, sample in zip(shares, (first, second), strict=True))
    value = float(first.mean() - second.mean())
    return MeanDifference(value, math.sqrt(squared_error), df, "Welch t interval", NO_SPREAD)


def student_difference(first: Array, second: Array) -> MeanDifference:
    """Pool the variances (Student 1908)."""
    n1, n2 = first.size, second.size
    df = n1 + n2 - 2
    pooled = ((n1 - 1) * _variance(first) + (n2 - 1) * _variance(second)) / df
    error = math.sqrt(pooled * (1 / n1 + 1 / n2))
    return MeanDifference(float(first.mean() - second.mean()), error, float(df), "Student t interval", NO_SPREAD)


def paired_difference(differences: Array) -> MeanDifference:
    """Take the differences of pairs as one sample."""
    n = differences.size
    error = math.sqrt(_variance(differences) / n)
    return MeanDifference(float(differences.mean()), error, float(n - 1), "paired t interval", NO_PAIR_SPREAD)


def _variance(sample: Array) -> float:
    return 0.0 if sample.min() == sample.max() else float(sample.var(ddof=1))
