"""Confidence limits of a noncentrality parameter, by inverting the noncentral distribution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_MOST_DOUBLINGS: Final = 60
_LARGEST_T: Final = 1e4
_LARGEST_NONCENTRALITY: Final = 1e7
"""Beyond these the series of the noncentral distributions stop converging."""


def noncentral_t_limit(statistic: float, df: float, upper_probability: float) -> float | None:
    """Find the noncentrality at which P(T >= statistic) equals a probability.

    Source: Cumming and Finch 2001, Educational and Psychological Measurement 61(4); Steiger and Fouladi 1997.

    Args:
        statistic: Observed t.
        df: Degrees of freedom.
        upper_probability: For a lower limit alpha / 2, for an upper limit 1 - alpha / 2.

    Returns:
        The limit, or None where the distribution function fails numerically (|t| beyond 10,000).
    """
    import numpy as np
    from scipy import stats

    if abs(statistic) > _LARGEST_T:
        return None

    def excess(noncentrality: float) -> float:
        with np.errstate(divide="ignore"):  # scipy 1.11 raises the flag in passing; its value is right
            return float(stats.nct.sf(statistic, df, noncentrality)) - upper_probability

    # The noncentral t of mean c has a standard deviation near sqrt(1 + c^2 / 2 df).
    spread = (1.0 + statistic**2 / (2.0 * df)) ** 0.5
    return _root(excess, statistic - 4.0 * spread, statistic + 4.0 * spread)


def noncentral_f_limit(statistic: float, df: tuple[float, float], upper_probability: float) -> float | None:
    """Find the noncentrality >= 0 at which P(F >= statistic) equals a probability; 0 if even 0 exceeds it.

    Source: Steiger 2004, Psychological Methods 9(2).

    Args:
        statistic: Observed F.
        df: Numerator and denominator degrees of freedom.
        upper_probability: For a lower limit alpha / 2, for an upper limit 1 - alpha / 2.

    Returns:
        The limit, or None where the distribution function fails numerically (F df1 beyond 10 million).
    """
    from scipy import stats

    if statistic * df[0] > _LARGEST_NONCENTRALITY:
        return None
    if float(stats.f.sf(statistic, *df)) >= upper_probability:
        return 0.0

    def excess(noncentrality: float) -> float:
        return float(stats.ncf.sf(statistic, *df, noncentrality)) - upper_probability

    return _root(excess, 1e-9, max(1.0, 2.0 * statistic * df[0]))


def _root(increasing: Callable[[float], float], low: float, high: float) -> float | None:
    """Bracket and find the root of an increasing function; None if a value is not finite."""
    import math

    from scipy import optimize

    step = high - low
    for _ in range(_MOST_DOUBLINGS):
        at_low, at_high = increasing(low), increasing(high)
        if not (math.isfinite(at_low) and math.isfinite(at_high)):
            return None
        if at_low <= 0.0 <= at_high:
            return float(optimize.brentq(increasing, low, high, xtol=1e-10, rtol=1e-12))
        low, high = (low - step, high) if at_low > 0.0 else (low, high + step)
        step *= 2.0
    return None
