"""Sentences that say what a result means, and no more than it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_bench.question import Alternative

if TYPE_CHECKING:
    from crucible_bench.question import Question
    from crucible_bench.records import Estimate, Interval

_SMALLEST_PRINTED_P = 0.0001


def number(value: float) -> str:
    """Print a number with four significant digits."""
    return f"{value:.4g}"


def p_words(p_value: float) -> str:
    """Print a p-value: `p = 0.0184` or `p < 0.0001`."""
    return f"p < {_SMALLEST_PRINTED_P}" if p_value < _SMALLEST_PRINTED_P else f"p = {p_value:.3g}"


def percent(level: float) -> str:
    """Print a level as a percentage: 0.95 gives `95%`."""
    return f"{100 * level:.6g}%"


def interval_words(interval: Interval) -> str:
    """Print an interval: `95% interval 0.1 to 0.4`, `95% bound: at least 0.1`, or why there is none."""
    low, high, level = interval.low, interval.high, percent(interval.level)
    if low is not None and high is not None:
        return f"{level} interval {number(low)} to {number(high)}"
    if low is not None:
        return f"{level} bound: at least {number(low)}"
    if high is not None:
        return f"{level} bound: at most {number(high)}"
    return f"no interval: {interval.reason}"


def difference_sentence(
    title: str, question: Question, p_value: float | None, estimate: Estimate, reason: str | None = None
) -> str:
    """Say what a test of first against second found, in one sentence."""
    first, second = question.names
    value = "undefined" if estimate.value is None else number(estimate.value)
    found = f"{estimate.name.replace('_', ' ')} {value}, {interval_words(estimate.interval)}"
    if p_value is None:
        return f"{title} gives no p-value for {first} against {second} ({found}), because {reason}."
    claim = {
        Alternative.TWO_SIDED: f"{first} and {second} differ",
        Alternative.GREATER: f"{first} is higher than {second}",
        Alternative.LESS: f"{first} is lower than {second}",
    }[question.alternative]
    if question.alternative is Alternative.TWO_SIDED and estimate.value:
        claim = f"{first} is {'higher' if estimate.value > 0 else 'lower'} than {second}"
    if p_value <= question.alpha:
        return f"{title} finds at alpha {question.alpha:g} that {claim} ({found}; {p_words(p_value)})."
    return (
        f"{title} does not establish at alpha {question.alpha:g} that {claim} ({found}; {p_words(p_value)}), "
        "which does not show that they are equal."
    )


def omnibus_sentence(
    title: str, what: str, alpha: float, p_value: float | None, effect: str, reason: str | None
) -> str:
    """Say what a test of several groups or models found, in one sentence."""
    if p_value is None:
        return f"{title} gives no p-value ({effect}), because {reason}."
    if p_value <= alpha:
        return (
            f"{title} finds at alpha {alpha:g} that not all {what} are alike ({effect}; {p_words(p_value)}), "
            "without saying which differ."
        )
    return (
        f"{title} does not establish at alpha {alpha:g} that the {what} differ ({effect}; {p_words(p_value)}), "
        "which does not show that they are equal."
    )
