"""Option tables and JSON Schemas of options."""

import enum
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import jsonschema
import pytest
from pydantic import BaseModel, Field, SecretStr, ValidationError

from crucible_core import StageOptions
from crucible_core.contract.options import OptionTable, option_table
from crucible_core.contract.options_schema import options_schema, schema_of, schema_of_types, type_of
from crucible_core.contract.type_spec import PRIMITIVES, type_spec_problems


class Mode(enum.Enum):
    FAST = "fast"
    SLOW = "slow"


class Nested(BaseModel):
    depth: int = 1
    token: SecretStr = SecretStr("hidden")


class Options(StageOptions):
    required: int
    alpha: Annotated[float, Field(gt=0, lt=1, description="Significance level.")] = 0.05
    tags: frozenset[str] = frozenset({"b", "a", "c"})
    mode: Mode = Mode.FAST
    where: Path = Path("a/b")
    password: SecretStr = SecretStr("hunter2")
    score: Callable[[float], float] = math.sqrt
    nested: Nested = Nested()
    tests: list[str] = Field(default_factory=lambda: ["ttest"])
    kind: Literal["a", "b"] | None = None
    fill: float = math.nan
    doubled: int = Field(default_factory=lambda data: data["required"] * 2)


def test_the_table_has_a_type_for_every_option_and_json_defaults():
    table = option_table(Options)
    assert table.required == ("required",)
    assert set(table.types) == set(table.names) == set(Options.model_fields)
    assert dict(table.defaults) == {
        "alpha": 0.05,
        "tags": ("a", "b", "c"),
        "mode": "fast",
        "where": "a/b",
        "password": "**********",
        "score": "math:sqrt",
        "nested": {"depth": 1, "token": "**********"},
        "tests": ("ttest",),
        "kind": None,
        "fill": "NaN",
    }
    json.dumps(table.defaults, allow_nan=False)


def test_the_table_cannot_be_changed():
    table = option_table(Options)
    for part in (table.types, table.defaults, table.types["kind"]):
        with pytest.raises(TypeError, match="frozen"):
            part["new"] = 1


def test_the_schema_is_one_and_says_types_bounds_descriptions_and_defaults():
    schema = options_schema(Options)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["alpha"] == {
        "default": 0.05,
        "description": "Significance level.",
        "title": "Alpha",
        "type": "number",
        "exclusiveMinimum": 0,
        "exclusiveMaximum": 1,
    }
    assert schema["properties"]["score"]["default"] == "math:sqrt"
    assert schema["properties"]["score"]["format"] == "module"
    assert schema["properties"]["tags"]["default"] == ["a", "b", "c"]
    assert "hunter2" not in json.dumps(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({"required": 1, "alpha": 0.5, "mode": "slow", "where": "x", "score": "math:exp"})
    for wrong in ({}, {"required": "1"}, {"required": 1, "alpha": 1}, {"required": 1, "new": 1}):
        assert not validator.is_valid(wrong)


def test_table_and_schema_are_the_same_in_every_process():
    code = (
        "from crucible_core import StageOptions\n"
        "from crucible_core.contract.json_values import as_text\n"
        "from crucible_core.contract.options import option_table\n"
        "from crucible_core.contract.options_schema import options_schema\n"
        "class O(StageOptions):\n"
        "    a: set[str] = {'x', 'yy', 'zzz'}\n"
        "    b: dict[str, list[frozenset[int]]] = {'k': [frozenset({5, 300, 70})]}\n"
        "print(as_text([option_table(O).defaults, options_schema(O)]))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in range(4)
    }
    assert len(said) == 1
    assert said.pop().startswith(b'[{"a":["x","yy","zzz"],"b":{"k":[[300,5,70]]}}')


def test_options_are_frozen_refuse_unknown_keys_and_check_their_defaults():
    class Own(StageOptions):
        a: int = 1

    with pytest.raises(ValidationError, match="frozen"):
        Own().a = 2
    with pytest.raises(ValidationError, match="not permitted"):
        Own(b=1)
    with pytest.raises(ValidationError, match="valid number"):
        type("Wrong", (StageOptions,), {"__annotations__": {"a": float}, "a": None, "__module__": __name__})()


@pytest.mark.parametrize("field", [Field(alias="lambda"), Field(validation_alias="lambda"), Field(1.0, alias="x")])
def test_an_alias_is_refused_since_it_would_be_a_second_name(field):
    with pytest.raises(TypeError, match=r"Wrong\.lambda_ has an alias; rename the field"):
        type(
            "Wrong", (StageOptions,), {"__annotations__": {"lambda_": float}, "lambda_": field, "__module__": __name__}
        )


def test_an_option_called_id_is_refused_since_that_is_the_stages():
    with pytest.raises(TypeError, match=r"\{id\} in context paths is the stage's id"):
        type("Wrong", (StageOptions,), {"__annotations__": {"id": str}, "__module__": __name__})


@pytest.mark.parametrize("spec", [*PRIMITIVES, {"list": "string"}, {"nullable": "secret"}, {"enum": ["a", 1]}])
def test_a_spec_survives_the_way_through_json_schema(spec):
    assert type_of(schema_of(spec)) == spec


@pytest.mark.parametrize(
    ("spec", "good", "bad"),
    [
        ({"map": ["string", "integer"]}, {"a": 1}, {"a": "b"}),
        ({"tuple": ["string", "integer"]}, ["a", 1], ["a"]),
        ({"union": ["string", "integer"]}, 1, 1.5),
        ({"nullable": {"list": "float"}}, None, ["a"]),
        ({"enum": ["a", None]}, None, "b"),
        ({"struct": "a:B"}, {}, "x"),
        ({"function": 1}, "math:sqrt", 1),
        ("secret", "x", 1),
        ("any", object, None),
    ],
)
def test_the_schema_of_a_spec_admits_what_the_spec_does(spec, good, bad):
    validator = jsonschema.Draft202012Validator(schema_of(spec))
    assert validator.is_valid(good)
    assert spec == "any" or not validator.is_valid(bad)


@pytest.mark.parametrize(
    ("schema", "spec"),
    [
        ({}, "any"),
        (True, "any"),
        (None, "any"),
        ({"type": "null"}, "any"),
        ({"type": "number", "minimum": 0}, "float"),
        ({"type": ["string", "null"]}, {"nullable": "string"}),
        ({"type": ["string", "integer"]}, {"union": ["string", "integer"]}),
        ({"anyOf": [{"type": "null"}]}, {"enum": [None]}),
        ({"anyOf": []}, "any"),
        (
            {"anyOf": [{"type": "string"}, {"type": "null"}, {"type": "integer"}]},
            {"nullable": {"union": ["string", "integer"]}},
        ),
        ({"enum": [["a"]]}, "any"),
        ({"enum": []}, "any"),
        ({"type": "array"}, "list"),
        ({"type": "array", "items": True}, {"list": "any"}),
        ({"type": "object", "additionalProperties": False}, "map"),
        ({"type": "string", "format": "password"}, "secret"),
        ({"type": "string", "format": "date"}, "string"),
        ({"$ref": "#/$defs/X"}, "any"),
    ],
)
def test_a_json_schema_as_a_spec(schema, spec):
    assert type_of(schema) == spec
    assert type_spec_problems(spec) == []


def test_the_schema_of_a_table():
    table = OptionTable(("a",), ("b",), {"a": "integer", "b": "string"}, {"b": "x"})
    schema: Any = schema_of_types(table)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema == {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "string", "default": "x"}},
        "required": ["a"],
        "additionalProperties": False,
    }
