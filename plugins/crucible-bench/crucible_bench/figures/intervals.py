"""Estimates with their intervals, one under the other, against the line of no difference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from crucible_bench.figures.svg import FONT, SMALL, document, line, name_text, text
from crucible_bench.figures.text_width import clipped, text_width
from crucible_bench.wording import MINUS, alike, interval_numbers

_MARGIN, _GAP = 12.0, 18.0
_AXIS = 380.0
_ROW, _TOP = 30.0, 22.0
_CAP = 5.0
_LABEL_MOST = 260.0
_TICKS = 5
_ROOM = 0.06


@dataclass(frozen=True)
class IntervalRow:
    """One estimate; a limit is None where the interval goes on without end."""

    name: str
    value: float
    low: float | None
    high: float | None

    @property
    def words(self) -> str:
        """Value and limits as text."""
        return f"{alike(self.value, self.low, self.high)} {interval_numbers(self.low, self.high)}"


@dataclass(frozen=True)
class _Axis:
    """From values to pixels."""

    low: float
    high: float
    left: float

    def x(self, value: float) -> float:
        return self.left + (value - self.low) / (self.high - self.low) * _AXIS


def draw_intervals(rows: Sequence[IntervalRow], *, title: str, quantity: str) -> str:
    """Draw each estimate as a point on its interval, and the values as text beside it; zero is a dashed line.

    Args:
        rows: What to draw, in this order; at least one.
        title: Accessible title.
        quantity: What the axis shows, in words.

    Returns:
        A standalone SVG document that looks like the critical-difference diagram.
    """
    names = max(text_width(clipped(each.name, _LABEL_MOST, FONT), FONT) for each in rows)
    words = max(text_width(each.words, SMALL) for each in rows)
    axis = _axis(rows, _MARGIN + names + _GAP)
    bottom = _TOP + _ROW * len(rows)
    width = max(axis.left + _AXIS + _GAP + words + _MARGIN, text_width(quantity, SMALL) + 2 * _MARGIN)
    body = [line(axis.x(0.0), 8.0, axis.x(0.0), bottom, 1.0, dashes="3 4"), *_scale(axis, bottom)]
    for index, row in enumerate(rows):
        body += _drawn(row, axis, _TOP + _ROW * (index + 0.5) - 4.0)
    body.append(text(axis.left + _AXIS / 2, bottom + 42.0, quantity, "middle", SMALL))
    description = describe_intervals(rows, quantity)
    return document(body, round(width), round(bottom + 54.0), title=title, description=description, prefix="ci")


def describe_intervals(rows: Sequence[IntervalRow], quantity: str) -> str:
    """Say in words what the drawing shows, as alternative text."""
    listed = "; ".join(f"{each.name} {each.words}" for each in rows)
    return f"{quantity}: {listed}."


def _axis(rows: Sequence[IntervalRow], left: float) -> _Axis:
    """Let the axis hold zero, every estimate and every limit, with some room at the ends."""
    values = [0.0, *(each for row in rows for each in (row.value, row.low, row.high) if each is not None)]
    room = _ROOM * ((max(values) - min(values)) or 1.0)
    return _Axis(min(values) - room, max(values) + room, round(left, 1))


def _scale(axis: _Axis, y: float) -> list[str]:
    parts = [line(axis.left, y, axis.left + _AXIS, y, 1.5)]
    for tick in ticks(axis.low, axis.high):
        x = axis.x(tick)
        parts += [line(x, y, x, y + 6.0, 1.0), text(x, y + 21.0, f"{tick:g}".replace("-", MINUS), "middle", SMALL)]
    return parts


def ticks(low: float, high: float) -> list[float]:
    """Return round values within limits: steps of 1, 2 or 5 times a power of ten.

    Example:
        >>> ticks(-0.13, 0.42)
        [0.0, 0.2, 0.4]
    """
    rough = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{each * step:.12g}") for each in range(first, last + 1)]


def _drawn(row: IntervalRow, axis: _Axis, y: float) -> list[str]:
    """Draw one row; an open end runs to the end of the axis and has no cap."""
    low = axis.left if row.low is None else axis.x(row.low)
    high = axis.left + _AXIS if row.high is None else axis.x(row.high)
    caps = [line(x, y - _CAP, x, y + _CAP, 1.5) for x, limit in ((low, row.low), (high, row.high)) if limit is not None]
    return [
        name_text(axis.left - _GAP, y + 4.5, row.name, "end", _LABEL_MOST),
        line(low, y, high, y, 1.5),
        *caps,
        f'<circle cx="{axis.x(row.value):.1f}" cy="{y:g}" r="4.5"/>',
        text(axis.left + _AXIS + _GAP, y + 4.0, row.words, "start", SMALL),
    ]
