"""Rows with something wrong in one of them, or in how they are together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crucible_core.testing.bad_parts import MOST_PARTS, Spoiled, is_number, with_spoiled_parts, without_parts

_OF_THE_LAST = 2
"""Replacements that are tried for each field of the last row; all are tried in the first."""


def spoiled_rows(rows: list[Any]) -> Iterator[Spoiled]:
    """Yield versions of rows, of which there is at least one, the first of them a mapping."""
    first, others = dict(rows[0]), rows[1:]
    yield "with an empty row", [{}, *others]
    yield "with a number in the place of a row", [3, *others]
    for what, row in (*without_parts(first), *with_spoiled_parts(first, first)):
        yield f"with a row {what}", [row, *others]
    if others:
        yield from _spoiled_last(rows)
        yield "of one row", rows[:1]
        yield "with rows that are all alike", [dict(first) for _ in rows]
    yield from _zeros(rows)


def _spoiled_last(rows: list[Any]) -> Iterator[Spoiled]:
    """Yield versions in which the first row is sound: who looks at that one alone has seen nothing."""
    try:
        last = dict(rows[-1])
    except (TypeError, ValueError):
        return
    for what, row in with_spoiled_parts(last, last, _OF_THE_LAST):
        yield f"with a last row {what}", [*rows[:-1], row]
    yield "with an empty last row", [*rows[:-1], {}]


def _zeros(rows: list[Any]) -> Iterator[Spoiled]:
    names = [name for name, value in list(dict(rows[0]).items())[:MOST_PARTS] if is_number(value)]
    if names:
        yield f"with 0 in every {', '.join(map(repr, names))}", [_with_zeros(row, names) for row in rows]


def _with_zeros(row: Any, names: list[str]) -> Any:
    try:
        return {**row, **{name: type(row[name])(0) for name in names if is_number(row.get(name))}}
    except (TypeError, AttributeError):  # no mapping
        return row
