"""A table as the readers return it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crucible_datasets.errors import DatasetError


@dataclass(frozen=True)
class Table:
    """Rows that all have the same columns.

    Args:
        columns: Names of the columns, in the order of the source.
        rows: One dict a row, its keys the columns; null is None.
    """

    columns: tuple[str, ...]
    rows: Sequence[dict[str, Any]]


def check_columns(columns: Iterable[str], where: str) -> tuple[str, ...]:
    """Return column names as a tuple.

    Raises:
        DatasetError: ``duplicate_columns``.
    """
    found: dict[str, int] = {}
    for position, column in enumerate(columns, 1):
        if column in found:
            raise DatasetError(
                "duplicate_columns",
                f"{where}: columns {found[column]} and {position} are both named {column!r}; rename one of them",
                column=column,
            )
        found[column] = position
    return tuple(found)
