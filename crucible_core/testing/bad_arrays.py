"""Arrays and data frames with something wrong in them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import Any

from crucible_core.testing.bad_parts import MOST_PARTS, Spoiled


def is_frame(value: Any) -> bool:
    """Tell whether a value is a data frame."""
    return hasattr(value, "iloc") and hasattr(value, "columns")


def spoiled_array(array: Any) -> Iterator[Spoiled]:
    """Yield versions of an array of at least one dimension."""
    yield "empty", array[:0]
    if not array.size or array.dtype.kind not in "fiu":
        return
    if array.dtype.kind == "f":
        yield from ((f"with {name} in it", _with(array, number)) for name, number in _NO_NUMBERS)
        yield "of integers", array[:_FEW].astype("int64")
    yield "of zeros", array * 0
    if len(array) > 1:
        yield "of one element", array[:1]
    if array.ndim > 1:
        yield "of fewer dimensions", array[0]
    else:
        yield "of more dimensions", array[:, None]


_FEW = 1_000
_NO_NUMBERS = (("NaN", math.nan), ("infinity", math.inf))


def _with(array: Any, number: float) -> Any:
    changed = array.copy()
    changed.flat[-1] = number
    return changed


def spoiled_frame(frame: Any) -> Iterator[Spoiled]:
    """Yield versions of a data frame."""
    yield "without rows", frame.iloc[:0]
    if len(frame) > 1:
        yield "of one row", frame.iloc[:1]
    for name in islice(frame.columns, MOST_PARTS):
        yield f"without the column {name!r}", frame.drop(columns=[name])
