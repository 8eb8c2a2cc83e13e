"""``crucible schema``: the published schemas, and that of specs with the installed stages in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"
STAGES = """
    from crucible_core import Stage, StageOptions

    class Paint(Stage):
        '''Paint.'''

        name = "paint"
        version = "1.2.3"

        class Options(StageOptions):
            width: int = 3

        def run(self, context, options):
            return context

    class Raises(Stage):
        name = "raises"

        def __init__(self):
            1 / 0
"""
REGISTERS = (
    STAGES
    + """
    from crucible_core import StageRef, hookimpl

    @hookimpl
    def crucible_register_stages():
        return [StageRef("paint", target=Paint)]
"""
)


@pytest.fixture
def painted(install):
    stages = {"paint": "plug_in:Paint", "raises": "plug_in:Raises", "missing": "plug_in:Missing", "gone": "nowhere:X"}
    install("plug-in", STAGES, stages=stages)


def _refuses(schema, *, width):
    step = {"name": "paint", "options": {"width": width}}
    return not Draft202012Validator(schema).is_valid({"id": "e", "pipeline": [step]})


@pytest.mark.parametrize("kind", sorted(path.name.removesuffix(".schema.json") for path in SCHEMAS.iterdir()))
def test_every_published_schema_can_be_printed(crucible, kind):
    done = crucible("--no-plugins", "schema", kind)
    Draft202012Validator.check_schema(done.json)
    if kind != "spec":
        assert done.json == json.loads((SCHEMAS / f"{kind}.schema.json").read_bytes())


def test_the_schema_of_specs_holds_installed_stages_and_says_which_it_cannot(crucible, painted):
    done = crucible("schema")
    validator = Draft202012Validator(done.json)
    assert validator.is_valid({"id": "e", "pipeline": [{"name": "paint", "options": {"width": 1}}]})
    assert not validator.is_valid({"id": "e", "pipeline": [{"name": "paint", "options": {"width": "1"}}]})
    assert not validator.is_valid({"id": "e", "pipeline": [{"name": "guardrails", "options": {"pii": 1}}]})
    assert validator.is_valid(
        {"id": "e", "pipeline": ["gone", "plug-in:paint", {"name": "raises", "options": {"a": 1}}]}
    )
    assert not validator.is_valid({"id": "e", "pipeline": ["pant"]})
    assert "left out the options of gone" in done.err
    assert "left out the options of raises" in done.err


def test_a_schema_is_written_whole_into_a_file(crucible, project):
    done = crucible("schema", "--output", "spec.schema.json")
    assert (done.code, done.out, done.err) == (0, "", "wrote spec.schema.json\n")
    assert json.loads((project / "spec.schema.json").read_bytes())["title"] == "Experiment"
    assert crucible("schema", "--output", "no/such/place.json").code == 2


def test_a_device_is_written_to_not_replaced(crucible):
    assert crucible("schema", "run_manifest", "--output", "/dev/null").code == 0
    assert Path("/dev/null").is_char_device()


DEADLY = {
    "exits": ("import posix; posix._exit(0)", "it ends the process with exit status 0; take the exit out of its code"),
    "would exit": ("import os; os._exit(0)", "it calls os._exit(0) ("),
    "crashes": ("import os; os.abort()", "it crashes the process (SIGABRT); correct its code"),
    "hangs": ("import threading; threading.Event().wait()", "it was not done after 1 s and was killed; give it more"),
    "interrupts": ("raise KeyboardInterrupt", "it raises KeyboardInterrupt"),
}


@pytest.mark.parametrize("name", DEADLY)
def test_a_plugin_that_ends_its_process_is_named_and_the_others_are_in_the_schema(crucible, install, painted, name):
    source, said = DEADLY[name]
    install("deadly", source, stages={"dead": "deadly:X"})
    done = crucible("schema", "--timeout", "1" if name == "hangs" else "60")
    assert done.code == 0
    assert f"left out the options of dead: {said}" in done.err
    assert _refuses(done.json, width="x")
    assert not _refuses(done.json, width=1)
    assert Draft202012Validator(done.json).is_valid({"id": "e", "pipeline": ["dead"]})


def test_stages_that_hooks_offer_are_in_the_schema(crucible, install):
    install("plug-in", REGISTERS, plugins={"plug": "plug_in"})
    done = crucible("schema")
    assert (done.code, done.err) == (0, "")
    assert _refuses(done.json, width="x")


def test_hooks_that_end_their_process_are_a_note(crucible, install, painted):
    install("deadly", "import posix; posix._exit(0)", plugins={"dead": "deadly"})
    done = crucible("schema")
    assert done.code == 0
    assert "note: the hooks of deadly 1.0 are left out, and stages they offer: it ends the process" in done.err
    assert _refuses(done.json, width="x")
