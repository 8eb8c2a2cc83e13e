"""Read tables from JSON: a list of objects, or one object a line."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn, TextIO

from crucible_datasets.errors import DatasetError
from crucible_datasets.table import Table, check_columns
from crucible_datasets.text_file import open_text

_MOST_SHOWN = 60  # characters of a wrong row that a message shows


def read_jsonl(path: Path, *, encoding: str = "utf-8", limit: int | None = None) -> Table:
    """Read a file of JSON objects, one a line; blank lines are skipped, nothing after ``limit`` rows is read.

    Raises:
        DatasetError: ``empty_file``, ``malformed_file``, ``row_not_object``, ``non_finite_number``,
            ``duplicate_columns``, ``bad_encoding`` or ``unknown_encoding``; each names the line.
    """
    with open_text(path, encoding) as text:
        rows = list(islice(_lines(text, path), limit))
    if not rows:
        raise DatasetError("empty_file", f"{path} is empty; it must hold one JSON object a line")
    return _table(rows)


def read_json(path: Path, *, encoding: str = "utf-8", limit: int | None = None) -> Table:
    """Read a file that holds one JSON list of objects; the whole of it is parsed, whatever the limit.

    Raises:
        DatasetError: As `read_jsonl`; ``row_not_object`` also where the file holds no list.
    """
    with open_text(path, encoding) as text:
        content = text.read()
    if not content.strip():
        raise DatasetError("empty_file", f"{path} is empty; it must hold a JSON list of objects")
    found = _parsed(content, str(path))
    if not isinstance(found, list):
        raise DatasetError(
            "row_not_object",
            f"{path} holds {_kind(found)}, not a list of objects; for one object a line, set `format: jsonl`",
        )
    return _table([_object(row, f"{path}, item {index}") for index, row in enumerate(found[:limit])])


def _lines(text: TextIO, path: Path) -> Iterable[dict[str, Any]]:
    for number, line in enumerate(text, 1):
        if line.strip():
            place = f"{path}, line {number}"
            yield _object(_parsed(line, place, number), place, number)


def _parsed(content: str, place: str, line: int | None = None) -> Any:
    def refuse(written: str) -> NoReturn:
        raise DatasetError(
            "non_finite_number",
            f"{place}: {written} is no JSON number; write null for a missing value",
            **_at(line),
        )

    def finite(written: str) -> float:
        number = float(written)
        return number if math.isfinite(number) else refuse(written)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(found := dict(pairs)) < len(pairs):
            check_columns((key for key, _ in pairs), place)
        return found

    try:
        return json.loads(content, parse_constant=refuse, parse_float=finite, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        where = f"column {error.colno}" if line else f"line {error.lineno}, column {error.colno}"
        raise DatasetError(
            "malformed_file", f"{place}, {where}: {error.msg}; not JSON", line=line or error.lineno, column=error.colno
        ) from error
    except RecursionError as error:
        raise DatasetError(
            "malformed_file", f"{place}: nested too deeply to be a row of a table", **_at(line)
        ) from error


def _object(row: Any, place: str, line: int | None = None) -> dict[str, Any]:
    if not isinstance(row, dict):
        shown = json.dumps(row)[:_MOST_SHOWN]
        raise DatasetError(
            "row_not_object",
            f"{place}: a row is an object from column to value, got {_kind(row)}: {shown}",
            **_at(line),
        )
    return row


def _table(rows: list[dict[str, Any]]) -> Table:
    """Give every row every column that any row has, null where it has none."""
    columns = tuple(dict.fromkeys(key for row in rows for key in row))
    return Table(columns, [{column: row.get(column) for column in columns} for row in rows])


def _at(line: int | None) -> dict[str, int]:
    return {} if line is None else {"line": line}


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "an object"}
    return names[type(value)]
