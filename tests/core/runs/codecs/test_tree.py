"""Values of the standard library come back as they were, with the same types."""

from __future__ import annotations

import json
import math
import pickle
import struct
import subprocess
import sys
import types
from collections import Counter, OrderedDict, defaultdict, deque
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crucible_core.runs.codecs import ObjectStore, Values, objects_in
from crucible_core.runs.codecs.encoder import MAX_DEPTH, Encoder
from crucible_core.runs.codecs.plain import as_text


def shape(value):
    """Return a value as nested tuples in which every type is named and every float is its bits."""
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if kind is float:
        return name, struct.pack("<d", value) if not math.isnan(value) else "nan"
    if kind is int:
        return name, hex(value)
    if kind is complex:
        return name, shape(value.real), shape(value.imag)
    if isinstance(value, (dict, types.MappingProxyType)):
        more = getattr(value, "default_factory", None)
        return name, more, [(shape(key), shape(item)) for key, item in value.items()]
    if isinstance(value, (list, tuple, deque)):
        return name, getattr(value, "maxlen", None), [shape(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return name, sorted((shape(item) for item in value), key=repr)
    if isinstance(value, types.SimpleNamespace):
        return name, shape(vars(value))
    if isinstance(value, (datetime, time)):
        return name, value.replace(tzinfo=None, fold=0), value.fold, repr(value.tzinfo)
    return name, repr(value)


VALUES = {
    "nothing": None,
    "booleans": [True, False, 0, 1],
    "integers": [0, -1, 2**63 - 1, 2**63, -(2**63), 2**200, -(10**5000)],
    "floats": [0.1, -0.0, 5e-324, 1.7976931348623157e308, 1e22],
    "floats that JSON lacks": [float("nan"), float("inf"), float("-inf")],
    "a float that JSON lacks among others": {"loss": float("nan"), "steps": 3},
    "texts": ["", "é", '\u2028\n"\\', "\0", "𝄞", "half of a pair \ud800"],
    "a long text": "x" * 10_000,
    "tuples": [(), (1,), ((),), ([],)],
    "tuple and list": {"a": (1, 2), "b": [1, 2]},
    "sets": [set(), {1, "a", None}, frozenset(), frozenset({(1, 2), frozenset({3})}), {1.5, float("inf")}],
    "bytes": [b"", b"\0\xff", b"x" * 10_000, bytearray(b"ab"), bytearray(b"y" * 10_000)],
    "complex": [1j, complex(float("nan"), -0.0)],
    "keys that are no texts": {1: "a", None: "b", (1, 2): "c", 1.5: "d", frozenset({1}): "e"},
    "keys of two types that are equal as texts": {1: "a", "1": "b"},
    "a key that is a tag": {"$": "tuple", "items": [1]},
    "a key that is a tag, deeper": [{"a": {"$": 1}}],
    "moments": [
        datetime(2026, 11, 24, 8, 30, 1, 5),  # noqa: DTZ001 - without a zone
        datetime(2026, 11, 24, tzinfo=UTC),
        datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=-3, seconds=7), "odd")),
        datetime.max,  # noqa: DTZ901 - likewise
        date(2026, 2, 28),
        time(23, 59, 59, 999_999),
        time(1, tzinfo=timezone(timedelta(minutes=90)), fold=1),
        timedelta(days=-1, microseconds=1),
        UTC,
        ZoneInfo("UTC"),
    ],
    "exact numbers": [Decimal("1.10"), Decimal("-0"), Decimal("sNaN12"), Decimal("1E+400"), Fraction(1, 3)],
    "names": [UUID(int=5), Path("a/b"), PurePosixPath("/"), PureWindowsPath("c:\\x")],
    "ranges": [range(3), range(10, 0, -3), slice(1, None, 2)],
    "more containers": [
        OrderedDict(b=1, a=2),
        Counter("abca"),
        defaultdict(list, {"a": [1]}),
        defaultdict(None, {1: 2}),
        deque([1, (2,)], maxlen=5),
        deque(),
        types.MappingProxyType({"a": (1,)}),
        types.SimpleNamespace(a=1, b=(2,)),
    ],
    "a large tree": {f"k{index}": [index, (index,), {"x": index / 7}] for index in range(2_000)},
    "a tree around objects": [{"first": b"x" * 5_000, "second": (b"y" * 5_000,)}, ["z" * 5_000]],
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_comes_back_as_it_was(kept, name):
    assert shape(kept(VALUES[name])) == shape(VALUES[name])


def leaves():
    zones = st.sampled_from([None, UTC, ZoneInfo("Asia/Kathmandu"), timezone(timedelta(minutes=-95))])
    return st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(st.characters(codec=None)),
        st.binary(),
        st.complex_numbers(),
        st.datetimes(timezones=zones),
        st.dates(),
        st.timedeltas(),
        st.decimals().filter(lambda value: not value.is_snan()),  # which has no hash
        st.fractions(),
        st.uuids(),
    )


def hashable():
    return leaves() | st.tuples(leaves(), leaves()) | st.frozensets(leaves(), max_size=3)


def trees():
    return st.recursive(
        leaves(),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.lists(inner, max_size=4).map(tuple),
            st.dictionaries(st.text(max_size=3) | st.just("$"), inner, max_size=4),
            st.dictionaries(hashable(), inner, max_size=3),
            st.sets(hashable(), max_size=4),
            st.lists(inner, max_size=3).map(deque),
        ),
    )


@given(trees())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_tree_comes_back_as_it_was(kept, value):
    assert shape(kept(value)) == shape(value)


@given(trees())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_encoded_is_strict_json_and_encodes_again_to_the_same(values, value):
    encoded = values.encode(value)
    text = json.dumps(encoded, allow_nan=False)
    assert values.encode(values.decode(json.loads(text))) == encoded


