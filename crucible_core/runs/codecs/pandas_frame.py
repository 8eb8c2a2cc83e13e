"""Data frames, series and indexes of pandas as Parquet."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

import pandas as pd
import pyarrow as pa

from crucible_core.runs.codecs.inline import from_text, searched_in, to_text
from crucible_core.runs.codecs.pandas_columns import Columns
from crucible_core.runs.codecs.pandas_indexes import get_index, put_index
from crucible_core.runs.codecs.pandas_types import described_labels, labels_described
from crucible_core.runs.codecs.parquet import read_table, same_tables, write_table, write_texts
from crucible_core.runs.codecs.plain import as_text
from crucible_core.runs.codecs.refusal import Refusal

__all__ = ["PandasFrame"]

_SAID = b"crucible:pandas"


class PandasFrame:
    """Writes frames, series and indexes with their types, names, attributes and labels of any kind.

    The columns are called by their number in the file, and what Parquet has no form for is said beside them.
    """

    name = "pandas"
    suffix = ".parquet"

    def write(self, value: Any, stream: BinaryIO) -> None:
        """Write a frame, a series or an index.

        Raises:
            TypeError: It has a column whose type cannot be kept.
            Refusal: Something in it cannot.
        """
        write_table(_as_table(value), stream)

    def read(self, stream: BinaryIO) -> Any:
        """Read it."""
        return _as_value(read_table(stream))

    def verify(self, value: Any, stream: BinaryIO) -> None:
        """Read what was written, and compare what would be written of that.

        Raises:
            ValueError: Parquet made something else of it.
        """
        table, back = _as_table(value), read_table(stream)
        different = same_tables(table, back) or same_tables(table, _as_table(_as_value(back)))
        if different:
            raise ValueError(f"Parquet brings {_called(value, different)} back as something else")

    def write_plain(self, value: Any, stream: BinaryIO) -> None:
        """Write what may hold texts, without compression."""
        with searched_in(stream):
            table = _as_table(value)
        write_texts(table, stream)


def _as_table(value: Any) -> pa.Table:
    columns = Columns()
    said: dict[str, Any] = {"type": _type_name(value)}
    length = len(value)
    if isinstance(value, pd.Index):
        said["index"] = put_index(columns, value)
    else:
        said["index"] = put_index(columns, value.index)
        said["attrs"] = to_text(value.attrs)
        said["duplicates"] = value.flags.allows_duplicate_labels
    if isinstance(value, pd.DataFrame):
        said["labels"] = described_labels(value.columns)
        said["columns"] = [
            _put(columns, number, label, value.iloc[:, number]) for number, label in enumerate(value.columns)
        ]
    elif isinstance(value, pd.Series):
        said["name"] = to_text(value.name)
        said["columns"] = [_put(columns, 0, value.name, value)]
    schema = {_SAID: as_text({**said, "length": length}).encode("utf-8", "backslashreplace")}
    names, arrays = list(columns.arrow), list(columns.arrow.values())
    return pa.Table.from_arrays(arrays, names=names).replace_schema_metadata(schema)


def _put(columns: Columns, number: int, label: Any, values: pd.Series) -> dict[str, Any]:
    try:
        return columns.put(str(number), values)
    except Refusal as refusal:
        raise refusal.within(label) from None
    except (TypeError, ValueError) as error:
        raise TypeError(f"column {label!r}: {error}") from error


def _called(value: Any, name: str) -> str:
    """Return what a person calls a column of Arrow."""
    number = name.partition(".")[0]
    known = number.isdecimal() and isinstance(value, pd.DataFrame)
    return f"column {value.columns[int(number)]!r}" if known else name


def _as_value(table: pa.Table) -> Any:
    said = json.loads(table.schema.metadata[_SAID])
    columns = Columns(dict(zip(table.column_names, table.columns, strict=True)))
    index = get_index(columns, said["index"])
    if said["type"] == "Index":
        return index
    arrays = [columns.get(str(number), each) for number, each in enumerate(said["columns"])]
    series = [pd.Series(array, index=index, copy=False, dtype=array.dtype) for array in arrays]
    if said["type"] == "Series":
        (value,) = series
        value.name = from_text(said["name"])
    else:
        value = pd.DataFrame(dict(enumerate(series)), index=index, copy=False)
        value.columns = labels_described(said["labels"])
    value.attrs = from_text(said["attrs"])
    if not said["duplicates"]:
        value = value.set_flags(allows_duplicate_labels=False)
    return value


def _type_name(value: Any) -> str:
    if isinstance(value, pd.Index):
        return "Index"
    return "Series" if isinstance(value, pd.Series) else "DataFrame"
