"""Tables of Arrow, as Parquet."""

from __future__ import annotations

import datetime as dt
import decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_core.runs.codecs import objects_in

NAN = float("nan")
TABLES = {
    "numbers": {"a": [1, 2, None], "b": [0.5, NAN, None]},
    "types of numbers": {
        "u64": pa.array([2**64 - 1], pa.uint64()),
        "f16": pa.array(np.array([NAN], "f2")),
        "f32": pa.array([NAN], pa.float32()),
        "dec": [decimal.Decimal("1.20")],
    },
    "texts and bytes": {
        "s": ["é", None],
        "l": pa.array(["x", ""], pa.large_string()),
        "b": [b"\0", None],
        "f": pa.array([b"ab", None], pa.binary(2)),
    },
    "a dictionary": {"d": pa.array(["x", "y", "x", None]).dictionary_encode()},
    "times": {
        "s": pa.array([1, None], pa.timestamp("s")),
        "ns": pa.array([1, None], pa.timestamp("ns", "Europe/Berlin")),
        "d32": [dt.date(2026, 1, 1), None],
        "d64": pa.array([86_400_000, None], pa.date64()),
        "t32": pa.array([1, None], pa.time32("s")),
        "t64": pa.array([1, None], pa.time64("ns")),
        "dur": pa.array([1, None], pa.duration("us")),
    },
    "nested": {
        "l": [[1.5, NAN, None], None],
        "s": [{"a": 1, "b": ["x"]}, None],
        "m": pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())),
        "n": pa.nulls(2),
    },
    "no rows": {"a": pa.array([], pa.string()), "b": pa.array([], pa.list_(pa.int8()))},
    "no columns": {},
}


def same(one, other):
    assert type(other) is type(one)
    assert other.schema.equals(one.schema, check_metadata=True)
    assert repr(other.to_pydict()) == repr(one.to_pydict())


@pytest.mark.parametrize("name", TABLES)
def test_a_table_comes_back(kept, name):
    value = pa.table(TABLES[name])
    same(value, kept(value))


def test_what_is_said_about_it_comes_back(kept):
    fields = [pa.field("a", pa.int64(), nullable=False, metadata={"unit": "m"}), pa.field("a", pa.string())]
    value = pa.table([[1, 2], ["x", None]], schema=pa.schema(fields, metadata={"k": "v"}))
    same(value, kept(value))


def test_chunks_do_not_matter(values, kept):
    whole = pa.table({"a": list(range(1_000))})
    cut = pa.concat_tables([whole.slice(0, 300), whole.slice(300)])
    same(whole, kept(cut))
    assert values.encode(whole) == values.encode(cut)


def test_a_large_table_is_a_file_that_others_read(values, store):
    value = pa.table({"a": np.random.default_rng(1).random(5_000), "b": ["x", "y"] * 2_500})
    (ref,) = objects_in(values.encode({"a": value}))
    assert ref.suffix == ".parquet"
    assert pq.read_table(store.path(ref)).to_pydict() == value.to_pydict()


@pytest.mark.parametrize(
    "column",
    [
        pa.array([{}], pa.struct([])),
        pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])]),
        pa.array([(1, 2, 3)], pa.month_day_nano_interval()),
        pa.RunEndEncodedArray.from_arrays([1, 2], [1, 2]),
    ],
    ids=lambda column: str(column.type)[:20],
)
def test_what_parquet_cannot_hold_is_refused(refused, store, column):
    said = refused({"t": pa.table({"a": column})})
    assert said.startswith("value.t (pyarrow.lib:Table) cannot be kept: the codec 'arrow' refuses it: ")
    assert not any(path.is_file() for path in store.directory.rglob("*"))


def test_a_column_without_a_table_has_no_codec(refused):
    assert "there is no codec for its type" in refused(pa.array([1]))
