"""Data of the right kind with something wrong in it: empty, incomplete, not a number."""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from crucible_core.contract.dataset import Dataset

_MOST_FIELDS = 8

Spoiled = tuple[str, Any]
"""What is wrong, and the value."""


def spoiled(value: Any) -> Iterator[Spoiled]:
    """Yield versions of a value with something wrong in each; none for a kind of value that nothing is known of."""
    if isinstance(value, Dataset):
        for what, rows in spoiled(list(value.rows)):
            yield what, dataclasses.replace(value, rows=rows, splits={})
    elif isinstance(value, Mapping):
        yield "empty", {}
        yield from _with_spoiled_parts(dict(value), list(value))
    elif _is_frame(value):
        yield "without rows", value.iloc[:0]
    elif hasattr(value, "dtype") and getattr(value, "ndim", None):
        yield from _spoiled_array(value)
    elif isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        yield from _spoiled_sequence(list(value))
    elif _is_number(value):
        yield "not a number (NaN)", math.nan


def _spoiled_sequence(values: list[Any]) -> Iterator[Spoiled]:
    yield "empty", []
    if values and isinstance(values[0], Mapping):
        yield "with an empty row", [{}, *values[1:]]
        yield "with a number in the place of a row", [3, *values[1:]]
        for what, row in _spoiled_row(dict(values[0])):
            yield what, [row, *copy.copy(values[1:])]
    elif values:
        yield from _with_spoiled_parts(values, [0])


def _spoiled_row(row: dict[str, Any]) -> Iterator[Spoiled]:
    for name in islice(row, _MOST_FIELDS):
        yield f"with a row without {name!r}", {key: each for key, each in row.items() if key != name}
    yield from _with_spoiled_parts(row, list(islice(row, _MOST_FIELDS)))


def _with_spoiled_parts(container: Any, keys: list[Any]) -> Iterator[Spoiled]:
    """Yield copies with one part replaced: null; for a number also NaN and a text."""
    for key in keys[:_MOST_FIELDS]:
        parts: list[Any] = [None]
        if _is_number(container[key]):
            parts += [math.nan, "no number"]
        for part in parts:
            changed = copy.copy(container)
            changed[key] = part
            yield f"with {part!r} at {key!r}", changed


def _spoiled_array(array: Any) -> Iterator[Spoiled]:
    yield "empty", array[:0]
    if array.dtype.kind == "f" and array.size:
        changed = array.copy()
        changed.flat[0] = math.nan
        yield "with NaN in it", changed


def _is_frame(value: Any) -> bool:
    return hasattr(value, "iloc") and hasattr(value, "columns")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
