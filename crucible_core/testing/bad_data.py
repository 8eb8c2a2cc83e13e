"""Data of the right kind with something wrong in it: empty, incomplete, not a number, all alike."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crucible_core.contract.dataset import Dataset
from crucible_core.testing.bad_arrays import is_frame, spoiled_array, spoiled_frame
from crucible_core.testing.bad_parts import Spoiled, is_number, with_spoiled_parts
from crucible_core.testing.bad_rows import spoiled_rows

__all__ = ["Spoiled", "spoiled"]


def spoiled(value: Any) -> Iterator[Spoiled]:
    """Yield versions of a value with something wrong in each; none for a kind of value that nothing is known of."""
    if isinstance(value, Dataset):
        for what, rows in spoiled(list(value.rows)):
            yield what, dataclasses.replace(value, rows=rows, splits=_still_there(value.splits, len(rows)))
    elif isinstance(value, Mapping):
        yield "empty", {}
        yield from with_spoiled_parts(dict(value), list(value))
    elif is_frame(value):
        yield from spoiled_frame(value)
    elif hasattr(value, "dtype") and getattr(value, "ndim", None):
        yield from spoiled_array(value)
    elif isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        yield from _spoiled_sequence(list(value))
    elif is_number(value):
        yield "not a number (NaN)", math.nan
        yield "infinite", math.inf


def _still_there(splits: Mapping[str, Sequence[int]], rows: int) -> dict[str, list[int]]:
    """Return the splits without the rows that are no more."""
    return {name: [index for index in indices if index < rows] for name, indices in splits.items()}


def _spoiled_sequence(values: list[Any]) -> Iterator[Spoiled]:
    yield "empty", []
    if values and isinstance(values[0], Mapping):
        yield from spoiled_rows(values)
    elif values:
        yield from with_spoiled_parts(values, list(dict.fromkeys([0, len(values) - 1])))
        yield from _few_or_alike(values)


def _few_or_alike(values: list[Any]) -> Iterator[Spoiled]:
    if len(values) > 1:
        yield "of one element", values[:1]
        yield "with elements that are all alike", [values[0] for _ in values]
    if all(map(is_number, values)):
        yield "of zeros", [type(each)(0) for each in values]
