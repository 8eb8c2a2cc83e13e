"""An interval drawn on a line of numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

_MARGIN = 0.25  # of the interval's length, on both sides
_NEAR = 1.5  # interval lengths within which zero is worth a mark


@dataclass(frozen=True)
class NumberLine:
    """Where things lie on a line from 0 to 100; ``zero`` is None where it is too far away to be of interest."""

    low: float
    high: float
    zero: float | None


def number_line(interval: tuple[float, float] | None) -> NumberLine | None:
    """Place an interval on a line; None where there is none, or it has no ends."""
    if interval is None or not all(map(math.isfinite, interval)):
        return None
    low, high = sorted(map(float, interval))
    span = high - low or abs(high) or 1.0
    ends = [low, high]
    if low - _NEAR * span <= 0 <= high + _NEAR * span:
        ends.append(0.0)
    left, right = min(ends) - _MARGIN * span, max(ends) + _MARGIN * span
    if not math.isfinite(right - left):
        return None

    def place(value: float) -> float:
        return 100 * (value - left) / (right - left)

    return NumberLine(place(low), place(high), place(0.0) if len(ends) > 2 else None)  # noqa: PLR2004 - zero was added
