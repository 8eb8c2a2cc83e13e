"""Sentences that say what a result means, and no more than it means."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from crucible_bench.labels import label
from crucible_bench.question import Alternative

if TYPE_CHECKING:
    from crucible_bench.question import Question
    from crucible_bench.records import Estimate, Interval

_SMALLEST_PRINTED_P = 0.0001
_DIGITS = 4
_SMALL, _LARGE = 1e-4, 1e7
MINUS = "\N{MINUS SIGN}"


def number(value: float) -> str:
    """Print a number with four significant digits, whole numbers whole, and a proper minus.

    Example:
        >>> number(13993.0), number(0.03400), number(2.0), number(2.5e9)
        ('13993', '0.034', '2', '2.5e+09')
    """
    if value != 0 and not _SMALL <= abs(value) < _LARGE:
        return f"{value:.{_DIGITS}g}".replace("-", MINUS)
    text = f"{value:.{_decimals(value)}f}"
    return _signed(text.rstrip("0").rstrip(".") if "." in text else text)


def interval_numbers(low: float | None, high: float | None) -> str:
    """Print limits with the same digits.

    Example:
        >>> interval_numbers(0.0751, 2.4321), interval_numbers(0.1, None)
        ('[0.075, 2.432]', '[0.1, ∞)')
    """
    if low is None or high is None:
        left = f"({MINUS}∞" if low is None else f"[{number(low)}"
        return f"{left}, {'∞)' if high is None else f'{number(high)}]'}"
    return f"[{alike(low, high)}, {alike(high, low)}]"


def alike(value: float, *others: float | None) -> str:
    """Print a number with the digits that the largest of all needs: three significant ones, four from 1 on."""
    largest = max(abs(each) for each in (value, *others) if each is not None)
    if largest and not _SMALL <= largest < _LARGE:
        return number(value)
    decimals = _decimals(largest)
    return _signed(f"{value:.{decimals if largest >= 1.0 or largest == 0.0 else decimals - 1}f}")


def _decimals(value: float) -> int:
    return max(0, _DIGITS - 1 - math.floor(math.log10(abs(value)))) if value else _DIGITS - 1


def _signed(text: str) -> str:
    return text.lstrip("-") if not text.strip("-0.") else text.replace("-", MINUS)


def p_number(p_value: float) -> str:
    """Print a p-value with three significant digits: `0.0184`, `1.00`, `< 0.0001`."""
    return f"< {_SMALLEST_PRINTED_P}" if p_value < _SMALLEST_PRINTED_P else f"{p_value:#.3g}"


def p_words(p_value: float) -> str:
    """Print a p-value as a statement: `p = 0.0184` or `p < 0.0001`."""
    shown = p_number(p_value)
    return f"p {shown}" if shown.startswith("<") else f"p = {shown}"


def percent(level: float) -> str:
    """Print a level as a percentage: 0.95 gives `95%`."""
    return f"{100 * level:.6g}%"


def interval_words(interval: Interval) -> str:
    """Print an interval: `95% interval [0.100, 0.400]`, `95% bound [0.1, ∞)`, or why there is none."""
    if interval.low is None and interval.high is None:
        return f"no interval: {interval.reason}"
    kind = "bound" if interval.low is None or interval.high is None else "interval"
    return f"{percent(interval.level)} {kind} {interval_numbers(interval.low, interval.high)}"


def estimate_words(estimate: Estimate) -> str:
    """Print an estimate with its interval: `Hedges' g 1.2, 95% interval [0.3, 2.1]`."""
    value = "undefined" if estimate.value is None else number(estimate.value)
    return f"{label(estimate.name)} {value}, {interval_words(estimate.interval)}"


def difference_sentence(
    title: str, question: Question, p_value: float | None, estimate: Estimate, reason: str | None = None
) -> str:
    """Say what a test of first against second found, in one sentence."""
    first, second = question.names
    found = estimate_words(estimate)
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
