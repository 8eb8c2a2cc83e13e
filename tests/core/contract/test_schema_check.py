"""Values against the JSON Schemas that options have."""

from __future__ import annotations

import enum
import math
from pathlib import Path

import jsonschema
import pytest

from crucible_core.contract.schema_check import schema_errors

DEFINITIONS = {"Part": {"type": "object", "properties": {"size": {"type": "integer"}}, "required": ["size"]}}
SCHEMAS = {
    "number": {"type": "number", "minimum": 0, "exclusiveMaximum": 10, "multipleOf": 0.5},
    "integer": {"type": "integer", "exclusiveMinimum": 0, "maximum": 3},
    "text": {"type": "string", "minLength": 1, "maxLength": 3, "pattern": "^[a-z]+$"},
    "list": {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 1, "maxItems": 2},
    "different": {"type": "array", "uniqueItems": True},
    "tuple": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]},
    "mapping": {"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 1},
    "closed": {"type": "object", "properties": {"a": {"type": "null"}}, "additionalProperties": False},
    "keys": {"type": "object", "propertyNames": {"pattern": "^a"}},
    "part": {"$ref": "#/$defs/Part"},
    "choice": {"enum": [1, "all", None]},
    "constant": {"const": True},
    "either": {"anyOf": [{"type": "integer", "minimum": 5}, {"type": "string"}]},
    "both": {"allOf": [{"type": "integer"}, {"minimum": 5}]},
    "kinds": {"type": ["integer", "null"]},
    "but": {"type": "integer", "not": {"multipleOf": 2}},
}
VALUES = [
    *(None, True, False, 0, 1, 3, 4, 5, 10, -1, 0.5, 0.25, 9.5, 1.0, "", "a", "abcd", "A", "all"),
    *([], [1], [1.5, -1], [1, 2, 3], [1, 1], [1, "a"], ["a", 1], {}, {"a": 1}, {"a": None}, {"b": 1}, {"a": 1, "b": 2}),
    *({"size": 1}, {"size": "1"}),
]


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_is_refused_is_what_another_validator_refuses(name):
    schema = {**SCHEMAS[name], "$defs": DEFINITIONS}
    other = jsonschema.Draft202012Validator(schema)
    for value in VALUES:
        if type(value) is float and value.is_integer():
            continue  # 1.0 is an integer in JSON Schema, and none to Crucible
        assert (not schema_errors(value, schema, DEFINITIONS)) == other.is_valid(value), (name, value)


@pytest.mark.parametrize(
    ("value", "schema", "said"),
    [
        (11, {"maximum": 10}, "must be at most 10, got 11 (an integer)"),
        ("b1", {"pattern": "^[a-z]+$"}, "must match the pattern '^[a-z]+$', got 'b1' (a string)"),
        ({"size": "x"}, SCHEMAS["part"], "['size']: must be of the type integer, got 'x' (a string)"),
        ({}, SCHEMAS["part"], "must have 'size'"),
        ({"b": 1}, SCHEMAS["closed"], "['b']: must not be there"),
    ],
)
def test_it_says_what_is_wrong_and_where(value, schema, said):
    assert schema_errors(value, schema, DEFINITIONS) == [said]


class Size(enum.Enum):
    SMALL = 1


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (math.sqrt, {"type": "string"}),
        (Path("x"), {"type": "string"}),
        ({1, 2}, {"type": "array", "maxItems": 1}),
        (Size.SMALL, {"enum": [1]}),
        (3, {"minimum": "none", "multipleOf": 0, "format": "date"}),
        ("x", {"pattern": "("}),
        (math.inf, {"type": "number"}),
        (1, True),
    ],
    ids=repr,
)
def test_what_json_does_not_have_and_what_makes_no_sense_says_nothing(value, schema):
    assert schema_errors(value, schema) == []


def test_a_schema_that_refers_to_itself_ends():
    assert schema_errors([[[]]], {"$ref": "#/$defs/A"}, {"A": {"type": "array", "items": {"$ref": "#/$defs/A"}}}) == []
    assert schema_errors(1, {"$ref": "#/$defs/A"}, {"A": {"$ref": "#/$defs/A"}}) == []
