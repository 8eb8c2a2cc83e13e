"""What a set of permutations says: two one-sided p-values and the interval that inverts the test."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crucible_bench.records import Estimate, Interval

if TYPE_CHECKING:
    from crucible_bench.question import Question
    from crucible_bench.samples import Array

_ROUNDING = 1e-12


@dataclass(frozen=True)
class PermutationLaw:
    """Mean differences under rearrangement, of the scores as they are and of the shifted scores.

    Subtracting a shift d from the first group (or from each difference of a pair) changes the rearranged mean
    difference from T* to T* - share d, where share depends on the rearrangement alone. So one set of rearrangements
    answers the test of every shift, and the confidence interval is read off instead of searched (Pitman 1937).

    Attributes:
        observed: Mean difference of the scores as they came.
        rearranged: Shape (b,), T* of each rearrangement.
        shares: Shape (b,), what a unit of shift adds to T*; 1 for the arrangement as it came.
        exact: Whether every rearrangement is there, the one that came included. If not, that one is counted in
            addition, so that p is never 0 (Phipson and Smyth 2010).
        scale: Largest absolute score, for comparing within rounding error.
    """

    observed: float
    rearranged: Array
    shares: Array
    exact: bool
    scale: float

    @property
    def total(self) -> int:
        """Number of rearrangements counted."""
        return self.rearranged.size + (0 if self.exact else 1)

    def one_sided(self) -> tuple[float, float]:
        """Return the p-values against `less` and `greater`."""
        slack = _ROUNDING * self.scale
        extra = 0 if self.exact else 1
        less = int((self.rearranged <= self.observed + slack).sum()) + extra
        greater = int((self.rearranged >= self.observed - slack).sum()) + extra
        return less / self.total, greater / self.total

    def limits(self, question: Question) -> tuple[float | None, float | None]:
        """Return the smallest and largest shift that the test does not reject; None where it rejects none."""
        import numpy as np

        moved = self.shares < 1.0 - _ROUNDING
        turning = np.sort((self.observed - self.rearranged[moved]) / (1.0 - self.shares[moved]))
        always = self.total - turning.size  # rearrangements that count against no shift: the one that came
        return (
            _limit(turning, question.lower_tail, self.total, always),
            _limit(turning[::-1], question.upper_tail, self.total, always),
        )


def _limit(turning: Array, tail: float | None, total: int, always: int) -> float | None:
    """Return the first turning point at which the one-sided p-value exceeds the tail."""
    if tail is None:
        return None
    needed = math.floor(tail * total + _ROUNDING) + 1 - always
    return float(turning[needed - 1]) if 1 <= needed <= turning.size else None


def permutation_estimate(law: PermutationLaw, question: Question) -> Estimate:
    """Return the mean difference with the interval that inverts the permutation test."""
    low, high = law.limits(question)
    reason = question.unbounded
    if (low is None and question.lower_tail is not None) or (high is None and question.upper_tail is not None):
        reason = f"{law.total} rearrangements cannot support a level of {question.level:g}"
    interval = Interval(low, high, question.level, "inversion of the permutation test", reason)
    return Estimate("mean_difference", law.observed, interval)