@given(trees())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_length_of_the_text_is_never_underestimated(values, value):
    encoder = Encoder(values)
    text = as_text(encoder.whole(value))
    assert encoder.size >= len(text)


@pytest.mark.parametrize("name", VALUES)
def test_nor_is_it_of_any_of_these(values, name):
    encoder = Encoder(values)
    text = as_text(encoder.whole(VALUES[name]))
    assert encoder.size >= len(text)


def test_a_small_value_is_in_the_json_and_a_large_one_in_the_store(values, store):
    assert values.encode({"accuracy": 0.5, "n": 3}) == {"accuracy": 0.5, "n": 3}
    assert not store.directory.exists()
    encoded = values.encode(["x" * 4_096])
    assert (encoded["$"], encoded["codec"]) == ("object", "tree")
    assert [store.path(ref).is_file() for ref in objects_in(encoded)] == [True]


def test_the_limit_is_4_kib_of_text(values):
    assert values.encode(["x" * (4_096 - 4)]) == ["x" * 4_092]
    assert values.encode(["x" * (4_096 - 3)])["$"] == "object"


def test_what_comes_back_shares_nothing_with_what_was_given(values):
    value = {"rows": [1, 2], "flat": {"a": 1}}
    encoded = values.encode(value)
    value["rows"].append(3)
    value["flat"]["b"] = 2
    assert encoded == {"rows": [1, 2], "flat": {"a": 1}}
    back = values.decode(encoded)
    back["rows"].append(4)
    assert encoded["rows"] == [1, 2]
    flat = {"a": 1}
    assert values.encode(flat) is not flat
    assert values.decode(flat) is not flat


class TestShared:
    def test_a_container_that_is_met_twice_is_one_again(self, kept):
        row = {"a": 1}
        back = kept([row, row, (row, {"deep": row})])
        assert back == [row, row, (row, {"deep": row})]
        assert back[0] is back[1] is back[2][0] is back[2][1]["deep"]

    def test_containers_that_are_equal_and_not_one_stay_two(self, kept):
        back = kept([[1], [1]])
        assert back[0] is not back[1]

    def test_one_that_doubles_a_hundred_times_is_written_once_each(self, values, kept):
        value = [1]
        for _ in range(100):
            value = [value, value]
        assert len(json.dumps(values.encode(value))) < 20_000
        back = kept(value)
        for _ in range(100):
            assert back[0] is back[1]
            back = back[0]
        assert back == [1]

    def test_large_bytes_that_are_met_twice_are_one_object(self, kept, store):
        data = bytearray(b"x" * 10_000)
        back = kept({"a": data, "b": [data]})
        assert back["a"] is back["b"][0]
        assert len(list(store.objects())) == 1


class TestDepth:
    def nested(self, wrap, depth):
        value = 1
        for _ in range(depth):
            value = wrap(value)
        return value

    @pytest.mark.parametrize(
        "wrap", [lambda x: [x], lambda x: {"a": x}, lambda x: (x,), lambda x: {1: x}, lambda x: deque([x])]
    )
    def test_as_deep_as_is_allowed(self, kept, wrap):
        value = self.nested(wrap, MAX_DEPTH)
        assert kept(value) == value

    @pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 5_000, 100_000])
    def test_deeper_is_refused(self, refused, depth):
        assert f"it lies within {MAX_DEPTH} containers or more" in refused(self.nested(lambda x: [x], depth))

    def test_one_who_is_deep_in_the_stack_already_gets_the_same_kind_of_error(self, refused):
        def deeper(levels):
            return refused(self.nested(lambda x: [x], MAX_DEPTH)) if not levels else deeper(levels - 1)

        assert "nested deeper than Python can go from where it is being kept" in deeper(sys.getrecursionlimit() - 250)


def test_the_same_value_gives_the_same_text_in_another_process(tmp_path):
    """Sets come in an order that does not depend on how a process hashes texts."""
    program = (
        "import sys; from pathlib import Path; from crucible_core.runs.codecs import ObjectStore, Values\n"
        "value = {'tags': {'b', 'a', 'c', ('x', 1)}, 'more': frozenset('defghi')}\n"
        "print(Values(ObjectStore(Path(sys.argv[1])), tuple).encode(value))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", program, tmp_path],
            env={"PYTHONHASHSEED": str(seed), "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in (1, 2, 3)
    }
    assert len(texts) == 1


def test_a_state_of_a_mapping_beside_its_entries_is_kept(kept):
    value = OrderedDict(a=1)
    value.version = {"x": (1,)}
    back = kept(value)
    assert (back, back.version) == (value, {"x": (1,)})


def test_keeping_plain_values_imports_no_library_and_asks_for_no_codec(tmp_path):
    program = (
        "import sys; from pathlib import Path; from crucible_core.runs.codecs import ObjectStore, Values\n"
        f"values = Values(ObjectStore(Path({str(tmp_path)!r})), lambda: sys.exit('asked'))\n"
        "encoded = values.encode({'a': [1, (2,), {3}, float('nan'), b'x'], 'b': {1: 'x'}})\n"
        "assert values.decode(encoded)['b'] == {1: 'x'}\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint({"numpy", "pandas", "pyarrow", "torch", "pickle", "decimal", "uuid", "zoneinfo"})


def test_values_can_be_kept_by_a_process_that_was_pickled_to(store):
    """A worker makes its own from the directory."""
    assert pickle.loads(pickle.dumps(store.directory)) == store.directory
    encoded = Values(store, tuple).encode(b"x" * 9_000)
    assert Values(ObjectStore(store.directory), tuple).decode(encoded) == b"x" * 9_000
