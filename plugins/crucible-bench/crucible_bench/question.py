"""What a test is asked: the alternative, the significance level and the names of the two groups."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from numbers import Real
from typing import Any

from crucible_bench.errors import BenchError

DEFAULT_NAMES = ("first", "second")


class Alternative(StrEnum):
    """The side on which a difference counts against the null hypothesis."""

    TWO_SIDED = "two-sided"
    GREATER = "greater"
    LESS = "less"


@dataclass(frozen=True)
class Question:
    """A checked alternative, level and pair of names.

    Intervals answer the same question as the test beside them: a two-sided test has a two-sided interval at
    level 1 - alpha, a one-sided test has a one-sided bound at the same level.
    """

    alternative: Alternative
    alpha: float
    names: tuple[str, str]

    @property
    def level(self) -> float:
        """Confidence level of the intervals."""
        return round(1.0 - self.alpha, 12)

    @property
    def lower_tail(self) -> float | None:
        """Probability left below an interval; None if it has no lower limit."""
        return {Alternative.TWO_SIDED: self.alpha / 2, Alternative.GREATER: self.alpha}.get(self.alternative)

    @property
    def upper_tail(self) -> float | None:
        """Probability left above an interval; None if it has no upper limit."""
        return {Alternative.TWO_SIDED: self.alpha / 2, Alternative.LESS: self.alpha}.get(self.alternative)

    @property
    def unbounded(self) -> str | None:
        """Say why an interval lacks a limit."""
        sides = {Alternative.GREATER: "above", Alternative.LESS: "below"}
        side = sides.get(self.alternative)
        return None if side is None else f"a one-sided test has no limit {side}"

    def p_value(self, less: float, greater: float) -> float:
        """Choose or combine the two one-sided p-values; two-sided is twice the smaller, at most 1."""
        one_sided = {Alternative.LESS: less, Alternative.GREATER: greater}
        return float(min(1.0, one_sided.get(self.alternative, 2.0 * min(less, greater))))


def ask(alternative: str, alpha: float, names: tuple[str, str] = DEFAULT_NAMES) -> Question:
    """Check the options that every test of two groups shares.

    Raises:
        BenchError: `invalid_alternative`, `invalid_alpha` or `duplicate_names`.
    """
    try:
        side = Alternative(str(alternative).replace("_", "-"))
    except ValueError:
        known = ", ".join(Alternative)
        raise BenchError("invalid_alternative", f"alternative is {alternative!r}; choose one of {known}") from None
    first, second = names
    if first == second:
        raise BenchError("duplicate_names", f"both groups are named {first!r}; give them different names")
    return Question(side, checked_alpha(alpha), (str(first), str(second)))


def checked_alpha(alpha: Any) -> float:
    """Return a significance level as a float.

    Raises:
        BenchError: `invalid_alpha` unless 0 < alpha < 1.
    """
    if isinstance(alpha, bool) or not isinstance(alpha, Real) or not 0.0 < float(alpha) < 1.0:
        raise BenchError("invalid_alpha", f"alpha is {alpha!r}; it must lie strictly between 0 and 1, such as 0.05")
    if math.isclose(1.0 - float(alpha), 1.0, abs_tol=1e-12):
        raise BenchError("invalid_alpha", f"alpha is {alpha!r}; below 1e-12 no interval can be computed")
    return float(alpha)
