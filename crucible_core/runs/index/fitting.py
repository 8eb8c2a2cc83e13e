"""Fit what a record says into the columns of a table: it may be damaged, edited, or from another version."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_core.runs.index.schema import Table

LONGEST = 500
"""Characters of a text that are kept; the record has all of them, and databases index no longer ones."""

_LARGEST = 2**63
_EMPTY: dict[str, Any] = {"text": "", "whole": "", "integer": 0}


def fitted(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of a table from values by column; one that is missing, or of another kind than its column, is None.

    Where a column always has a value, it is empty or zero then.
    """
    row = {}
    for name, kind, required in table.columns:
        value = values.get(name)
        fit = None if value is None else _FIT[kind](value)
        row[name] = _EMPTY[kind] if fit is None and required else fit
    return row


def decoded(table: Table, row: Sequence[Any]) -> dict[str, Any]:
    """Return a row by column as every database means it: times as texts, booleans and JSON as such."""
    columns = zip(table.columns, row, strict=True)
    return {column.name: None if value is None else _DECODE[column.kind](value) for column, value in columns}


def storable(text: str) -> str:
    r"""Return a text that every database takes: without NUL, and half surrogate pairs as their escapes.

    >>> storable("a\x00b"), storable("caf\udce9")
    ('a\ufffdb', 'caf\\udce9')
    """
    if text.isascii():
        return text.replace("\0", "\ufffd") if "\0" in text else text
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\ufffd")


def storable_json(value: Any) -> Any:
    """Return JSON values with storable texts and finite numbers."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): storable_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [storable_json(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def instant(value: Any) -> str | None:
    """Return an ISO 8601 time as one in UTC with microseconds; None for what is none.

    >>> instant("2026-11-24T10:00:00+01:00")
    '2026-11-24T09:00:00.000000+00:00'
    """
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat(timespec="microseconds")
    except (TypeError, ValueError, OverflowError):
        return None


def number(value: Any) -> float | None:
    """Return a number, or what a record writes for one that JSON lacks, as a float; None for anything else."""
    if isinstance(value, str):
        return {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}.get(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _text(value: Any) -> str | None:
    if isinstance(value, (dict, list)):
        return None
    text = storable(value if isinstance(value, str) else str(value))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}\u2026"


def _integer(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and -_LARGEST <= value < _LARGEST else None


def _finite(value: Any) -> float | None:
    found = number(value)
    return found if found is not None and math.isfinite(found) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


_FIT: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "whole": lambda value: storable(value) if isinstance(value, str) else None,
    "integer": _integer,
    "number": _finite,
    "boolean": _boolean,
    "time": instant,
    "json": storable_json,
}


def _same(value: Any) -> Any:
    return value


_DECODE: dict[str, Callable[[Any], Any]] = {
    "text": _same,
    "whole": _same,
    "integer": _same,
    "number": _same,
    "boolean": bool,
    "time": instant,
    "json": lambda value: json.loads(value) if isinstance(value, str) else value,
}
