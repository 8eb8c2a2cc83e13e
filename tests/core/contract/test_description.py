"""Descriptions: plain mappings read and everything wrong with them listed, values that nobody can change by accident."""

import json

import pytest

from crucible_core import Stage, StageExample, StageOptions, Traits
from crucible_core.contract.description import DESCRIPTION_KEYS, StageDescription
from crucible_core.contract.description_reading import description_from
from crucible_core.schemas.description_model import StageDescriptionModel

LEAST = {"name": "paint", "description": "Paint."}
FULL = {
    **LEAST,
    "schema_version": "1.0",
    "version": "1.2.3",
    "required": ["colour"],
    "optional": ["into", "coats"],
    "types": {"colour": {"enum": ["red", "blue"]}, "into": "string", "coats": "integer"},
    "defaults": {"into": "wall", "coats": 2},
    "options_schema": {"type": "object", "properties": {"colour": {"enum": ["red", "blue"]}}},
    "reads": ["outputs", "assigns.{colour}"],
    "may_read": ["metrics.*"],
    "writes": ["artifacts.{into}", "metrics.{id}"],
    "may_write": ["*"],
    "ephemeral": ["artifacts.{into}"],
    "pickled": ["assigns.brush"],
    "errors": {"dry": "The paint is dry."},
    "traits": {"determinism": "none", "network": ["example.org"], "reasons": {"determinism": "wind"}},
    "examples": [{"summary": "Red.", "options": {"colour": "red"}, "raises": None}],
    "section": "reliability.stats",
    "extensions": {"house": {"rooms": 3}},
}


def test_the_least_description():
    about = description_from(LEAST)
    assert (about.name, about.description, about.version, about.section) == ("paint", "Paint.", "0.0.0", None)
    assert about.options.names == ()
    assert about.traits == Traits()


def test_the_fullest_description_comes_back_as_it_was_given():
    document = description_from(FULL).to_dict()
    assert set(document) == set(FULL) == DESCRIPTION_KEYS
    given_traits = document.pop("traits")
    assert document == {key: value for key, value in FULL.items() if key != "traits"}
    assert {key: given_traits[key] for key in FULL["traits"]} == FULL["traits"]


def test_a_document_validates_against_its_model_and_reads_back():
    document = description_from(FULL).to_dict()
    StageDescriptionModel.model_validate(document)
    again = description_from(json.loads(json.dumps(document, allow_nan=False)))
    assert again.to_dict() == document


def test_an_example_given_as_a_mapping_is_published_like_any_other():
    examples = [{"summary": "Blue.", "options": {"colour": "blue"}, "outputs": [{"id": 1}]}, {"summary": "None."}]
    document = description_from({**FULL, "examples": examples}).to_dict()
    StageDescriptionModel.model_validate(document)
    assert document["examples"] == [
        {"summary": "Blue.", "options": {"colour": "blue"}, "raises": None},
        {"summary": "None.", "options": {}, "raises": None},
    ]


def test_an_example_that_is_none_is_named():
    with pytest.raises(ValueError, match="examples: 5 is no StageExample"):
        description_from({**LEAST, "examples": [5]})


