"""Tables out of nested values: metrics, rows of results, options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import NON_FINITE, as_record
from crucible_core.stages.report.model import Grid
from crucible_core.stages.report.typesetting import with_minus

if TYPE_CHECKING:
    from crucible_core.contract.report_parts import Table

METRIC_COLUMNS = ("Metric", "Value")
MAX_ROWS = 200
MAX_COLUMNS = 24
_INLINE = 8  # scalars of a list that still read well in one cell


def metric_grids(value: Any) -> tuple[Grid, ...]:
    """Return the tables that show one stage's metrics.

    Single values come first, together, under their dotted names; a mapping of like mappings and a list of mappings or
    of lists become tables of their own.

    Args:
        value: What the stage put under its id: JSON values.
    """
    singles: list[tuple[str, Any]] = []
    tables: list[Grid] = []
    _collect(value, "", singles, tables)
    if not singles:
        return tuple(tables)
    rows = tuple((name or "value", each) for name, each in singles[:MAX_ROWS])
    return (Grid(METRIC_COLUMNS, rows, total=len(singles), uniform=False), *tables)


def preview_grid(rows: Sequence[Mapping[str, Any]], most: int) -> Grid | None:
    """Return the first ``most`` rows of results as a table; None where there are none."""
    if not len(rows):
        return None
    first = [as_record(dict(row)) for row in islice(rows, most)]
    return _from_rows("", first, len(rows), heading=False)


def value_grid(title: str, columns: tuple[str, str], values: Mapping[str, Any], most: int = MAX_ROWS) -> Grid | None:
    """Return a mapping as a table of two columns, nested values in one cell; None where it is empty."""
    if not values:
        return None
    rows = tuple((str(key), as_record(value)) for key, value in islice(values.items(), most))
    return Grid(columns, rows, title, len(values), uniform=False)


def part_grid(table: Table) -> Grid:
    """Return a stage's table, the first rows of it where it is long."""
    rows = tuple(tuple(map(_typeset, as_record(list(row)[:MAX_COLUMNS]))) for row in islice(table.rows, MAX_ROWS))
    columns = tuple(str(column) for column in table.columns)
    hidden = max(0, len(columns) - MAX_COLUMNS)
    return Grid(columns[:MAX_COLUMNS], rows, str(table.title), len(table.rows), hidden, heading=_names_rows(rows))


def flattened(value: Any, path: str = "") -> Iterable[tuple[str, Any]]:
    """Give every single value in nested mappings and lists with its path: dots for keys, brackets for positions."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from flattened(each, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        for index, each in enumerate(value):
            yield from flattened(each, f"{path}[{index}]")
    else:
        yield path, value


def _collect(value: Any, path: str, singles: list[tuple[str, Any]], tables: list[Grid]) -> None:
    if isinstance(value, Mapping) and value:
        if _alike(list(value.values())):
            rows = [{"": key, **each} for key, each in value.items()]
            tables.append(_from_rows(path, rows[:MAX_ROWS], len(rows)))
            return
        for key, each in value.items():
            _collect(each, f"{path}.{key}" if path else str(key), singles, tables)
    elif isinstance(value, (list, tuple)) and value:
        _collect_list(list(value), path, singles, tables)
    else:
        singles.append((path, value))


def _collect_list(values: list[Any], path: str, singles: list[tuple[str, Any]], tables: list[Grid]) -> None:
    if all(isinstance(each, Mapping) for each in values):
        tables.append(_from_rows(path, values[:MAX_ROWS], len(values), heading=False))
    elif all(isinstance(each, (list, tuple)) for each in values):
        rows = [{str(index): cell for index, cell in enumerate(row)} for row in values[:MAX_ROWS]]
        tables.append(_from_rows(path, rows, len(values), heading=False))
    elif len(values) <= _INLINE:
        singles.append((path, values))
    else:
        rows = [{"index": index, "value": each} for index, each in enumerate(values[:MAX_ROWS])]
        tables.append(_from_rows(path, rows, len(values)))


def _alike(values: list[Any]) -> bool:
    """Tell whether these are at least two mappings of single values with the same keys: rows of one table."""
    if len(values) < 2 or not all(isinstance(each, Mapping) and each for each in values):  # noqa: PLR2004 - see above
        return False
    keys = list(values[0])
    return all(list(each) == keys for each in values) and not any(
        isinstance(cell, (Mapping, list, tuple)) for each in values for cell in each.values()
    )


def _from_rows(title: str, rows: Sequence[Mapping[str, Any]], total: int, *, heading: bool = True) -> Grid:
    names = list(dict.fromkeys(key for row in rows for key in row))
    shown = tuple(names[:MAX_COLUMNS])
    cells = tuple(tuple(row.get(name) for name in shown) for row in rows)
    return Grid(shown, cells, title, total, len(names) - len(shown), heading=heading)


def _typeset(value: Any) -> Any:
    return with_minus(value) if isinstance(value, str) and value not in NON_FINITE.values() else value


def _names_rows(rows: Sequence[Sequence[Any]]) -> bool:
    """Tell whether the first cells of all rows are words, no two the same: the names of their rows."""
    first = [row[0] for row in rows if row]
    return bool(first) and all(isinstance(each, str) for each in first) and len(set(first)) == len(first)
