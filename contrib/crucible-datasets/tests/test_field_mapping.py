"""Selecting and renaming columns."""

from __future__ import annotations

import pytest

from crucible_datasets import DatasetError, Table, map_fields

TABLE = Table(("x", "y", "z"), [{"x": 1, "y": 2, "z": 3}])


@pytest.mark.parametrize(
    ("fields", "keep_others", "row"),
    [
        ({"input": "x"}, False, {"input": 1}),
        ({"y": "y", "x": "x"}, False, {"y": 2, "x": 1}),
        ({"input": "x", "again": "x"}, True, {"input": 1, "again": 1, "y": 2, "z": 3}),
        ({"x": "y", "y": "x"}, True, {"x": 2, "y": 1, "z": 3}),
    ],
)
def test_rows_and_columns_in_the_order_of_the_fields(fields, keep_others, row):
    table = map_fields(TABLE, fields, keep_others=keep_others)
    assert list(table.rows[0].items()) == list(row.items())
    assert table.columns == tuple(row)


def test_the_table_stays_as_it_is():
    map_fields(TABLE, {"input": "x"})
    assert TABLE.rows == [{"x": 1, "y": 2, "z": 3}]


@pytest.mark.parametrize(
    ("fields", "code", "said"),
    [
        ({"input": "X1"}, "unknown_column", "fields names the column 'X1'"),
        ({"y": "x"}, "duplicate_columns", "columns 1 and 2 are both named 'y'"),
    ],
)
def test_fields_that_do_not_fit(fields, code, said):
    with pytest.raises(DatasetError) as caught:
        map_fields(TABLE, fields, keep_others=True)
    assert caught.value.code == code
    assert said in str(caught.value)
