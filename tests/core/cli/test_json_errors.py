"""Errors of commands that were asked for JSON."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from jsonschema import Draft202012Validator

from crucible_core.cli.json_errors import JsonErrorsCommand

SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "error.schema.json"
PAINT = """
    from crucible_core import Stage

    class Paint(Stage):
        '''Paint.'''

        name = "paint"
        version = "1.2.3"

        def run(self, context, options):
            return context
"""


@pytest.fixture
def painted(install):
    install("plug-in", PAINT, stages={"paint": "plug_in:Paint"})


@pytest.fixture
def failed(crucible):
    """Run a command with ``--json``; return the one document it printed, which is an error, and how it ended."""

    def run(*arguments):
        done = crucible(*arguments, "--json")
        assert (done.err, done.out.count("\n")) == ("", 1)
        Draft202012Validator(json.loads(SCHEMA.read_bytes())).validate(done.json)
        debugged = crucible("--debug", *arguments, "--json")
        assert (debugged.code, debugged.json, "Traceback" in debugged.err) == (done.code, done.json, True)
        return done.json["error"], done.code

    return run


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["stages", "describe", "pant"], "no installed plugin offers the stage 'pant'; did you mean 'paint'?", ""),
        (["stages", "describe", "paint", "-o", "width"], "'width': write option=value, e.g. -o alpha=0.01", ""),
        (["plugins", "show", "plug-ni"], "did you mean 'plug-in'?", "crucible plugins doctor plug-in"),
        (["plugins", "show", "report"], "report: it is built in, not a plugin", "crucible stages list"),
        (["plugins", "enable", "plug-ni"], "did you mean 'plug-in'?", "crucible plugins list"),
        (["plugins", "disable", "report"], "'report' is built in", "a stage runs only where an experiment names it"),
        (["trace", "nope"], "no run 'nope': there is no run in", "--output-dir looks elsewhere"),
        (["run", "none.yaml"], "none.yaml: no such file", ""),
        (["run", "spec.yaml", "--run-id", "../x"], "run id '../x'", ""),
        (
            ["run", "spec.yaml", "--output-dir", "spec.yaml", "--run-id", "r"],
            "cannot make spec.yaml/exp",
            "choose a directory",
        ),
        (["run", "spec.yaml", "--assign", "a=@none.json"], "cannot read none.json: No such file", ""),
        (["run", "spec.yaml", "-o", "value=1"], "write stage.option=value", ""),
        (["validate", "spec.yaml", "-o", "value=1"], "write stage.option=value", ""),
        (["run", "spec.yaml", "--dry-run", "--assign", "1=2"], "write name=@file or name=value", ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_went_wrong_is_one_line_of_json(failed, spec, painted, arguments, message, hint):
    spec("Measure")
    error, code = failed(*arguments)
    assert code == 2
    assert message in error["message"]
    assert (error["hint"] or "").startswith(hint)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "give SPEC, or --resume RUN"),
        (["run", "spec.yaml", "--seed", "-1"], "Invalid value for '--seed'"),
        (["run", "spec.yaml", "--colour"], "No such option '--colour'"),
        (["validate"], "Missing argument 'SPEC'."),
        (["stages", "describe"], "Missing argument 'NAME'."),
        (["stages", "list", "--timeout", "0"], "Invalid value for '--timeout'"),
        (["plugins", "doctor", "--colour"], "No such option '--colour'"),
        (["trace", "latest", "--colour"], "No such option '--colour'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_so_is_what_is_wrong_with_the_arguments_themselves(failed, arguments, message):
    error, code = failed(*arguments)
    assert code == 2
    assert message in error["message"]


def test_each_problem_of_a_spec_that_cannot_run_has_its_place(failed, project):
    (project / "spec.yaml").write_text("id: exp\npipeline:\n  - nobody\n  - name: report\n    options: {titel: x}\n")
    error, code = failed("run", "spec.yaml")
    assert code == 2
    found = [(each["code"], each["line"], each["column"]) for each in error["problems"]]
    assert found == [("unknown_stage", 3, 5), ("invalid_options", 5, 15)]


def test_a_name_after_two_dashes_asks_for_nothing(crucible):
    done = crucible("validate", "--", "--json")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("crucible: --json: ")


@click.command(cls=JsonErrorsCommand)
@click.option("--json", "as_json", is_flag=True)
def defective(*, as_json):
    """Fail in a way that nobody foresaw."""
    raise ZeroDivisionError("division by zero")


def test_a_defect_is_told_with_its_exit_code(capsys):
    assert defective.main(["--json"], standalone_mode=False) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["error"]["message"] == "internal error: ZeroDivisionError: division by zero; report what --debug shows"
