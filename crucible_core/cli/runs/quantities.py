"""Durations, sizes, moments and numbers as people read them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from crucible_core.trace.one_line import in_one_line

__all__ = ["moment", "number", "seconds", "size"]

_MINUTE, _HOUR = 60, 3600
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_STEP = 1000.0


def seconds(value: float | None) -> str:
    """Return a duration.

    Example:
        >>> seconds(0.0312), seconds(12.3), seconds(125), seconds(90061)
        ('31.2 ms', '12.3 s', '2 min 5 s', '25 h 1 min')
    """
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        return "?"
    if value < 1:
        return f"{value * 1000:.3g} ms"
    whole = round(value)
    if whole < _MINUTE:
        return f"{value:.3g} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def size(count: Any) -> str:
    """Return a number of bytes.

    Example:
        >>> size(999), size(12_345), size(2_000_000_000)
        ('999 B', '12.3 kB', '2.0 GB')
    """
    if not isinstance(count, int):
        return "?"
    value, unit = float(count), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{count} B" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"


def moment(timestamp: str | None) -> str:
    """Return a recorded time to the second, in UTC.

    Example:
        >>> moment("2026-11-24T07:43:12.123456+00:00"), moment(None)
        ('2026-11-24 07:43:12 UTC', '?')
    """
    try:
        return f"{datetime.fromisoformat(timestamp or '').astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError):
        return in_one_line(timestamp or "?")


def number(value: Any) -> str:
    """Return a number with six significant digits, an integer with all of its; whatever else it is as JSON has it.

    Example:
        >>> number(0.123456789), number(41), number("NaN"), number(None)
        ('0.123457', '41', 'NaN', 'null')
    """
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        return value
    from crucible_core.contract.json_values import as_text

    return as_text(value)
