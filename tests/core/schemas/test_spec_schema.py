"""The schema of spec files, with the options of stages in it."""

from __future__ import annotations

import contextlib
import json
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from pydantic import BaseModel, Field

from crucible_core import Stage, StageOptions
from crucible_core.contract.description_reading import description_from
from crucible_core.schemas.published import schema_document
from crucible_core.schemas.spec import InstalledStage, spec_schema


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Node(BaseModel):
    label: str
    children: list[Node] = []


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: Annotated[int, Field(ge=1, le=9)] = 9


class Dog(BaseModel):
    kind: Literal["dog"]


class Paint(Stage):
    """Paint."""

    name = "paint"
    version = "1.0.0"

    class Options(StageOptions):
        colour: Colour = Colour.RED
        tree: Node | None = None
        pet: Annotated[Cat | Dog, Field(discriminator="kind")] = Dog(kind="dog")
        rate: Annotated[float, Field(gt=0, lt=1)] = 0.5


class Compare(Stage):
    """Compare; its options may come from a section."""

    name = "compare"
    version = "1.0.0"
    section = "reliability.stats"

    class Options(StageOptions):
        tests: list[str]


class CompareTo(Stage):
    """Compare with another; only some of its options may come from a section."""

    name = "compare_to"
    version = "1.0.0"
    section = "reliability.stats"

    class Options(StageOptions):
        tests: list[str]
        other: str


class Need(Stage):
    """Need an option."""

    name = "need"
    version = "1.0.0"

    class Options(StageOptions):
        what: str


class ByHand:
    """A stage that inherits nothing and writes its options schema in an older style."""

    def describe(self, options=None):
        return {
            "schema_version": "1.0",
            "name": "by_hand",
            "description": "By hand.",
            "version": "1.0.0",
            "required": [],
            "optional": ["size"],
            "types": {"size": "integer"},
            "defaults": {"size": 1},
            "options_schema": {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "$id": "https://example.org/by_hand",
                "type": "object",
                "properties": {"size": {"$ref": "#/definitions/size"}},
                "definitions": {"size": {"type": "integer", "minimum": 1}},
            },
        }

    def run(self, context, options):
        return context


@pytest.fixture(scope="module")
def validator():
    stages = [
        InstalledStage((kind.name, f"own:{kind.name}"), kind().describe()) for kind in (Paint, Compare, CompareTo, Need)
    ]
    stages += [
        InstalledStage(("by_hand",), description_from(ByHand().describe())),
        InstalledStage(("some-dist:paint",), Paint().describe()),
        InstalledStage(("broken", "some-dist:broken"), None),
    ]
    document = schema_document(lambda: spec_schema(stages))
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


def _spec(step):
    return {"id": "exp", "pipeline": [step]}


GOOD = [
    "paint",
    {"name": "paint"},
    {"name": "paint", "options": None},
    {"name": "paint", "options": {"colour": "blue", "rate": 0.1}},
    {"name": "paint", "options": {"tree": {"label": "a", "children": [{"label": "b", "children": []}]}}},
    {"name": "paint", "options": {"pet": {"kind": "cat", "lives": 3}}},
    {"name": "some-dist:paint", "id": "p", "options": {"rate": 0.1}, "enabled": False},
    {"name": "compare", "options": {}},
    {"name": "need", "options": {"what": "x"}},
    {"name": "compare_to", "options": {"other": "b"}},
    {"name": "by_hand", "options": {"size": 3}},
    "own:paint",
    "some-dist:broken",
    {"name": "own:paint", "options": {"rate": 0.1}},
    {"name": "broken", "options": {"anything": 1}},
    {"name": "paint", "module": None},
    {"module": "my.module:Paint", "options": {"anything": 1}},
    {"module": "my.module:Paint", "name": "paint", "options": {"anything": 1}},
    {"module": "my.module:Paint", "name": "whatever"},
]
WRONG = [
    {"name": "paint", "options": {"colour": "green"}},
    {"name": "paint", "options": {"rate": 1}},
    {"name": "paint", "options": {"rat": 0.1}},
    {"name": "paint", "options": {"tree": {"label": "a", "children": [{"name": "b"}]}}},
    {"name": "paint", "options": {"pet": {"kind": "cat", "lives": 10}}},
    {"name": "paint", "options": [1]},
    {"name": "some-dist:paint", "options": {"rat": 1}},
    {"name": "compare", "options": {"tests": 1}},
    {"name": "need", "options": {}},
    {"name": "need", "options": None},
    {"name": "need"},
    "need",
    {"name": "compare_to", "options": {"tests": ["a"]}},
    {"name": "by_hand", "options": {"size": 0}},
    {"name": "Paint"},
    {"name": "not_installed_here"},
    {"name": "not_installed_here", "module": None},
    {"name": "own:paint", "options": {"rat": 1}},
    {"module": "my.module:Paint", "name": "Whatever"},
    "not_installed_here",
    "other-dist:paint",
    {"name": "paint", "colour": "blue"},
    {"options": {}},
    {"module": None},
    3,
]


