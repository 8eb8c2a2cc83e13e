"""Frames, series and indexes of pandas: every type comes back as it is, or is refused."""

from __future__ import annotations

import datetime as dt
import decimal
import json
from io import BytesIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import pandas as hpd

from crucible_core.runs.codecs import objects_in
from crucible_core.runs.codecs.pandas_frame import PandasFrame

NAN = float("nan")
DAYS = pd.date_range("2026-01-01", periods=2)
ZONED = pd.to_datetime(["2026-10-25 00:30", "2026-10-25 01:30", None]).tz_localize("UTC").tz_convert("Europe/Berlin")
LEVELS = pd.MultiIndex.from_product([["a", "b"], DAYS, pd.Categorical(["u", "v"])], names=["x", None, ("t", 1)])


def frame(**columns):
    return pd.DataFrame(columns)


def objects(*values):
    made = pd.Series([None] * len(values), dtype=object)
    for index, value in enumerate(values):
        made.iloc[index] = value
    return made


FRAMES = {
    "usual": frame(a=[1, 2], b=[0.5, NAN], c=["x", None], d=[True, False]),
    "types of numpy": frame(
        i1=np.array([1, 2], "i1"),
        u8=np.array([2**64 - 1, 0], "u8"),
        f2=np.array([1, NAN], "f2"),
        f4=np.array([0.1, NAN], "f4"),
        c=np.array([1j, complex(NAN, 1)]),
        z=[-0.0, 0.0],
    ),
    "nullable types": frame(
        i=pd.array([1, None], "Int64"),
        u=pd.array([1, None], "UInt8"),
        f=pd.array([0.1, None], "Float32"),
        b=pd.array([True, None], "boolean"),
        s=pd.array(["a", None], "string"),
        p=pd.array(["a", None], "string[pyarrow]"),
    ),
    "objects that are texts": frame(c=objects("x", None, "", "é")),
    "objects that miss in their own ways": frame(c=objects("x", NAN, None, pd.NA, pd.NaT)),
    "objects of all kinds": frame(
        c=objects(1, "x", {"a": [1]}, (1,), dt.date(2026, 1, 1), decimal.Decimal(1), b"x", np.float64(1), True)
    ),
    "lists and arrays in cells": frame(c=objects([1, 2], [], [[NAN]], {"a": (1,)})),
    "half of a surrogate pair": frame(c=objects("\ud800", "x")),
    "categories": frame(
        o=pd.Categorical(["b", "a", None], categories=["c", "b", "a"], ordered=True),
        n=pd.Categorical([3, 1, 3], categories=[3, 2, 1]),
        t=pd.Categorical(pd.to_datetime(["2026", "2025", "2026"])),
        i=pd.cut([1, 2, 3], 2),
        m=pd.Categorical([1, "x", (1,)]),
    ),
    "moments": frame(
        ns=pd.to_datetime(["2026", None]).as_unit("ns"),
        us=pd.to_datetime(["2026", None]).as_unit("us"),
        ms=pd.to_datetime(["2026", None]).as_unit("ms"),
        s=np.array(["0001-01-01", "NaT"], "M8[s]"),
        d=pd.to_timedelta([1, None]),
        ds=pd.to_timedelta([1, None], unit="s").as_unit("s"),
    ),
    "moments with zones": frame(
        b=ZONED,
        s=ZONED.as_unit("s"),
        o=ZONED.tz_convert(dt.timezone(dt.timedelta(hours=2))),
        u=ZONED.tz_convert("UTC"),
    ),
    "periods and intervals": frame(
        p=pd.array(["2026-01", None], "period[M]"),
        q=pd.period_range("2026", periods=2, freq="Q-NOV"),
        i=pd.arrays.IntervalArray.from_breaks([0, 1, 2], closed="left"),
        f=pd.arrays.IntervalArray.from_tuples([(0.0, 1.0), NAN]),
        t=pd.interval_range(pd.Timestamp("2026", tz="UTC"), periods=2),
    ),
    "types of Arrow": frame(
        i=pd.Series([1, None], dtype=pd.ArrowDtype(pa.int64())),
        l=pd.Series([[1], None], dtype=pd.ArrowDtype(pa.list_(pa.int64()))),
        t=pd.Series([dt.datetime(2026, 1, 1), None], dtype=pd.ArrowDtype(pa.timestamp("s"))),  # noqa: DTZ001
        d=pd.Series([decimal.Decimal("1.1"), None], dtype=pd.ArrowDtype(pa.decimal128(5, 2))),
    ),
    "nothing": pd.DataFrame(),
    "no columns": pd.DataFrame(index=[3, 4]),
    "no rows": frame(
        a=pd.Series([], dtype="i4"),
        o=pd.Series([], dtype=object),
        c=pd.Categorical([], categories=["x"]),
        d=pd.Series([], dtype="M8[ns]"),
        i=pd.arrays.IntervalArray.from_breaks([0.0])[:0],
    ),
    "a name twice": pd.DataFrame([[1, "a"]], columns=["a", "a"]),
    "names of several kinds": pd.DataFrame([[1, 2, 3]], columns=[0, "b", None]),
    "names that are numbers": pd.DataFrame([[1, 2]]),
    "names with a name": pd.DataFrame([[1]], columns=pd.Index(["a"], name=("n", 1))),
    "names that are days": pd.DataFrame([[1, 2]], columns=DAYS),
    "names of several levels": pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", NAN)])),
    "names that are categories": pd.DataFrame([[1, 2]], columns=pd.CategoricalIndex(["a", "b"])),
    "an index of texts": pd.DataFrame({"a": [1, 2]}, index=["x", "y"]),
    "an index of steps": pd.DataFrame({"a": [1, 2]}, index=pd.RangeIndex(5, 9, 2, name="r")),
    "an index of several levels": pd.DataFrame({"a": range(8)}, index=LEVELS),
    "a part of it": pd.DataFrame({"a": range(8)}, index=LEVELS)[2:5],
    "an index with a hole": pd.DataFrame({"a": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", 1.5), (None, NAN)])),
    "an index of tuples": pd.DataFrame({"a": [1, 2]}, index=pd.Index([("x", 1), ("y", 2)], tupleize_cols=False)),
    "an index of several kinds": pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", 3], dtype=object)),
    "an index of booleans": pd.DataFrame({"a": [1, 2]}, index=[True, False]),
    "a frequency": pd.DataFrame(
        {"a": [1, 2, 3]}, index=pd.date_range("2026", periods=3, freq="W-MON", tz="Europe/Berlin")
    ),
    "the same column twice in memory": pd.DataFrame({"a": (shared := np.arange(3.0)), "b": shared}),
}
SERIES = {
    "numbers": pd.Series([1, 2], name="n"),
    "a name that is a tuple": pd.Series([1, 2], name=("a", 1)),
    "texts": pd.Series(["a", None]),
    "categories": pd.Series(["a", "b"], dtype="category"),
    "a frequency of durations": pd.Series([1, 2, 3], index=pd.timedelta_range("1h", periods=3, freq="90min")),
    "periods": pd.Series([1, 2], index=pd.period_range("2026", periods=2, freq="Q")),
}
INDEXES = {
    "numbers": pd.Index([1, 2], name="n"),
    "texts": pd.Index(["a", "b"]),
    "steps": pd.RangeIndex(3),
    "levels": LEVELS,
    "days": pd.date_range("2026", periods=3),
    "days without frequency": pd.DatetimeIndex(["2026-01-01", "2026-01-05"]),
    "intervals": pd.interval_range(0, 3),
    "categories": pd.CategoricalIndex(["a", "b"], ordered=True),
    "nothing": pd.Index([], dtype=object),
}


def same_index(one, other):
    pd.testing.assert_index_equal(one, other, exact=True, check_exact=True)
    assert getattr(other, "freq", None) == getattr(one, "freq", None)
    assert list(map(type, other)) == list(map(type, one))
    if isinstance(one, pd.MultiIndex):
        for ours, theirs in zip(one.levels, other.levels, strict=True):
            same_index(ours, theirs)
    if isinstance(one.dtype, pd.CategoricalDtype):
        same_index(one.dtype.categories, other.dtype.categories)


def same(one, other):
    assert type(other) is type(one)
    if isinstance(one, pd.Index):
        same_index(one, other)
        return
    same_index(one.index, other.index)
    assert other.attrs == one.attrs
    assert other.flags == one.flags
    if isinstance(one, pd.DataFrame):
        same_index(one.columns, other.columns)
        for number in range(one.shape[1]):
            same_column(one.iloc[:, number], other.iloc[:, number])
    else:
        same_column(one, other)


def same_column(one, other):
    assert other.dtype == one.dtype
    assert repr(other.name) == repr(one.name)
    if one.dtype == object:
        assert repr(list(map(described, other))) == repr(list(map(described, one)))
    elif isinstance(one.dtype, np.dtype):
        assert other.to_numpy().tobytes() == one.to_numpy().tobytes()
    else:
        pd.testing.assert_series_equal(one, other, check_exact=True)
    if isinstance(one.dtype, pd.CategoricalDtype):
        same_index(one.dtype.categories, other.dtype.categories)


def described(value):
    return type(value), value


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_comes_back(kept, name):
    same(FRAMES[name], kept(FRAMES[name]))


@pytest.mark.parametrize("name", SERIES)
def test_a_series_comes_back(kept, name):
    same(SERIES[name], kept(SERIES[name]))


@pytest.mark.parametrize("name", INDEXES)
def test_an_index_comes_back(kept, name):
    same(INDEXES[name], kept(INDEXES[name]))


def test_attributes_and_flags_come_back(kept):
    value = frame(a=[1]).set_flags(allows_duplicate_labels=False)
    value.attrs = {"source": ("here", 1)}
    same(value, kept(value))


COLUMNS = [
    *hpd.columns(3, dtype=np.dtype("f8")),
    hpd.column("i", dtype=np.dtype("i8")),
    hpd.column("o", elements=st.none() | st.text() | st.integers() | st.floats(allow_nan=False), dtype=object),
    hpd.column("t", dtype=np.dtype("M8[ns]")),
]


@given(hpd.data_frames(COLUMNS))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_frame_comes_back(kept, value):
    same(value, kept(value))


def test_what_came_back_can_be_changed(kept):
    value = frame(
        i=[1, 2], f=[0.5, 1.5], t=pd.to_datetime(["2026", "2025"]), n=pd.array([1, None], "Int64"), s=["a", "b"]
    )
    back = kept(value)
    back.loc[0, :] = [7, 7.5, pd.Timestamp("2020"), 8, "z"]
    assert back.loc[0].tolist() == [7, 7.5, pd.Timestamp("2020"), 8, "z"]
    back["i"] += 1
    assert back["i"].tolist() == [8, 3]


MOMENTS = [
    pd.Timestamp("2026-01-01 01:02:03.000000004"),
    pd.Timestamp("2026-10-25 00:30", tz="UTC").tz_convert("Europe/Berlin"),
    pd.Timestamp("2026-10-25 01:30", tz="UTC").tz_convert("Europe/Berlin"),
    pd.Timestamp("0001-01-01").as_unit("s"),
    pd.Timedelta("1D 00:00:00.000000001"),
    pd.Timedelta(5, unit="s").as_unit("s"),
    pd.Period("2026Q1"),
    pd.Period("2026-01-05", freq="W-MON"),
    pd.Interval(0, 1, closed="both"),
    pd.Interval(pd.Timestamp("2025"), pd.Timestamp("2026")),
]


@pytest.mark.parametrize("value", MOMENTS, ids=repr)
def test_a_moment_comes_back(kept, value):
    (back,) = kept([value])
    assert back == value
    assert repr(back) == repr(value)
    assert getattr(back, "unit", None) == getattr(value, "unit", None)
    assert getattr(back, "fold", None) == getattr(value, "fold", None)


def test_what_is_missing_is_the_same_object(kept):
    back = kept([pd.NA, pd.NaT])
    assert back[0] is pd.NA
    assert back[1] is pd.NaT


def test_a_large_frame_is_a_file_that_others_read(values, store):
    value = frame(a=np.random.default_rng(1).random(5_000), b=["x", "y"] * 2_500)
    (ref,) = objects_in(values.encode({"a": value}))
    assert ref.suffix == ".parquet"
    assert pd.read_parquet(store.path(ref)).to_numpy().tolist() == value.to_numpy().tolist()


def test_the_same_frame_is_one_object(values, store):
    for _ in range(2):
        values.encode(frame(a=np.arange(5_000.0), b=["x", "y"] * 2_500))
    assert len(list(store.objects())) == 1


class Mine(pd.DataFrame):
    pass


REFUSED = {
    "sparse": (frame(s=pd.arrays.SparseArray([0, 0, 1])), "column 's': dtype Sparse"),
    "an object in a cell": (frame(a=[1, 2], b=objects(1, object())), "value.f.b[1] (builtins:object) "),
    "an object in an index": (pd.Series([1], index=pd.Index([object()])), "(builtins:object) "),
    "an object as a name": (pd.Series([1], name=frozenset([object()])), "(builtins:object) "),
    "an attribute": (frame(a=[1]).pipe(lambda made: made.attrs.update(k=object()) or made), "(builtins:object) "),
    "a frequency without a text": (
        pd.Series(
            [1, 2], index=pd.date_range("2026", periods=2, freq=pd.offsets.CustomBusinessDay(weekmask="Thu Fri"))
        ),
        "the frequency <CustomBusinessDay>",
    ),
    "a subclass": (Mine({"a": [1]}), ":DataFrame, which has a codec"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_not_come_back_is_refused(refused, store, name):
    value, said = REFUSED[name]
    assert said in refused({"f": value})
    assert not any(path.is_file() for path in store.directory.rglob("*"))


OTHERS = [
    frame(a=[1, 3], b=["x", "y"]),
    frame(a=[1.0, 2.0], b=["x", "y"]),
    frame(a=[1, 2], b=["x", None]),
    frame(a=[1, 2], c=["x", "y"]),
    frame(a=[1, 2], b=pd.Categorical(["x", "y"])),
    frame(a=[1, 2], b=["x", "y"]).set_index(pd.Index([0, 2])),
    frame(a=[1, 2])["a"],
]


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: str(dict(other))[:40])
def test_what_was_written_is_read_again_and_compared(other):
    """Whatever a version of pandas or pyarrow makes of a column, it is found before the value counts as kept."""
    codec, value, stream = PandasFrame(), frame(a=[1, 2], b=["x", "y"]), BytesIO()
    codec.write(value, stream)
    codec.verify(value, BytesIO(stream.getvalue()))
    with pytest.raises(ValueError, match="back as something else"):
        codec.verify(other, BytesIO(stream.getvalue()))


def test_the_description_is_json(values, store):
    (ref,) = objects_in(values.encode(frame(a=np.random.default_rng(1).random(2_000))))
    said = json.loads(pq.read_schema(store.path(ref)).metadata[b"crucible:pandas"])
    assert said["labels"]["texts"] == ["a"]
