"""Differences of paired scores, freed from rounding error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_bench.samples import TIE_TOLERANCE

if TYPE_CHECKING:
    from crucible_bench.samples import Array


def paired_differences(first: Array, second: Array) -> Array:
    """Return first minus second, where differences that are equal but for rounding error are made equal.

    In floats .9 - .7 and .3 - .1 are two numbers; left so, they would get different ranks and a constant difference
    would have a spread. Differences closer than 1e-12 of the largest score are replaced by the smallest of them.

    Args:
        first: Shape (n,).
        second: Shape (n,).
    """
    import numpy as np

    raw = first - second
    scale = float(max(np.abs(first).max(), np.abs(second).max()))
    if scale == 0.0:
        return raw
    snapped = np.where(np.abs(raw) <= scale * TIE_TOLERANCE, 0.0, raw)
    order = np.argsort(np.abs(snapped), kind="stable")
    sizes = np.abs(snapped)[order]
    starts = np.concatenate([[True], np.diff(sizes) > scale * TIE_TOLERANCE])
    equalised = np.empty_like(sizes)
    equalised[order] = sizes[np.maximum.accumulate(np.where(starts, np.arange(sizes.size), 0))]
    result: Array = np.copysign(equalised, snapped)
    return result + 0.0
