"""Intervals for proportions and their differences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from crucible_bench.records import Estimate, Interval

if TYPE_CHECKING:
    from crucible_bench.question import Question

INDEPENDENT_METHOD = "Newcombe 1998 hybrid score interval (method 10, independent)"
PAIRED_METHOD = "Newcombe 1998 hybrid score interval (method 10, paired)"
CLOPPER_PEARSON_METHOD = "Clopper-Pearson interval of the discordant share, minus one half"


def wilson_limits(count: float, size: float, question: Question) -> tuple[float, float]:
    """Return the Wilson score limits of a proportion; 0 or 1 on a side that the question leaves open.

    Source: Wilson 1927. `count` and `size` may be fractional (an effective size).
    """
    low = 0.0 if question.lower_tail is None else _wilson_limit(count, size, question.lower_tail, -1.0)
    high = 1.0 if question.upper_tail is None else _wilson_limit(count, size, question.upper_tail, 1.0)
    return low, high


def _wilson_limit(count: float, size: float, tail: float, sign: float) -> float:
    from scipy import stats

    z, p = float(stats.norm.isf(tail)), count / size
    centre = p + z**2 / (2 * size)
    half = z * math.sqrt(max(p * (1 - p), 0.0) / size + z**2 / (4 * size**2))
    return min(1.0, max(0.0, (centre + sign * half) / (1 + z**2 / size)))


def risk_difference(successes: tuple[int, int], sizes: tuple[int, int], question: Question) -> Estimate:
    """Estimate p1 - p2 of two independent groups with Newcombe's interval.

    Source: Newcombe 1998, Statistics in Medicine 17, 873-890, method 10.
    """
    pairs = [
        (count / size, *_two_sided_wilson(count, size, question)) for count, size in zip(successes, sizes, strict=True)
    ]
    return _combine(pairs, 0.0, question, INDEPENDENT_METHOD)


def paired_risk_difference(table: tuple[tuple[int, int], tuple[int, int]], question: Question) -> Estimate:
    """Estimate p1 - p2 of paired binary scores with Newcombe's interval.

    Source: Newcombe 1998, Statistics in Medicine 17, 2635-2650, method 10, with its continuity-corrected phi.

    Args:
        table: ((both 1, only first 1), (only second 1, both 0)).
        question: Sides and level of the interval.
    """
    (both, first_only), (second_only, neither) = table
    size = both + first_only + second_only + neither
    counts = both + first_only, both + second_only
    pairs = [(count / size, *_two_sided_wilson(count, size, question)) for count in counts]
    margins = counts[0] * (size - counts[0]) * counts[1] * (size - counts[1])
    cross = both * neither - first_only * second_only
    corrected = max(cross - size / 2, 0.0) if cross > 0 else float(cross)
    phi = corrected / math.sqrt(margins) if margins else 0.0
    return _combine(pairs, phi, question, PAIRED_METHOD)


def _two_sided_wilson(count: int, size: int, question: Question) -> tuple[float, float]:
    """Return both limits even of a one-sided question, at its tail: each limit of a difference needs one of either."""
    tail = question.lower_tail or question.upper_tail or question.alpha
    return _wilson_limit(count, size, tail, -1.0), _wilson_limit(count, size, tail, 1.0)


def _combine(pairs: list[tuple[float, float, float]], phi: float, question: Question, method: str) -> Estimate:
    """Square and add the distances from each proportion to its Wilson limits."""
    (p1, low1, high1), (p2, low2, high2) = pairs
    down, up = (p1 - low1, high2 - p2), (p2 - low2, high1 - p1)
    low = p1 - p2 - math.sqrt(max(down[0] ** 2 - 2 * phi * down[0] * down[1] + down[1] ** 2, 0.0))
    high = p1 - p2 + math.sqrt(max(up[0] ** 2 - 2 * phi * up[0] * up[1] + up[1] ** 2, 0.0))
    interval = Interval(
        -1.0 if question.lower_tail is None else max(-1.0, low),
        1.0 if question.upper_tail is None else min(1.0, high),
        question.level,
        method,
    )
    return Estimate("risk_difference", p1 - p2, interval)


def cohens_g(wins: int, losses: int, question: Question) -> Estimate:
    """Estimate wins / (wins + losses) - 1/2, Cohen's effect size of the sign and McNemar tests (Cohen 1988, ch. 5).

    The interval is Clopper-Pearson's for the share of wins among the decided pairs, the one dual to the exact test.
    """
    decided = wins + losses
    if decided == 0:
        reason = "no pair is discordant: neither side won"
        interval = Interval(None, None, question.level, CLOPPER_PEARSON_METHOD, reason)
        return Estimate("cohens_g", None, interval, reason)
    from scipy import stats

    low, high = -0.5, 0.5
    if question.lower_tail is not None and wins > 0:
        low = float(stats.beta.ppf(question.lower_tail, wins, losses + 1)) - 0.5
    if question.upper_tail is not None and losses > 0:
        high = float(stats.beta.isf(question.upper_tail, wins + 1, losses)) - 0.5
    return Estimate("cohens_g", wins / decided - 0.5, Interval(low, high, question.level, CLOPPER_PEARSON_METHOD))
