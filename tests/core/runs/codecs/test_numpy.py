"""Arrays, numbers and random generators of numpy."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.extra import numpy as hnp

from crucible_core.runs.codecs import objects_in

STRUCTURED = np.dtype([("a", "i4"), ("b", "f8", (2,)), ("c", [("d", "U3"), ("e", "?")])])
ARRAYS = {
    "integers": np.arange(5),
    "large": np.random.default_rng(1).random((300, 40)),
    "no dimension": np.array(1.5),
    "nothing": np.zeros((0, 3), "i2"),
    "not-a-number and infinities": np.array([np.nan, np.inf, -np.inf, -0.0]),
    "the order of Fortran": np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    "a view that skips": np.arange(60).reshape(3, 4, 5)[::2, ::-1, 1],
    "bytes the other way round": np.array([1, 2], ">f4"),
    "texts": np.array(["a", "bé", "", "𝄞"]),
    "bytes": np.array([b"a\0b", b""]),
    "booleans": np.array([[True, False]]),
    "complex": np.array([1j, np.nan]),
    "half": np.array([0.1, np.nan], "f2"),
    "long": np.array(["0.1"], np.longdouble),
    "moments": np.array(["2026-11-24T01:02", "NaT"], "M8[m]"),
    "durations": np.array([5, "NaT"], "m8[25s]"),
    "structured": np.zeros(3, STRUCTURED),
    "structured with gaps": np.zeros(2, np.dtype({"names": ["a", "b"], "formats": ["i4", "i4"], "offsets": [0, 8]})),
    "raw": np.array([b"abc", b"xyz"], "V3"),
}


def same(one, other):
    assert type(other) is type(one)
    assert other.dtype == one.dtype
    assert other.shape == one.shape
    assert bits(other) == bits(one)


def bits(array):
    """Return the bytes of an array without those between its fields and within its long numbers, which mean nothing."""
    if array.dtype.names:
        return [bits(array[name]) for name in array.dtype.names]
    return repr(array) if array.dtype.char in "gG" else array.tobytes()


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_comes_back(kept, name):
    value = ARRAYS[name]
    back = kept(value)
    same(value, back)
    assert back.flags.f_contiguous == (value.flags.f_contiguous or value.ndim == 1)
    assert back.flags.writeable
    assert back.flags.owndata or back.base.flags.writeable


@given(hnp.arrays(hnp.scalar_dtypes() | hnp.array_dtypes(), hnp.array_shapes(min_dims=0, min_side=0)))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_array_comes_back(kept, value):
    same(value, kept(value))


def test_a_large_array_is_a_file_that_numpy_reads(values, store):
    value = ARRAYS["large"]
    (ref,) = objects_in(values.encode({"a": value}))
    assert ref.suffix == ".npy"
    assert np.array_equal(np.load(store.path(ref)), value)


def test_equal_arrays_are_one_object_however_they_lie_in_memory(values, store):
    value = np.arange(3_000)
    values.encode([value, value.copy(), np.arange(6_000)[::2] // 2])
    assert len(list(store.objects())) == 1


def test_an_array_that_is_met_twice_is_one_again(kept):
    value = np.ones(3)
    back = kept([value, {"a": value}])
    assert back[0] is back[1]["a"]


NUMBERS = [
    *(kind(1) for kind in (np.int8, np.int16, np.int32, np.int64, np.longlong)),
    *(kind(200) for kind in (np.uint8, np.uint16, np.uint32, np.uint64, np.ulonglong)),
    np.uint64(2**64 - 1),
    np.float16(0.1),
    np.float32(0.1),
    np.float64(0.1),
    np.float64("nan"),
    np.float64(-0.0),
    np.longdouble("0.1"),
    np.complex64(1j),
    np.complex128(1j),
    np.bool_(True),
    np.str_("a\0"),
    np.bytes_(b"a\0"),
    np.datetime64("2026-11-24T01", "h"),
    np.datetime64("NaT"),
    np.timedelta64(3, "W"),
    np.void(b"abc"),
    np.ones(1, STRUCTURED)[0],
]


@pytest.mark.parametrize("value", NUMBERS, ids=repr)
def test_a_number_comes_back(kept, value):
    back = kept([value])[0]
    assert type(back) is type(value)
    assert back.dtype == value.dtype
    assert bits(back) == bits(value)


@pytest.mark.parametrize("value", [np.dtype("f8"), np.dtype(">U3"), STRUCTURED, np.dtype("M8[ns]")], ids=repr)
def test_a_type_comes_back(kept, value):
    assert kept(value) == value


@pytest.mark.parametrize("bits", ["MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"])
def test_a_generator_goes_on_where_it_was(kept, bits):
    value = np.random.Generator(getattr(np.random, bits)(7))
    value.random(3)
    value.integers(0, 9, dtype="i4")
    back = kept(value)
    assert (back.random(100) == value.random(100)).all()
    assert (back.integers(0, 9, 5, dtype="i4") == value.integers(0, 9, 5, dtype="i4")).all()
    assert back.spawn(1)[0].random() == value.spawn(1)[0].random()


def test_children_of_a_generator_do_not_come_again(kept):
    value = np.random.default_rng(3)
    value.spawn(2)
    assert kept(value).spawn(1)[0].random() == value.spawn(1)[0].random()


def test_generators_that_share_their_bits_share_them_again(kept):
    bits = np.random.PCG64(1)
    one, other = kept([np.random.Generator(bits), np.random.Generator(bits)])
    assert one.bit_generator is other.bit_generator


def test_a_random_state_goes_on_where_it_was(kept):
    value = np.random.RandomState(3)
    value.normal()
    back = kept(value)
    assert (back.normal(size=10) == value.normal(size=10)).all()


def test_a_seed_comes_back(kept):
    value = np.random.SeedSequence(2**100, spawn_key=(1, 2))
    value.spawn(1)
    assert kept(value).state == value.state


REFUSED = {
    "objects": (np.array([1, None]), "dtype object holds Python objects, which only pickles could keep"),
    "objects in a field": (np.zeros(1, [("a", "O")]), "holds Python objects"),
    "what a type says beside": (np.zeros(1, np.dtype("f8", metadata={"a": 1})), "does not come back as it is"),
    "the same in a field": (
        np.zeros(1, [("a", np.dtype("f8", metadata={"a": 1}))]),
        "does not come back as it is",
    ),
    "aligned fields": (np.zeros(1, np.dtype([("a", "i1"), ("b", "f8")], align=True)), "does not come back as it is"),
    "fields that overlap": (
        np.zeros(1, np.dtype({"names": ["a", "b"], "formats": ["i4", "i4"], "offsets": [0, 2]})),
        "does not come back as it is",
    ),
    "masked": (np.ma.masked_array([1], [True]), "return it as numpy:ndarray"),
    "a matrix": (np.ones((1, 1)).view(np.matrix), "return it as numpy:ndarray"),
    "records": (np.rec.array([(1,)], dtype=[("a", "i4")]), "return it as numpy:ndarray"),
    "another subclass": (np.zeros(2).view(type("Mine", (np.ndarray,), {})), "return it as numpy:ndarray"),
}


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize("name", REFUSED)
def test_what_would_not_come_back_is_refused(refused, store, name):
    value, said = REFUSED[name]
    assert said in refused({"a": [value]})
    assert not any(path.is_file() for path in store.directory.rglob("*"))


def test_objects_may_be_pickled_where_the_stage_says_so(kept):
    back = kept({"a": np.array([1, None])}, pickled=True)["a"]
    assert back.tolist() == [1, None]


def test_a_file_with_a_pickle_in_it_is_not_read(values):
    import base64
    import io

    from crucible_core.runs.codecs import UnreadableValueError

    stream = io.BytesIO()
    np.save(stream, np.array([1, None]), allow_pickle=True)
    encoded = {"$": "coded", "codec": "numpy", "base64": base64.b64encode(stream.getvalue()).decode()}
    with pytest.raises(UnreadableValueError, match="allow_pickle=False"):
        values.decode(encoded)


def test_reading_imports_numpy_when_the_value_needs_it(values, tmp_path):
    encoded = values.encode({"a": np.arange(3), "b": 1})
    program = (
        "import sys; from pathlib import Path; from crucible_core.runs.codecs import ObjectStore, Values\n"
        "from crucible_core.plugins.builtin_codecs import BUILTIN_CODECS\n"
        f"values = Values(ObjectStore(Path({str(tmp_path)!r})), lambda: BUILTIN_CODECS)\n"
        f"values.decode([1, 2]); assert 'numpy' not in sys.modules; print(values.decode({encoded!r})['a'].sum())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "3\n"
