"""``crucible stages`` and ``crucible validate``: what is there, what is asked, what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"
STAGE = """
    from crucible_core import Stage, StageOptions

    class Paint(Stage):
        '''Paint.'''

        name = "paint"
        version = "1.2.3"
        writes = ("assigns.{into}",)

        class Options(StageOptions):
            width: int = 3
            limit: float = float("inf")
            into: str = "picture"

        def run(self, context, options):
            return context.assign(**{options.into: 1})

    class Raises(Stage):
        name = "raises"

        def __init__(self):
            1 / 0
"""


def _valid(name, document):
    Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_bytes())).validate(document)


@pytest.fixture
def painted(install):
    stages = {"paint": "plug_in:Paint", "raises": "plug_in:Raises", "missing": "plug_in:Missing", "gone": "nowhere:X"}
    install("plug-in", STAGE, stages=stages)


def test_stages_are_listed_the_broken_among_them(crucible, painted):
    done = crucible("stages", "list", "--json")
    assert done.code == 0
    _valid("stages_list", done.json)
    listed = {stage["name"]: stage for stage in done.json["stages"]}
    assert listed["paint"]["version"] == "1.2.3"
    assert listed["paint"]["problem"] is None
    assert "division by zero" in listed["raises"]["problem"]
    assert "no attribute 'Missing'" in listed["missing"]["problem"]
    assert "'nowhere' does not exist" in listed["gone"]["problem"]


def test_the_table_of_stages_says_the_same(crucible, painted):
    out = crucible("stages", "list").out
    lines = {line.split()[0]: line.split(maxsplit=3) for line in out.splitlines()}
    assert lines["Stage"] == ["Stage", "From", "Version", "What it does"]
    assert lines["paint"] == ["paint", "plug-in", "1.2.3", "Paint."]
    assert "does not work: making and describing it: it raises ZeroDivisionError: division by zero" in out


ENDS = "import posix; posix._exit(3)"
BAD_HOOKS = "from crucible_core import hookimpl\n@hookimpl\ndef crucible_register_stages():\n    1 / 0"


def test_a_plugin_that_ends_its_process_is_listed_with_that(crucible, install):
    install("plug-in", STAGE, stages={"paint": "plug_in:Paint"})
    install("deadly", ENDS, stages={"dead": "deadly:X"})
    done = crucible("stages", "list", "--json")
    assert done.code == 0
    listed = {stage["name"]: stage["problem"] for stage in done.json["stages"]}
    assert listed["paint"] is None
    assert "it ends the process with exit status 3" in listed["dead"]
    assert crucible("--strict", "stages", "list").code == 3
    done = crucible("--strict", "stages", "list", "--json")
    assert (done.code, done.err, [*done.json]) == (3, "", ["notes", "schema_version", "stages"])


def test_a_plugin_that_does_not_answer_is_given_the_time_asked_for(crucible, install):
    install("slow", "import threading; threading.Event().wait()", stages={"slow": "slow:X"})
    done = crucible("stages", "list", "--timeout", "1")
    assert done.code == 0
    assert "it was not done after 1 s and was killed" in done.out


def test_a_hook_that_raises_is_a_note(crucible, install):
    install("plug-in", BAD_HOOKS, plugins={"plug": "plug_in"})
    done = crucible("stages", "list")
    assert done.err.startswith("note: the hooks of plug-in 1.0 are left out, and stages they offer: it raises ZeroDivi")
    done = crucible("stages", "list", "--json")
    assert (done.err, len(done.json["notes"])) == ("", 1)
    assert "note: the hooks of plug-in 1.0" in crucible("stages", "describe", "report").err


def test_a_name_that_switches_nothing_off_is_a_note(crucible, painted, monkeypatch):
    said = "which nothing installed is known by"
    done = crucible("--disable", "plug-ni", "stages", "list")
    assert f"note: the flag --disable names 'plug-ni', {said}; did you mean 'plug-in'?" in done.err
    monkeypatch.setenv("CRUCIBLE_DISABLE_PLUGINS", "nope")
    assert f"note: CRUCIBLE_DISABLE_PLUGINS names 'nope', {said}" in crucible("stages", "list").err


FACTS = """
    from typing import Annotated

    from pydantic import Field

    from crucible_core import Stage, StageOptions, hookimpl

    class Paint(Stage):
        '''Paint.'''

        name = "paint"
        version = "1.0.0"

        class Options(StageOptions):
            width: Annotated[int, Field(description="How wide,\\nin ``pixels``.")] = 3

        def run(self, context, options):
            return context

    @hookimpl
    def crucible_describe_stage(ref):
        return {"paper": "https://example.org", "year": 2006}
