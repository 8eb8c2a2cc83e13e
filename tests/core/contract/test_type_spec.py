"""The grammar of type specs is closed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crucible_core.contract.type_check import type_errors
from crucible_core.contract.type_spec import COMPOSITES, MAX_DEPTH, PRIMITIVES, is_secret, type_spec_problems
from crucible_core.contract.type_words import in_words

SPECS = st.recursive(
    st.sampled_from(PRIMITIVES)
    | st.builds(lambda members: {"enum": members}, st.lists(st.text() | st.integers() | st.none(), min_size=1))
    | st.just({"struct": "datetime:date"})
    | st.builds(lambda arity: {"function": arity}, st.integers(0, 3)),
    lambda inner: (
        st.builds(lambda item: {"list": item}, inner)
        | st.builds(lambda key, value: {"map": [key, value]}, inner, inner)
        | st.builds(lambda items: {"tuple": items}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda items: {"union": items}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda item: {"nullable": item}, inner)
    ),
    max_leaves=10,
)


@given(SPECS, st.none() | st.integers() | st.text() | st.lists(st.integers()) | st.dictionaries(st.text(), st.text()))
def test_every_spec_of_the_grammar_can_be_said_and_held_against_any_value(spec, value):
    assert type_spec_problems(spec) == []
    assert in_words(spec)
    assert all(isinstance(error, str) for error in type_errors(value, spec))


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ("str", "'str' is none of string, integer"),
        ("", "'' is none of string"),
        (None, "null is neither a type name nor a mapping with one key"),
        (1, "1 (an integer) is neither"),
        (["string"], "is neither a type name nor a mapping with one key"),
        ({}, "is neither"),
        ({"list": "string", "map": "string"}, "is neither"),
        ({"set": "string"}, f"'set' is none of {', '.join(COMPOSITES)}"),
        ({1: "string"}, "1 is none of enum"),
        ({"list": "str"}, "'str' is none of string"),
        ({"list": ["string"]}, "is neither"),
        ({"enum": []}, "enum takes a non-empty list of values, got [] (a list)"),
        ({"enum": "abc"}, "enum takes a non-empty list of values, got 'abc' (a string)"),
        ({"enum": None}, "enum takes a non-empty list of values, got null"),
        ({"enum": [["a"]]}, "enum takes a non-empty list of values"),
        ({"map": "string"}, "map takes a key and a value type, got 'string' (a string)"),
        ({"map": ["string"]}, "map takes a key and a value type"),
        ({"map": ["string", "string", "string"]}, "map takes a key and a value type"),
        ({"map": ["string", "str"]}, "'str' is none of"),
        ({"tuple": []}, "tuple takes a non-empty list of types"),
        ({"union": []}, "union takes a non-empty list of types"),
        ({"union": ["string", "nil"]}, "'nil' is none of"),
        ({"union": "string"}, "union takes a non-empty list of types"),
        ({"nullable": "nil"}, "'nil' is none of"),
        ({"struct": "Class"}, "struct takes 'module:Class', got 'Class' (a string)"),
        ({"struct": ":"}, "struct takes 'module:Class'"),
        ({"struct": "module:"}, "struct takes 'module:Class'"),
        ({"struct": int}, "struct takes 'module:Class'"),
        ({"function": -1}, "function takes its arity, got -1 (an integer)"),
        ({"function": True}, "function takes its arity, got true (a boolean)"),
        ({"function": "1"}, "function takes its arity"),
    ],
)
def test_what_is_no_spec_is_said(spec, problem):
    problems = type_spec_problems(spec)
    assert len(problems) == 1
    assert problem in problems[0]


def test_all_problems_are_listed():
    assert len(type_spec_problems({"tuple": ["str", {"list": "int"}, {"union": []}]})) == 3


def test_specs_are_only_so_deep_and_one_that_contains_itself_is_refused():
    spec = "string"
    for _ in range(MAX_DEPTH):
        spec = {"list": spec}
    assert type_spec_problems(spec) == []
    assert type_spec_problems({"list": spec}) == [f"nested deeper than {MAX_DEPTH}"]
    circle = {}
    circle["list"] = circle
    assert type_spec_problems(circle) == [f"nested deeper than {MAX_DEPTH}"]


@pytest.mark.parametrize(
    ("spec", "secret"),
    [
        ("secret", True),
        ({"nullable": "secret"}, True),
        ({"list": {"nullable": "secret"}}, True),
        ({"map": ["string", "secret"]}, True),
        ({"union": ["integer", "secret"]}, True),
        ({"tuple": ["string", "secret"]}, True),
        ("string", False),
        ({"enum": ["secret"]}, False),
        ({"struct": "secret:secret"}, False),
        (None, False),
    ],
)
def test_secrets_are_found_wherever_they_are_in_a_spec(spec, secret):
    assert is_secret(spec) is secret


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("float", "a number"),
        ("boolean", "true or false"),
        ({"enum": ["a", 1, None, True]}, "one of a, 1, null, true"),
        ({"list": "map"}, "a list of mappings"),
        ({"list": {"list": "integer"}}, "a list of items, each a list of integers"),
        ({"map": ["string", "any"]}, "a mapping from strings to any values"),
        ({"tuple": ["string"]}, "a list of 1 value (a string)"),
        ({"tuple": ["string", "float"]}, "a list of 2 values (a string; a number)"),
        ({"union": ["string", "integer"]}, "a string or an integer"),
        ({"nullable": "path"}, "a path or null"),
        ({"struct": "my.module:Deep.Config"}, "a Deep.Config or a mapping of its fields"),
        ({"function": 1}, "a function of 1 argument, or its name as 'module:name'"),
        ({"function": 0}, "a function of 0 arguments, or its name as 'module:name'"),
    ],
)
def test_a_spec_in_words(spec, words):
    assert in_words(spec) == words
