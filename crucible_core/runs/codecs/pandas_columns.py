"""The columns of a data frame as columns of Arrow."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from crucible_core.runs.codecs.inline import from_text, to_text
from crucible_core.runs.codecs.pandas_types import described_type, type_described
from crucible_core.runs.codecs.refusal import Refusal

__all__ = ["Columns"]

_OF_ARROW = frozenset({"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"})
"""Types of numpy, without their byte order, that Arrow and Parquet have too."""
_MOMENTS = frozenset({"M8[ns]", "M8[us]", "M8[ms]"})
"""Likewise; of times in other units the count is written."""


class Columns:
    """Columns of Arrow by name, written one after the other, or read.

    Args:
        columns: Those there are.
    """

    def __init__(self, columns: dict[str, Any] | None = None) -> None:
        self.arrow = columns or {}

    def put(self, name: str, values: Any) -> dict[str, Any]:
        """Add a column of pandas and return what there is to say about it, as JSON values.

        Args:
            name: How it is called among the columns of Arrow.
            values: A Series or an Index.

        Raises:
            TypeError: Its type cannot be kept.
            Refusal: Something in it cannot.
        """
        dtype = values.dtype
        said = described_type(dtype)
        if isinstance(dtype, np.dtype):
            return {**said, **self._put_numpy(name, values.to_numpy())}
        array = values.array
        if isinstance(dtype, pd.CategoricalDtype):
            self.arrow[name] = pa.array(np.asarray(array.codes))
        elif isinstance(dtype, pd.DatetimeTZDtype):
            moments = pd.DatetimeIndex(array).tz_convert("UTC").tz_localize(None).to_numpy()
            said["moments"] = self._put_numpy(name, moments) | {"numpy": moments.dtype.str}
        elif isinstance(dtype, pd.PeriodDtype):
            self.arrow[name] = pa.array(array.asi8)
        elif isinstance(dtype, pd.IntervalDtype):
            said |= {side: self.put(f"{name}.{side}", getattr(array, side)) for side in ("left", "right")}
        else:
            self.arrow[name] = pa.array(array)
        return said

    def get(self, name: str, said: dict[str, Any]) -> Any:
        """Return the array of numpy or pandas that a column was made of.

        Args:
            name: As for `put`.
            said: What that returned.
        """
        if "subtype" in said:
            left, right = (pd.Index(self.get(f"{name}.{side}", said[side])) for side in ("left", "right"))
            return pd.arrays.IntervalArray.from_arrays(left, right, said["closed"], dtype=type_described(said))
        column = self.arrow[name]
        dtype = type_described(said, column.type)
        if isinstance(dtype, np.dtype):
            return self._get_numpy(column, dtype, said["as"])
        if isinstance(dtype, pd.CategoricalDtype):
            return pd.Categorical.from_codes(np.require(column.to_numpy(), requirements="W"), dtype=dtype)
        if isinstance(dtype, pd.DatetimeTZDtype):
            moments = self._get_numpy(column, np.dtype(said["moments"]["numpy"]), said["moments"]["as"])
            return pd.DatetimeIndex(moments).tz_localize("UTC").tz_convert(dtype.tz).array
        if isinstance(dtype, pd.PeriodDtype):
            return pd.arrays.PeriodArray(np.require(column.to_numpy(), "i8", "W"), dtype=dtype)
        return dtype.__from_arrow__(column)

    def _put_numpy(self, name: str, values: Any) -> dict[str, Any]:
        dtype = values.dtype
        if dtype.hasobject:
            how, column = _objects(values)
        elif dtype.isnative and dtype.str[1:] in _OF_ARROW | _MOMENTS:
            how, column = "arrow", pa.array(values)
        elif dtype.isnative and dtype.kind in "mM":
            how, column = "count", pa.array(values.view("i8"))
        else:
            bits = pa.py_buffer(np.ascontiguousarray(values).tobytes())
            width = pa.binary(dtype.itemsize)
            how, column = "bits", pa.FixedSizeBinaryArray.from_buffers(width, len(values), [None, bits])
        self.arrow[name] = column
        return {"as": how}

    @staticmethod
    def _get_numpy(column: Any, dtype: np.dtype[Any], how: str) -> Any:
        if how == "texts":
            return column.to_numpy()
        if how == "values":
            found = np.empty(len(column), dtype=object)
            found[:] = [from_text(text) for text in column.to_pylist()] if len(column) else []
            return found
        if how == "bits":
            return np.frombuffer(b"".join(column.to_pylist()), dtype=dtype).copy()
        values = column.to_numpy()
        # what Arrow holds is read-only, what pandas holds is not
        return np.require(values if how == "arrow" else values.view(dtype), dtype, "W")


def _objects(values: Any) -> tuple[str, Any]:
    """Return how a column of Python's objects is written, and the column: texts as they are, else each as JSON."""
    if set(map(type, values)) <= {str, type(None)}:
        with contextlib.suppress(UnicodeEncodeError):  # half of a surrogate pair
            return "texts", pa.array(values, type=pa.large_string(), from_pandas=False)
    texts = []
    for index, value in enumerate(values):
        try:
            texts.append(to_text(value))
        except Refusal as refusal:
            raise refusal.within(index) from None
    return "values", pa.array(texts, type=pa.large_string())
