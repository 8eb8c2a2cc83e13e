"""Numbers, durations, moments and sizes as a reader wants them: short, and the same everywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from crucible_core.stages.report.typesetting import MINUS

SIGNIFICANT = 4
_SMALL, _LARGE = 1e-4, 1e7
_SPREAD = 3  # decimals beyond those of the largest number: such a column holds no single quantity
_MINUTE, _HOUR = 60, 3600


def format_number(value: float, decimals: int | None = None) -> str:
    """Return a number to four significant digits; integers whole, with their thousands apart; with a true minus sign.

    Args:
        value: The number.
        decimals: Digits after the point; as many as four significant digits need where not given.

    Example:
        >>> [format_number(each) for each in (3.14285, 2.0, 12345678.0, 14, 123456)]
        ['3.143', '2', '1.235e+07', '14', '123,456']
    """
    return _digits(value, decimals).replace("-", MINUS)


def _digits(value: float, decimals: int | None) -> str:
    if isinstance(value, int):
        return _grouped(f"{value:,}", abs(value))
    if not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if is_scientific(value):
        mantissa, _, exponent = f"{value:.{SIGNIFICANT - 1}e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{exponent}"
    return _grouped(f"{value:,.{decimals_of(value) if decimals is None else decimals}f}", abs(value))


def is_scientific(value: float) -> bool:
    """Tell whether a finite number is written with an exponent."""
    return value != 0 and not _SMALL <= abs(value) < _LARGE


def decimals_of(value: float, significant: int = SIGNIFICANT) -> int:
    """Count the digits after the point that so many significant digits need, trailing zeros left out."""
    if value == 0 or not math.isfinite(value) or is_scientific(value):
        return 0
    most = max(0, significant - 1 - math.floor(math.log10(abs(value))))
    return len(f"{value:.{most}f}".partition(".")[2].rstrip("0"))


def common_decimals(values: Sequence[float]) -> int | None:
    """Return the digits after the point for a column of one quantity, or None where its numbers are too unlike.

    The largest number gets four significant digits, the smallest at least two.

    Example:
        >>> common_decimals([1.17857, 0.03571, 0.0]), common_decimals([0.5, 0.25]), common_decimals([12345.6, 0.00123])
        (3, 2, None)
    """
    sizes = [abs(each) for each in values if each and math.isfinite(each)]
    if not sizes:
        return 0
    needed = max(decimals_of(each) for each in sizes)
    wanted = max(SIGNIFICANT - 1 - math.floor(math.log10(max(sizes))), 1 - math.floor(math.log10(min(sizes))), 0)
    decimals = min(needed, wanted)
    return None if decimals - decimals_of(max(sizes)) > _SPREAD else decimals


def format_duration(seconds: float) -> str:
    """Return a duration in the units a person would use.

    Example:
        >>> [format_duration(each) for each in (0.0042, 3.14159, 75, 7325)]
        ['4.2 ms', '3.14 s', '1 min 15 s', '2 h 2 min']
    """
    if seconds < 1:
        return f"{seconds * 1000:.2g} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"  # noqa: PLR2004 - two digits
    if seconds < _MINUTE:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    if seconds < _HOUR:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def read_moment(text: object) -> datetime | None:
    """Read an ISO 8601 moment, in UTC where it names no zone; None where it is none."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def format_moment(text: object) -> str:
    """Return a moment to the second, in UTC; text that is none stays as it is."""
    moment = read_moment(text)
    return str(text) if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def format_bytes(size: float) -> str:
    """Return a size in the unit a person would use.

    Example:
        >>> [format_bytes(each) for each in (1, 900, 20480)]
        ['1 byte', '900 bytes', '20.5 kB']
    """
    if size < 1000:  # noqa: PLR2004 - powers of a thousand
        return "1 byte" if size == 1 else f"{size:.0f} bytes"
    power = min(4, int(math.log10(size) / 3))
    return f"{size / 1000**power:.3g} {('kB', 'MB', 'GB', 'TB')[power - 1]}"


def count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it is not one.

    Example:
        >>> count(1, "verdict"), count(1200, "row")
        ('1 verdict', '1,200 rows')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _grouped(text: str, size: float) -> str:
    """Take the comma out of numbers below 10,000: years and small counts read better without."""
    return text if size >= 10_000 else text.replace(",", "")  # noqa: PLR2004 - five digits
