"""A plugin as ``crucible plugins new`` writes it: it installs, is found, runs, and passes its own checks at once."""

from __future__ import annotations

import json
import zipfile

import pytest

NAME, STAGE = "crucible-toxicity", "toxicity"
ROWS = [{"model": "a", "score": 1}, {"model": "a", "score": 2}, {"model": "b", "score": 4}]


@pytest.fixture(scope="module")
def plugin(environment):
    """Write a plugin and install it in place."""
    environment.run("crucible", "plugins", "new", NAME)
    directory = environment.workplace / NAME
    environment.run("python", "-m", "pip", "install", "-q", "-e", directory)
    return directory


def listed(environment):
    found = json.loads(environment.run("crucible", "--strict", "plugins", "list", "--json"))
    return {each["name"]: each for each in found["plugins"]}


def test_it_is_listed(environment, plugin):
    about = listed(environment)[NAME]
    assert (about["status"], about["reason"], about["editable"]) == ("available", "", True)
    assert [stage["name"] for stage in about["stages"]] == [STAGE]
    assert about["requires_core"] == ">=0.1,<1"


def test_so_is_its_stage_with_what_it_says_of_itself(environment, plugin):
    found = json.loads(environment.run("crucible", "stages", "list", "--json"))
    (row,) = [stage for stage in found["stages"] if stage["name"] == STAGE]
    assert (row["distribution"], row["version"], row["problem"], row["weak_traits"]) == (NAME, "0.1.0", None, [])
    environment.run("crucible", "plugins", "doctor", NAME)


def test_every_option_choice_and_error_has_an_example(environment, plugin):
    about = json.loads(environment.run("crucible", "stages", "describe", STAGE, "--json"))
    examples = about["examples"]
    assert {name for each in examples for name in each["options"]} == set(about["types"])
    assert {each["options"].get("statistic") for each in examples} >= set(about["types"]["statistic"]["enum"])
    assert {each["raises"] for each in examples} == {None, *about["errors"]}


def test_an_experiment_runs_with_it(environment, plugin):
    options = {"data": "assigns.dataset", "group": "model"}
    spec = {"id": "exp", "pipeline": [{"name": STAGE, "options": options}, "report"]}
    (environment.workplace / "spec.json").write_text(json.dumps(spec))
    (environment.workplace / "rows.json").write_text(json.dumps(ROWS))
    environment.run("crucible", "run", "spec.json", "--assign", "dataset=@rows.json", "--run-id", "r")
    run = environment.workplace / "artifacts/crucible/exp/r"
    metrics = json.loads((run / "manifest.json").read_bytes())["metrics"]
    assert metrics[STAGE] == {"statistic": "mean", "rows": {"a": 2, "b": 1}, "values": {"a": 1.5, "b": 4.0}}
    assert "score by group" in next(run.rglob("*.html")).read_text()


@pytest.mark.parametrize(
    "command",
    [
        ["pytest", "-q", "-p", "no:cacheprovider"],
        ["ruff", "check", "--no-cache", "."],
        ["ruff", "format", "--check", "."],
        ["mypy", "--cache-dir=.mypy_cache"],
        ["mypy", "--strict", "--cache-dir=.mypy_cache", "crucible_toxicity"],
    ],
    ids=" ".join,
)
def test_it_passes_its_own_checks(environment, plugin, command):
    environment.run("python", "-m", *command, cwd=plugin)


def test_its_wheel_holds_the_package_and_nothing_else_works_as_well_and_leaves_when_told(
    environment, environment_at, plugin, tmp_path
):
    environment.run("python", "-m", "pip", "wheel", "-q", "-w", tmp_path, plugin)
    (wheel,) = tmp_path.glob("*.whl")
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert sorted(names) == [f"crucible_toxicity/{file}" for file in ("__init__.py", "py.typed", "stages.py")]
    fresh = environment_at(tmp_path / "venv", tmp_path)
    fresh.run("python", "-m", "pip", "install", "-q", wheel)
    assert listed(fresh)[NAME]["editable"] is False
    fresh.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=plugin)
    fresh.run("python", "-m", "pip", "uninstall", "-q", "-y", NAME)
    assert NAME not in listed(fresh)
