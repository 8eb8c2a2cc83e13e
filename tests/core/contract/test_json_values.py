"""JSON values strictly, and anything at all as a record."""

import copy
import datetime as dt
import enum
import json
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from crucible_core import Figure, Verdict
from crucible_core.contract.json_values import as_json, as_record, as_text
from crucible_core.contract.persistent import FrozenMap, Rows

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


class Colour(enum.Enum):
    RED = (1, 2)


class Mode(enum.StrEnum):
    FAST = "fast"


class Login(BaseModel):
    password: SecretStr
    home: Path


class Shy:
    def __repr__(self):
        raise RuntimeError("no")


@dataclass
class Own:
    x: int

    def to_dict(self):
        return {"x": self.x, "at": Path("here")}


@given(JSON)
def test_json_stays_what_it_is(value):
    assert as_json(value) == value
    assert as_record(value) == value
    assert json.loads(as_text(value)) == value


@given(JSON)
def test_a_record_is_a_copy(value):
    record = as_record([value, {"a": value}])
    assert record[0] == value
    assert not isinstance(value, (list, dict)) or record[0] is not value


RECORDED = [
    (math.nan, "NaN"),
    (math.inf, "Infinity"),
    (np.float64("-inf"), "-Infinity"),
    (np.float32(0.5), 0.5),
    (np.int64(5), 5),
    (np.bool_(True), True),
    (Mode.FAST, "fast"),
    (Colour.RED, [1, 2]),
    ({"b", "a", "c"}, ["a", "b", "c"]),
    (frozenset({3, 1}), [1, 3]),
    (Path("a/b"), "a/b"),
    (math.sqrt, "math:sqrt"),
    (dict, "builtins:dict"),
    (Login(password="x", home="/h"), {"password": "**********", "home": "/h"}),
    (SecretStr("x"), "**********"),
    (dt.date(2006, 1, 2), "2006-01-02"),
    (
        Verdict("?", True, "yes", (0, math.inf)),
        {"question": "?", "passed": True, "finding": "yes", "interval": [0.0, "Infinity"]},
    ),
    (Figure("<svg/>", "t", "a"), {"kind": "figure", "title": "t", "alt": "a", "svg": "<svg/>"}),
    (Own(1), {"x": 1, "at": "here"}),
    (FrozenMap({"a": Rows([1])}), {"a": [1]}),
    ((1, (2,)), [1, [2]]),
    ({1: {None: True}}, {"1": {"None": True}}),
    (np.arange(2), "array([0, 1])"),
    (1j, "1j"),
    (b"x", "b'x'"),
    (Shy(), "<Shy>"),
]


@pytest.mark.parametrize(("value", "record"), RECORDED, ids=lambda value: type(value).__name__)
def test_a_record_holds_what_a_value_stands_for(value, record):
    assert as_record(value) == record
    assert as_record({"within": [value]}) == {"within": [record]}
    json.dumps(as_record(value), allow_nan=False)


@pytest.mark.parametrize(
    "value", [value for value, _ in RECORDED if not isinstance(value, dict)], ids=lambda value: type(value).__name__
)
def test_a_line_says_what_the_record_says(value):
    line = as_text({"a": value})
    assert "\n" not in line
    assert json.loads(line, parse_constant=pytest.fail) == as_record({"a": value})


def test_a_value_that_contains_itself_is_recorded_by_its_repr():
    circle = {"n": 1}
    circle["self"] = circle
    circle["twice"] = [circle, circle]
    assert as_record(circle)["n"] == 1
    assert as_record(circle)["self"] == repr(circle)
    assert json.loads(as_text({"a": circle})) == as_record({"a": circle})


def test_a_value_that_is_too_deep_is_recorded_as_far_as_it_is_followed():
    deep = value = []
    for _ in range(10_000):
        value.append([])
        value = value[0]
    assert as_text(deep).startswith("[[[[")


def test_a_set_is_recorded_in_the_same_order_in_every_process():
    code = "from crucible_core.contract.json_values import as_text; print(as_text({'a': {'x', 'yy', 'zzz', 'w'}}))"
    lines = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in range(3)
    }
    assert lines == {b'{"a":["w","x","yy","zzz"]}\n'}


@pytest.mark.parametrize("value", [{1}, b"x", 1j, object(), Path("x"), math.sqrt, {"a": {2: 3}}])
def test_what_is_no_json_is_an_error_where_json_is_asked_for(value):
    with pytest.raises(TypeError, match=r"^value"):
        as_json(value)


def test_a_foreign_object_is_the_same_in_every_record():
    held = [object(), {"of a class here": type("Own", (), {})()}, [lambda: None]]
    first, second = (as_text(copy.deepcopy(held)) for _ in range(2))
    assert first == second
    assert json.loads(first)[0] == "<object object>"
    assert "0x" not in first