WRONG = {
    "unknown key": ({"colour": 1}, "description has no key 'colour'"),
    "no name": ({"name": ""}, "name must be a non-empty string"),
    "blank name": ({"name": "  "}, "name must be a non-empty string"),
    "name no string": ({"name": 5}, "name must be a non-empty string"),
    "no description": ({"description": None}, "description must be a non-empty string"),
    "schema_version": ({"schema_version": "2.0"}, "schema_version must be '1.0', got '2.0'"),
    "version": ({"version": 1.0}, "version must be a non-empty string"),
    **{
        key: ({key: "text"}, f"{key} must be a list")
        for key in ("required", "optional", "reads", "may_read", "writes", "may_write", "examples")
    },
    **{
        key: ({key: ["text"]}, f"{key} must be a mapping")
        for key in ("types", "defaults", "options_schema", "errors", "extensions")
    },
    "option no string": ({"required": [["a"]]}, "the names of options are strings, got ['a']"),
    "option twice": ({"required": ["a"], "optional": ["a"], "types": {"a": "any"}}, "option 'a' is listed twice"),
    "required twice": ({"required": ["a", "a"], "types": {"a": "any"}}, "option 'a' is listed twice"),
    "option id": ({"optional": ["id"], "types": {"id": "any"}}, "an option cannot be called 'id'"),
    "no type": ({"required": ["a"], "types": {}}, "option 'a' has no type"),
    "type of nothing": ({"types": {"a": "string"}}, "type for 'a', which is not an option"),
    "no such type": ({"required": ["a"], "types": {"a": "str"}}, "type of 'a': 'str' is none of string"),
    "default of required": (
        {"required": ["a"], "types": {"a": "integer"}, "defaults": {"a": 1}},
        "default for 'a', which is not optional",
    ),
    "default of nothing": ({"defaults": {"a": 1}}, "default for 'a', which is not optional"),
    "wrong default": (
        {"optional": ["a"], "types": {"a": "integer"}, "defaults": {"a": None}},
        "default of 'a': expected an integer, got null",
    ),
    "path no string": ({"reads": [5]}, "reads: 5 is no string"),
    "path": ({"may_write": ["metric.x"]}, "may_write: 'metric.x' is not a context path"),
    "outputs key": ({"reads": ["outputs.x"]}, "reads: 'outputs.x': outputs is a list of rows and has no keys"),
    "placeholder": ({"writes": ["metrics.{name}"]}, "writes: 'metrics.{name}': there is no option 'name'"),
    "path with placeholder": ({"writes": ["metric.{id}"]}, "writes: 'metric.id' is not a context path"),
    "error without words": ({"errors": {"dry": ""}}, "errors: 'dry' must be a code with its meaning in words"),
    "error no code": ({"errors": {5: "x"}}, "errors: 5 must be a code with its meaning in words"),
    "unknown trait": ({"traits": {"colour": 1}}, "traits: got an unexpected keyword argument 'colour'"),
    "traits no mapping": ({"traits": "seeded"}, "traits: "),
    "determinism": ({"traits": {"determinism": "maybe"}}, "traits: determinism is one of bitwise, seeded, none"),
    "network": ({"traits": {"network": "example.org"}}, "traits: network is a list of hosts; got 'example.org'"),
    "reasons": ({"traits": {"reasons": ["x"]}}, "traits: reasons is a mapping"),
    "example": ({"examples": [{"options": {}}]}, "is no StageExample"),
    "section": ({"section": 5}, "section must be the path of a part of the experiment, or null"),
    "schema properties": ({"options_schema": {"properties": []}}, "options_schema.properties must be a mapping"),
    "schema required": ({"options_schema": {"required": "a"}}, "options_schema.required must be a list"),
}


@pytest.mark.parametrize(("change", "problem"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_in_a_mapping_is_said(change, problem):
    with pytest.raises(ValueError) as caught:
        description_from({**LEAST, **change})
    assert problem in str(caught.value)


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(ValueError) as caught:
        description_from({"colour": 1, "description": "x", "reads": "outputs", "traits": {"x": 1}})
    assert str(caught.value).count("; ") == 3


@pytest.mark.parametrize("given", [None, 5, "paint", [LEAST], LEAST.items()])
def test_what_is_no_description_is_said(given):
    with pytest.raises(ValueError, match=r"describe\(\) returned \w+; return a StageDescription or a mapping"):
        description_from(given)


def test_a_description_made_in_python_is_held_to_the_same():
    with pytest.raises(ValueError, match="writes: 'metric' is not a context path"):
        description_from(StageDescription("paint", "Paint.", writes=("metric",)))


def test_types_options_and_defaults_are_derived_from_the_schema():
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": ["string", "null"], "default": None}},
        "required": ["a"],
    }
    options = description_from({**LEAST, "options_schema": schema}).options
    assert (options.required, options.optional) == (("a",), ("b",))
    assert options.types == {"a": "integer", "b": {"nullable": "string"}}
    assert options.defaults == {"b": None}


def test_the_schema_is_derived_from_types():
    about = description_from({**LEAST, "required": ["a"], "types": {"a": "integer"}})
    assert about.options_schema["properties"] == {"a": {"type": "integer"}}


def test_placeholders_are_filled_in():
    about = description_from(FULL).filled({"id": "p1", "colour": "red", "into": ["wall", "door"]})
    assert about.reads == ("outputs", "assigns.red")
    assert about.writes == ("artifacts.wall", "artifacts.door", "metrics.p1")


class Described(Stage):
    """Say what it is."""

    errors = {"dry": "The paint is dry."}
    extensions = {"house": {"rooms": [1]}}
    examples = (StageExample("One.", options={"colours": ["red"]}),)

    class Options(StageOptions):
        colours: list[str] = ["red"]

    def run(self, context, options):
        return context


def test_what_is_done_to_a_document_does_not_leak_into_the_next():
    first = Described().describe().to_dict()
    expected = json.dumps(first)
    first["types"]["colours"]["list"] = "integer"
    first["defaults"]["colours"].append("blue")
    first["extensions"]["house"]["rooms"].append(2)
    first["errors"]["new"] = "x"
    first["traits"]["network"].append("x")
    first["options_schema"]["properties"].clear()
    first["examples"][0]["options"]["colours"].append("blue")
    assert json.dumps(Described().describe().to_dict()) == expected


@pytest.mark.parametrize("part", ["errors", "extensions"])
def test_a_description_itself_cannot_be_changed(part):
    with pytest.raises(TypeError, match="frozen"):
        getattr(Described().describe(), part)["new"] = "x"
