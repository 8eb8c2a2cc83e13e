"""Metrics as numbers: records hold those that JSON lacks as strings."""

from __future__ import annotations

import math
from typing import Any

from crucible_core.contract.json_values import NON_FINITE

_STRINGS = {text: float(text) for text in NON_FINITE.values()}


def numeric(value: Any, *, finite: bool = False) -> float | None:
    """Return the number that a recorded metric is, or None.

    Args:
        value: The metric.
        finite: Take NaN and the infinities for no numbers.

    Example:
        >>> numeric(3), numeric("-Infinity"), numeric(True), numeric("text"), numeric("NaN", finite=True)
        (3.0, -inf, None, None, None)
    """
    if isinstance(value, str):
        number = _STRINGS.get(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:  # an integer of more than 308 digits
            return None
    else:
        return None
    return None if number is None or (finite and not math.isfinite(number)) else number


def difference(first: Any, second: Any) -> float | None:
    """Return how much greater the second metric is, where both are finite numbers and so is their difference."""
    one, other = numeric(first, finite=True), numeric(second, finite=True)
    return None if one is None or other is None else numeric(other - one, finite=True)