"""


def test_facts_that_plugins_add_and_long_texts_are_shown_in_lines(crucible, install):
    install("plug-in", FACTS, stages={"paint": "plug_in:Paint"}, plugins={"plug": "plug_in"})
    lines = crucible("stages", "describe", "paint").out.splitlines()
    assert "extension  plug-in: paper = https://example.org" in lines
    assert "extension  plug-in: year = 2006" in lines
    assert "width   an integer  3        How wide, in `pixels`." in lines


def test_a_stage_is_described(crucible, painted):
    done = crucible("stages", "describe", "paint", "--json")
    assert done.code == 0
    _valid("stage_description", done.json)
    assert done.json["writes"] == ["assigns.{into}"]
    assert "width" in crucible("stages", "describe", "plug-in:paint").out


def test_a_stage_is_described_with_options(crucible, painted):
    done = crucible("stages", "describe", "plug-in:paint", "-o", "into=sketch", "--json")
    assert done.json["writes"] == ["assigns.sketch"]


@pytest.mark.parametrize("name", ["data_checks", "guardrails", "report", "validate"])
def test_every_built_in_description_validates(crucible, name):
    _valid("stage_description", crucible("stages", "describe", name, "--json").json)
    assert crucible("stages", "describe", name).code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["paint", "-o", "widht=1"], "did you mean 'width'?"),
        (["paint", "-o", "width=x"], "expected an integer, got 'x' (a string)"),
        (["paint", "-o", "width"], "write option=value"),
        (["pant"], "did you mean 'paint'?"),
        (["raises"], "division by zero"),
        (["gone"], "'nowhere' does not exist"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_described_says_why(crucible, painted, arguments, said):
    done = crucible("stages", "describe", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_valid_plan_as_json(crucible, spec, painted):
    name = spec({"name": "paint", "options": {"width": 5}}, {"name": "validate", "enabled": False})
    done = crucible("validate", name, "--json", "-o", "s0.into=sketch")
    assert done.code == 0
    _valid("validation", done.json)
    paint, disabled = done.json["stages"]
    assert (paint["options"]["width"], paint["writes"]) == (5, ["assigns.sketch"])
    assert (disabled["enabled"], disabled["distribution"]) == (False, None)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("id: exp\npipeline:\n  - nobody", "unknown_stage", 3),
        ("id: exp\npipeline:\n  - name: paint\n    options:\n      widht: 1", "invalid_options", 5),
        ("id: exp\npipeline: [paint, paint]", "duplicate_id", 2),
        ("id: exp\npipeline:\n  - raises", "stage_unloadable", 3),
        ("id: exp\npipeline:\n  - guardrails", "missing_input", 3),
        ("id: exp\npipeline: []", "invalid_spec", 2),
        ("id: [", "invalid_spec", 1),
        ("", "invalid_spec", 1),
    ],
)
def test_an_invalid_plan_as_json(crucible, painted, project, text, code, line):
    (project / "spec.yaml").write_text(text)
    done = crucible("validate", "spec.yaml", "--json")
    assert (done.code, done.err) == (2, "")
    _valid("validation", done.json)
    problem = done.json["problems"][0]
    assert (problem["code"], problem["file"], problem["line"]) == (code, "spec.yaml", line)
    assert crucible("run", "spec.yaml", "--dry-run", "--json").json == done.json


def test_a_missing_spec_as_json(crucible):
    done = crucible("validate", "none.yaml", "--json")
    assert done.code == 2
    _valid("validation", done.json)


def test_given_values_count_as_inputs(crucible, spec):
    name = spec({"name": "guardrails", "options": {"data": "assigns.rows"}})
    assert crucible("validate", name).code == 2
    assert crucible("validate", name, "--assign", "rows=[]").code == 0


def test_warnings_do_not_keep_a_spec_from_being_valid(crucible, spec, painted):
    name = spec({"name": "paint", "options": {"widht": 1}})
    done = crucible("run", name, "--dry-run", "--validate-options", "warn")
    assert done.code == 0
    assert "widht" in done.err


@pytest.mark.parametrize("value", [".inf", "-1e400", "{a: [.nan]}"])
def test_an_option_that_is_not_finite_is_refused_on_the_command_line_too(crucible, spec, value):
    done = crucible("validate", spec("Measure"), "-o", f"s0.rate={value}")
    assert (done.code, done.out) == (2, "")
    assert "crucible: s0.rate" in done.err
    assert "expected a finite number, got " in done.err
