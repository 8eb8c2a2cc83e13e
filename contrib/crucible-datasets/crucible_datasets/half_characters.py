"""Refuse texts that hold half a character, which no file and no record can be written with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_datasets.errors import DatasetError

if TYPE_CHECKING:
    from crucible_datasets.table import Table


def check_characters(table: Table, source: str) -> Table:
    r"""Return a table once every text in it is known to be made of whole characters.

    JSON can spell one half of a pair alone (``"\ud800"``, a lone surrogate), and Python's strings can hold it.

    Raises:
        DatasetError: ``bad_encoding``, with the row and the column.
    """
    for column in table.columns:
        if not _whole(column):
            raise _half(f"{source}, the name of column {column!a}", column=ascii(column))
    for index, row in enumerate(table.rows):
        for column, value in row.items():
            if not all(_whole(text) for text in _texts(value)):
                raise _half(f"{source}, row {index} (counted from 0), column {column!r}", row=index, column=column)
    return table


def _whole(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(key)
            yield from _texts(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)


def _half(where: str, **details: Any) -> DatasetError:
    message = f"{where}: the text holds half a character (a lone surrogate)"
    return DatasetError("bad_encoding", f"{message}; write the whole character, or U+FFFD in its place", **details)
