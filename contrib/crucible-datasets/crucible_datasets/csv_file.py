"""Read tables of comma-separated values."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, TextIO, get_args

from crucible_datasets import accepted
from crucible_datasets.cell_types import CellError, ColumnType, convert_column, infer_column
from crucible_datasets.errors import DatasetError, unknown_column
from crucible_datasets.long_cells import long_cells
from crucible_datasets.table import Table, check_columns
from crucible_datasets.text_file import open_text


def read_csv(
    path: Path,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    null_values: Collection[str] = ("",),
    types: Mapping[str, ColumnType] | None = None,
    limit: int | None = None,
) -> Table:
    """Read a CSV file (RFC 4180: quotes doubled, line ends inside quotes kept) whose first line names the columns.

    Lines without anything on them are skipped. A column whose type is not given is one of integers, floats or strings
    as `infer_column` decides from the rows that are read. Cells may be of any length. The first column may have no
    name, as the index that pandas writes has none.

    Args:
        path: The file; ``.gz`` is unpacked.
        delimiter: What separates cells.
        encoding: Name of a text encoding.
        null_values: Cells that become None.
        types: Column to the type of its values.
        limit: Number of rows at most; nothing after them is read.

    Raises:
        DatasetError: ``bad_option``, ``empty_file``, ``duplicate_columns``, ``blank_column``, ``unknown_column`` (in
            types), ``ragged_row``, ``malformed_file``, ``bad_encoding``, ``unknown_encoding`` or ``bad_value``.
    """
    _check_options(delimiter, null_values, types or {})
    with open_text(path, encoding) as text, long_cells():
        records = _records(text, path, delimiter)
        _, header = next(records, (0, None))
        if header is None:
            raise DatasetError("empty_file", f"{path} is empty; its first line must name the columns")
        columns = check_columns(_named(header, path), f"{path}, line 1")
        for column in types or ():
            if column not in columns:
                raise unknown_column(column, columns, "types")
        lines, cells = _cells(islice(records, limit), len(columns), path)
    by_column = zip(*cells, strict=True) if cells else iter(())
    values = [
        _values(column, each, lines, path, (types or {}).get(column), null_values)
        for column, each in zip(columns, by_column, strict=False)  # no cells at all: no columns of them either
    ]
    return Table(columns, [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)])


def _check_options(delimiter: str, null_values: Collection[str], types: Mapping[str, ColumnType]) -> None:
    accepted.delimiter(delimiter)
    accepted.words("null_values", null_values)
    accepted.names("types", types)
    for column, kind in types.items():
        accepted.one_of(f"types[{column!r}]", kind, get_args(ColumnType))


def _named(columns: list[str], path: Path) -> list[str]:
    for position, column in enumerate(columns[1:], 2):
        if not column.strip():
            raise DatasetError(
                "blank_column",
                f"{path}, line 1: column {position} has no name; name it, or remove it if the line ends in a delimiter",
                position=position,
            )
    return columns


def _records(text: TextIO, path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line number of each record and its cells."""
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            if record:
                yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise DatasetError(
            "malformed_file",
            f"{path}, line {line}: {error}; look for a quote that is not closed or not doubled, from this line on",
            line=line,
        ) from error


def _cells(records: Iterator[tuple[int, list[str]]], width: int, path: Path) -> tuple[list[int], list[list[str]]]:
    lines, cells = [], []
    for line, record in records:
        if len(record) != width:
            raise DatasetError(
                "ragged_row",
                f"{path}, line {line}: {len(record)} cells, but the header names {width} columns; "
                "correct the line, quote cells that hold the delimiter, or set `delimiter`",
                line=line,
                cells=len(record),
                columns=width,
            )
        lines.append(line)
        cells.append(record)
    return lines, cells


def _values(
    column: str,
    cells: tuple[str, ...],
    lines: list[int],
    path: Path,
    kind: ColumnType | None,
    null_values: Collection[str],
) -> list[Any]:
    if kind is None:
        return infer_column(cells, null_values)
    try:
        return convert_column(cells, kind, null_values)
    except CellError as error:
        raise DatasetError(
            "bad_value",
            f"{path}, line {lines[error.index]}, column {column!r}: {error.text!r} is no {kind}; "
            "correct it, list it in `null_values`, or give the column another type",
            line=lines[error.index],
            column=column,
        ) from error
