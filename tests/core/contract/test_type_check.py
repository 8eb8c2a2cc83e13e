"""Values against type specs: nothing is converted, and every message says what was expected and what was got."""

import datetime as dt
import enum
import math
from pathlib import Path
from types import MappingProxyType

import pytest
from pydantic import SecretStr

from crucible_core.contract.type_check import type_errors


class Mode(enum.Enum):
    FAST = "fast"


class Level(enum.IntEnum):
    LOW = 1


class Sub(dt.date):
    pass


FITTING = [
    ("string", ["", "a", Mode.FAST.value]),
    ("integer", [0, -1, 10**30, Level.LOW]),
    ("float", [0, 1.5, math.nan, math.inf, -1]),
    ("boolean", [True, False]),
    ("map", [{}, {"a": 1}, MappingProxyType({"a": 1})]),
    ("list", [[], (), [1, "a"], range(3), {1}, frozenset()]),
    ("path", ["a/b", Path("a")]),
    ("secret", ["", "hunter2", SecretStr("x")]),
    ("module", ["a", "a.b", "a.b:c.d", len, dict]),
    ("any", [None, object(), []]),
    ({"enum": ["fast", 1, None, True]}, ["fast", Mode.FAST, 1, None, True]),
    ({"enum": [0.5, 1.0]}, [0.5, 1]),
    ({"list": "integer"}, [[], [1], (1, 2), {1, 2}]),
    ({"map": ["string", "integer"]}, [{}, {"a": 1}]),
    ({"map": ["integer", "string"]}, [{1: "a"}, {"1": "a"}, {"-2": "a"}]),
    ({"map": ["float", "string"]}, [{0.5: "a"}, {"1e-3": "a"}]),
    ({"tuple": ["string", "integer"]}, [["a", 1], ("a", 1)]),
    ({"union": ["string", {"list": "string"}]}, ["a", ["a"]]),
    ({"nullable": "integer"}, [None, 1]),
    ({"struct": "datetime:date"}, [dt.date(2006, 1, 1), Sub(2006, 1, 1), {"year": 2006}]),
    ({"function": 1}, [abs, lambda x: x, lambda x, y=1: x, lambda *a: a, "math:sqrt", str, Sub.__init__]),
    ({"function": 0}, [dict, lambda: 1]),
]


@pytest.mark.parametrize(("spec", "value"), [(spec, value) for spec, values in FITTING for value in values])
def test_a_value_fits(spec, value):
    assert type_errors(value, spec) == []


REFUSED = [
    ("string", 1, "expected a string, got 1 (an integer)"),
    ("string", None, "expected a string, got null"),
    ("string", b"a", "expected a string, got b'a' (a bytes)"),
    ("integer", True, "expected an integer, got true (a boolean)"),
    ("integer", 1.0, "expected an integer, got 1.0 (a number)"),
    ("integer", "1", "expected an integer, got '1' (a string)"),
    ("float", False, "expected a number, got false (a boolean)"),
    ("float", "1.5", "expected a number, got '1.5' (a string)"),
    ("boolean", 0, "expected true or false, got 0 (an integer)"),
    ("boolean", "yes", "expected true or false, got 'yes' (a string)"),
    ("map", [("a", 1)], "expected a mapping with string keys, got [('a', 1)] (a list)"),
    ("map", {1: 2}, "expected a mapping with string keys, got {1: 2} (a mapping)"),
    ("list", "ab", "expected a list, got 'ab' (a string)"),
    ("list", b"ab", "expected a list, got b'ab' (a bytes)"),
    ("list", {"a": 1}, "expected a list, got {'a': 1} (a mapping)"),
    ("path", "", "expected a path, got '' (a string)"),
    ("module", "not a name", "expected the name of a Python object, as 'module:name', got 'not a name' (a string)"),
    ("module", "a:", "expected the name of a Python object, as 'module:name', got 'a:' (a string)"),
    ({"enum": ["a", "b"]}, "c", "expected one of a, b, got 'c' (a string)"),
    ({"enum": [1, 2]}, True, "expected one of 1, 2, got true (a boolean)"),
    ({"enum": [1, 2]}, 1.0, "expected one of 1, 2, got 1.0 (a number)"),
    ({"enum": [True]}, 1, "expected one of true, got 1 (an integer)"),
    ({"enum": [0.0]}, False, "expected one of 0.0, got false (a boolean)"),
    ({"enum": ["1"]}, 1, "expected one of 1, got 1 (an integer)"),
    ({"list": "integer"}, [1, "2"], "[1]: expected an integer, got '2' (a string)"),
    ({"list": {"list": "integer"}}, [[], [1, None]], "[1][1]: expected an integer, got null"),
    ({"map": ["string", "integer"]}, {"a": "b"}, "['a']: expected an integer, got 'b' (a string)"),
    ({"map": ["string", "integer"]}, {1: 1}, "key 1: expected a string, got 1 (an integer)"),
    ({"map": ["integer", "integer"]}, {"x": 1}, "key 'x': expected an integer, got 'x' (a string)"),
    ({"map": ["string", {"list": "integer"}]}, {"a": ["b"]}, "['a'][0]: expected an integer, got 'b' (a string)"),
    ({"map": ["string", "any"]}, [], "expected a mapping from strings to any values, got [] (a list)"),
    ({"tuple": ["string", "integer"]}, ["a"], "expected a list of 2 values (a string; an integer), got ['a'] (a list)"),
    ({"tuple": ["string", "integer"]}, ["a", "b"], "[1]: expected an integer, got 'b' (a string)"),
    ({"union": ["string", "integer"]}, 1.5, "expected a string or an integer, got 1.5 (a number)"),
    ({"nullable": "integer"}, "a", "expected an integer or null, got 'a' (a string)"),
    ({"nullable": {"list": "integer"}}, ["a"], "[0]: expected an integer, got 'a' (a string)"),
    ({"struct": "datetime:date"}, "2006", "expected a date or a mapping of its fields, got '2006' (a string)"),
    (
        {"function": 2},
        abs,
        f"expected a function of 2 arguments, or its name as 'module:name', got {abs!r} (a builtin_function_or_method)",
    ),
    (
        {"function": 0},
        "no name",
        "expected a function of 0 arguments, or its name as 'module:name', got 'no name' (a string)",
    ),
    ("secret", 12345678, "expected a secret (a string), got an integer, which is not shown"),
    ({"nullable": "secret"}, 1, "expected a secret (a string) or null, got an integer, which is not shown"),
    ({"list": "secret"}, ["a", 1], "[1]: expected a secret (a string), got an integer, which is not shown"),
    ({"list": "secret"}, "hunter2", "expected a list of secrets (strings), got a string, which is not shown"),
    ("secret", None, "expected a secret (a string), got null"),
]


@pytest.mark.parametrize(("spec", "value", "message"), REFUSED)
def test_a_value_that_does_not_fit_is_said_with_its_place(spec, value, message):
    assert type_errors(value, spec) == [message]


def test_every_departure_is_listed_and_long_values_are_cut():
    errors = type_errors([1, "x" * 100, None], {"list": "integer"})
    assert len(errors) == 2
    assert errors[0] == f"[1]: expected an integer, got '{'x' * 56}... (a string)"
