"""Reading Parquet."""

from __future__ import annotations

import sys
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets import DatasetError, read_table


def test_values_become_those_of_python(tmp_path):
    path = tmp_path / "data.parquet"
    columns = {
        "n": [1, None],
        "x": [0.5, 2.0],
        "t": ["a", None],
        "b": [True, False],
        "l": [[1, 2], []],
        "d": [date(2026, 1, 2), None],
    }
    pq.write_table(pa.table(columns), path)
    table = read_table(path)
    assert table.columns == tuple(columns)
    assert table.rows == [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


@pytest.mark.parametrize("limit", [1, 999, 1000, 1001, 2500, 9000])
def test_a_limit_takes_the_first_rows_across_row_groups(tmp_path, limit):
    path = tmp_path / "data.pq"
    pq.write_table(pa.table({"n": range(2500)}), path, row_group_size=1000)
    assert [row["n"] for row in read_table(path, limit=limit).rows] == list(range(min(limit, 2500)))


def test_no_rows(tmp_path):
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"n": pa.array([], pa.int64())}), path)
    with pytest.raises(DatasetError) as caught:
        read_table(path)
    assert caught.value.code == "no_rows"


def test_two_columns_of_one_name(tmp_path):
    path = tmp_path / "data.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), path)
    with pytest.raises(DatasetError) as caught:
        read_table(path)
    assert caught.value.code == "duplicate_columns"


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"PAR1", b"PAR1 nothing of the kind PAR1"])
def test_what_is_no_parquet(tmp_path, content):
    path = tmp_path / "data.parquet"
    path.write_bytes(content)
    with pytest.raises(DatasetError) as caught:
        read_table(path)
    assert caught.value.code == "malformed_file"


def test_without_pyarrow_the_error_says_what_to_type(tmp_path, monkeypatch):
    path = tmp_path / "data.parquet"
    pq.write_table(pa.table({"n": [1]}), path)
    for name in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(DatasetError, match="type: pip install pyarrow") as caught:
        read_table(path)
    assert caught.value.code == "missing_package"
