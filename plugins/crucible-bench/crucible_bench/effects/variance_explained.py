"""Shares of variance explained: omega and eta squared, rank eta squared, Kendall's W."""

from __future__ import annotations

from crucible_bench.effects.noncentrality import noncentral_f_limit
from crucible_bench.records import Estimate, Interval

METHOD = "inversion of the noncentral F distribution"


def eta_squared(f: float, df: tuple[float, float]) -> float:
    """Return df1 F / (df1 F + df2), the share of variance in the sample (biased upwards)."""
    return df[0] * f / (df[0] * f + df[1])


def epsilon_squared(f: float, df: tuple[float, float]) -> float:
    """Return df1 (F - 1) / (df1 F + df2), Kelley 1935: eta squared less its bias, never below 0."""
    return max(0.0, df[0] * (f - 1.0) / (df[0] * f + df[1]))


def omega_squared(f: float, df: tuple[float, float], total: int) -> float:
    """Return df1 (F - 1) / (df1 (F - 1) + N), Hays 1963: the share of variance in the population, never below 0."""
    return max(0.0, df[0] * (f - 1.0) / (df[0] * (f - 1.0) + total))


def share_interval(f: float, df: tuple[float, float], total: float, alpha: float, method: str = METHOD) -> Interval:
    """Return an interval for the share of variance in the population, lambda / (lambda + total).

    Source: Steiger 2004, Psychological Methods 9(2). Two-sided at level 1 - alpha.

    Args:
        f: Observed F.
        df: Its degrees of freedom.
        total: What relates the noncentrality lambda to the share; the number of observations in a one-way design.
        alpha: One minus the level.
        method: Name of the method, if more is to be said.
    """
    limits = [noncentral_f_limit(f, df, tail) for tail in (alpha / 2, 1.0 - alpha / 2)]
    low, high = (None if each is None else each / (each + total) for each in limits)
    reason = None
    if low is None or high is None:
        reason = "the noncentral F distribution cannot be inverted for so large an F"
    return Interval(low, high, round(1.0 - alpha, 12), method, reason)


def undefined_share(name: str, alpha: float, reason: str) -> Estimate:
    """Return a share of variance that cannot be computed."""
    return Estimate(name, None, Interval(None, None, round(1.0 - alpha, 12), METHOD, reason), reason)
