"""The cells of a table as text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import NON_FINITE, as_record
from crucible_core.stages.report.quantities import common_decimals, format_number, is_scientific
from crucible_core.stages.report.typesetting import MINUS

if TYPE_CHECKING:
    from crucible_core.stages.report.model import Grid

MAX_TEXT = 300
NOTHING = "\N{EN DASH}"
_NON_FINITE = frozenset(NON_FINITE.values())


@dataclass(frozen=True)
class Cell:
    """One cell: the text shown, the exact value where the text says less, and whether it is a number."""

    text: str
    exact: str | None = None
    number: bool = False


def grid_cells(grid: Grid) -> tuple[tuple[Cell, ...], ...]:
    """Return the cells of a table, row by row; numbers of one quantity get the same digits."""
    columns = zip(*grid.rows, strict=True)
    decimals = [column_decimals(column) if grid.uniform else None for column in columns]
    return tuple(tuple(cell(value, decimals[index]) for index, value in enumerate(row)) for row in grid.rows)


def cell(value: Any, decimals: int | None = None) -> Cell:
    """Return one value as a cell."""
    if value is None or value == "":
        return Cell(NOTHING)
    if isinstance(value, bool):
        return Cell("yes" if value else "no")
    if isinstance(value, (int, float)):
        text = format_number(value, decimals)
        return Cell(text, None if text.replace(MINUS, "-") == repr(value) else repr(value), number=True)
    if isinstance(value, str) and value in _NON_FINITE:
        return Cell(value.replace("-", MINUS), number=True)
    if isinstance(value, str):
        return Cell(_shortened(value), value if len(value) > MAX_TEXT else None)
    return _composite(value)


def _composite(value: Any) -> Cell:
    exact = json.dumps(as_record(value), ensure_ascii=False)
    if isinstance(value, (list, tuple)) and not any(isinstance(each, (list, tuple, dict)) for each in value):
        text = _shortened(", ".join(cell(each).text for each in value) or "none")
        return Cell(text, None if text == exact else _shortened(exact))
    if (
        isinstance(value, Mapping)
        and value
        and not any(isinstance(each, (list, tuple, dict)) for each in value.values())
    ):
        text = ", ".join(f"{name}: {cell(each).text}" for name, each in value.items())
        return Cell(_shortened(text), _shortened(exact))
    return Cell(_shortened(exact))


def column_decimals(column: Sequence[Any]) -> int | None:
    """Return the digits after the point for the floats of a column, or None where each is written for itself."""
    floats = [each for each in column if isinstance(each, float)]
    return None if any(map(is_scientific, floats)) else common_decimals(floats)


def numeric_columns(cells: Sequence[Sequence[Cell]], width: int) -> tuple[bool, ...]:
    """Tell of each column whether it holds numbers and nothing else, so that it is set to the right."""
    found = []
    for index in range(width):
        column = [row[index] for row in cells if row[index].text != NOTHING]
        found.append(bool(column) and all(each.number for each in column))
    return tuple(found)


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}… ({len(text):,} characters)"
