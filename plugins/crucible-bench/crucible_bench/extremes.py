"""Scores that are finite, and still too large or too close together to compute with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_bench.errors import BenchError

if TYPE_CHECKING:
    from crucible_bench.samples import Array

LARGEST, SMALLEST = 1e100, 1e-100
"""Scores beyond these, and spreads below, have third powers that a float cannot hold."""


def refuse_extremes(sample: Array, name: str) -> None:
    """Refuse finite scores whose powers are infinite, or 0 although the scores differ.

    Raises:
        BenchError: `out_of_range`.
    """
    if not sample.size:
        return
    low, high = float(sample.min()), float(sample.max())
    if max(-low, high) > LARGEST:
        raise too_large(name)
    if 0.0 < high - low < SMALLEST:
        message = f"the scores of {name} differ, but by less than {SMALLEST:g}"
        raise BenchError("out_of_range", f"{message}, too little to compute with; multiply all scores by a constant")


def too_large(name: str) -> BenchError:
    """Return the error for a score that is too large."""
    message = f"{name} has a score beyond {LARGEST:g}, too large to compute with"
    return BenchError("out_of_range", f"{message}; divide all scores by a constant")
