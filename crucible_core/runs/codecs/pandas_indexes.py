"""Indexes of pandas as columns of Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from pandas.tseries.frequencies import to_offset

from crucible_core.runs.codecs.inline import from_text, to_text
from crucible_core.runs.codecs.pandas_types import described_labels, labels_described

if TYPE_CHECKING:
    from crucible_core.runs.codecs.pandas_columns import Columns

__all__ = ["get_index", "put_index"]

_NAME = "index"


def put_index(columns: Columns, index: pd.Index) -> dict[str, Any]:
    """Add an index to columns of Arrow and return what there is to say about it, as JSON values.

    Raises:
        TypeError: Its type, or how often its moments follow each other, cannot be kept.
        Refusal: Something in it cannot.
    """
    if isinstance(index, pd.RangeIndex):
        return {"range": [index.start, index.stop, index.step], "name": to_text(index.name)}
    if isinstance(index, pd.MultiIndex):
        said = []
        for number, (level, codes) in enumerate(zip(index.levels, index.codes, strict=True)):
            columns.put(f"{_NAME}.{number}", pd.Series(codes))
            said.append(described_labels(level))
        return {"levels": said, "names": to_text(list(index.names))}
    said_of_it = {"values": columns.put(_NAME, index), "name": to_text(index.name)}
    frequency = getattr(index, "freq", None)
    if frequency is not None and not isinstance(index, pd.PeriodIndex):
        if to_offset(frequency.freqstr) != frequency:
            raise TypeError(f"the frequency {frequency!r} of its index has no text that says everything about it")
        said_of_it["frequency"] = frequency.freqstr
    return said_of_it


def get_index(columns: Columns, said: dict[str, Any]) -> pd.Index:
    """Return the index that `put_index` described."""
    if "range" in said:
        return pd.RangeIndex(*said["range"], name=from_text(said["name"]))
    if "levels" in said:
        levels = [labels_described(each) for each in said["levels"]]
        codes = [columns.arrow[f"{_NAME}.{number}"].to_numpy() for number in range(len(levels))]
        return pd.MultiIndex(levels, codes, names=from_text(said["names"]), verify_integrity=False)
    array = columns.get(_NAME, said["values"])
    index = pd.Index(array, dtype=array.dtype, name=from_text(said["name"]), tupleize_cols=False)
    if "frequency" in said:
        index.freq = to_offset(said["frequency"])
    return index