@pytest.mark.parametrize("step", GOOD, ids=str)
def test_a_good_step_validates(validator, step):
    validator.validate(_spec(step))


@pytest.mark.parametrize("step", WRONG, ids=str)
def test_a_wrong_step_does_not(validator, step):
    assert not validator.is_valid(_spec(step))


def test_an_editor_can_complete_names_with_what_they_do(validator):
    steps = validator.schema["$defs"]["StageDef"]
    for names in (steps["then"], steps["else"]["else"]["properties"]["name"]):
        assert names["enum"][:3] == ["paint", "own:paint", "compare"]
        assert names["enumDescriptions"][0] == "Paint."
        assert len(names["enum"]) == len(names["enumDescriptions"])
    complete, all_names = (set(one["enum"]) for one in (steps["then"], steps["else"]["else"]["properties"]["name"]))
    assert all_names - complete == {"need", "own:need", "compare_to", "own:compare_to"}  # those need an option


@pytest.mark.parametrize(
    ("spec", "path", "said"),
    [
        (_spec("pant"), "pipeline.0", "'pant' is not one of ['paint', "),
        (_spec({"name": "pant"}), "pipeline.0.name", "'pant' is not one of ['paint', "),
        (_spec({"name": "paint", "option": {}}), "pipeline.0", "('option' was unexpected)"),
        (_spec({"name": "paint", "options": {"rat": 1}}), "pipeline.0.options", "('rat' was unexpected)"),
        (_spec({"name": "paint", "options": {"rate": 1}}), "pipeline.0.options.rate", "maximum of 1"),
        (_spec({"name": "paint", "options": 1}), "pipeline.0.options", "1 is not of type 'object'"),
        (_spec({"name": "paint", "enabled": "no"}), "pipeline.0.enabled", "'no' is not of type 'boolean'"),
        (_spec(3), "pipeline.0", "3 is not of type 'object'"),
        ({**_spec("paint"), "tags": "a"}, "tags", "'a' is not of type 'array'"),
        ({**_spec("paint"), "baseline": {"nam": "x"}}, "baseline", "('nam' was unexpected)"),
        ({**_spec("paint"), "dataset": {"name": 1}}, "dataset.name", "1 is not of type 'string'"),
        ({**_spec("paint"), "reliability": {"stats": {"tets": []}}}, "reliability.stats", "('tets' was unexpected)"),
        (
            {**_spec("paint"), "quality_targets": {"metrics.a": {"mni": 1}}},
            "quality_targets.metrics.a",
            "('mni' was unexpected)",
        ),
        (_spec({"options": {}}), "pipeline.0", "'name' is a required property"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_told_where_it_is(validator, spec, path, said):
    error = best_match(validator.iter_errors(spec))
    assert ".".join(map(str, error.absolute_path)) == path
    assert said in error.message
    assert "any of the given schemas" not in error.message


def test_without_stages_options_are_open():
    plain = Draft202012Validator(schema_document(spec_schema))
    plain.validate(_spec({"name": "paint", "options": {"rat": 1}}))
    assert not plain.is_valid({"id": "exp", "pipeline": []})


@pytest.mark.parametrize(
    "text", ["id: exp\npipeline: [paint]", "id: exp\npipeline:\n- {name: compare, options: {tests: [a]}}"]
)
def test_what_the_schema_takes_the_reader_takes(validator, tmp_path, text):
    from crucible_core.ir import load_experiment

    path = tmp_path / "spec.yaml"
    path.write_text(text)
    experiment, document = load_experiment(path)
    validator.validate(document.data)
    validator.validate(experiment.to_dict())


@pytest.mark.parametrize(
    ("fields", "valid"),
    [
        ({"quality_targets": {"a": ">= 1"}}, False),
        ({"quality_targets": {"metrics.a": 5}}, False),
        ({"quality_targets": {"metrics.a": ">= 1"}}, True),
        ({"$schema": "s.json"}, True),
        ({"$schema": 5}, False),
    ],
    ids=str,
)
def test_schema_and_reader_agree(validator, tmp_path, fields, valid):
    from crucible_core.ir import SpecError, load_experiment

    spec = {**_spec("paint"), **fields}
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(spec))
    assert validator.is_valid(spec) is valid
    with contextlib.nullcontext() if valid else pytest.raises(SpecError):
        load_experiment(path)
