"""Select and rename columns."""

from __future__ import annotations

from collections.abc import Mapping

from crucible_datasets.errors import unknown_column
from crucible_datasets.table import Table, check_columns


def map_fields(table: Table, fields: Mapping[str, str], *, keep_others: bool = False) -> Table:
    """Return a table whose columns are fields made from the columns of another.

    Args:
        table: The table; it stays as it is.
        fields: Name of a field to the column it is taken from; one column may serve several fields.
        keep_others: Whether columns that no field is taken from follow, under their own names.

    Raises:
        DatasetError: ``unknown_column``, or ``duplicate_columns`` where a field has the name of a column that is kept.

    Example:
        >>> map_fields(Table(("x", "y"), [{"x": 1, "y": 2}]), {"input": "x"}, keep_others=True).rows
        [{'input': 1, 'y': 2}]
    """
    for column in fields.values():
        if column not in table.columns:
            raise unknown_column(column, table.columns, "fields")
    taken = set(fields.values())
    others = [column for column in table.columns if keep_others and column not in taken]
    columns = check_columns([*fields, *others], "fields and the columns kept beside them")
    sources = [*fields.values(), *others]
    pairs = list(zip(columns, sources, strict=True))
    return Table(columns, [{field: row[column] for field, column in pairs} for row in table.rows])
