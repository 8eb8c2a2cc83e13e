"""What ``crucible plugins new`` writes, and what it refuses to write."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from packaging.requirements import Requirement

from crucible_core import __version__
from crucible_core.cli.entry import exit_code_of
from crucible_core.plugins.new import PluginNames, render
from crucible_core.plugins.new.naming import LONGEST
from crucible_core.plugins.new.next_commands import UNKNOWN_SOURCE, core_requirement
from crucible_core.plugins.new.rendering import admitted_versions
from crucible_core.schemas.published import published_schemas, schema_document

FILES = [
    ".github/workflows/ci.yml",
    ".gitignore",
    "LICENSE",
    "README.md",
    "my_plugin/__init__.py",
    "my_plugin/py.typed",
    "my_plugin/stages.py",
    "pyproject.toml",
    "tests/test_stage.py",
]


@pytest.fixture
def new(importable, project, capsys):
    """Return a function that runs the command and returns exit code, stdout and stderr."""

    def run(*arguments: object):
        capsys.readouterr()
        code = exit_code_of(["plugins", "new", *map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def written(directory):
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())


def pyproject(directory):
    return tomllib.loads((directory / "pyproject.toml").read_text())


class TestFiles:
    def test_a_whole_distribution_is_written_and_said_to_be(self, new, project):
        code, out, err = new("my-plugin")
        assert (code, err) == (0, "")
        assert written(project / "my-plugin") == FILES
        assert out.splitlines()[: len(FILES) + 1] == ["wrote my-plugin", *(f"  {path}" for path in FILES)]

    def test_nothing_lies_beside_it(self, new, project):
        new("my-plugin")
        assert [path.name for path in project.iterdir()] == ["my-plugin"]

    def test_into_another_directory(self, new, project, tmp_path):
        assert new("my-plugin", "--directory", tmp_path)[0] == 0
        assert written(tmp_path / "my-plugin") == FILES
        assert list(project.iterdir()) == []

    def test_it_is_as_readable_as_what_the_user_makes_himself(self, new, project):
        new("my-plugin")
        (project / "own").mkdir()
        (project / "own" / "file").touch()
        made = [project / "my-plugin", project / "my-plugin" / "README.md"]
        own = [project / "own", project / "own" / "file"]
        assert [path.stat().st_mode for path in made] == [path.stat().st_mode for path in own]

    def test_its_pyproject_says_what_crucible_and_the_kit_ask_for(self, new, project):
        new("my-plugin", "--stage", "summary")
        document = pyproject(project / "my-plugin")
        about = document["project"]
        assert about["name"] == "my-plugin"
        assert about["entry-points"] == {"crucible.stages": {"summary": "my_plugin.stages:Summary"}}
        assert (about["license"], about["requires-python"], "crucible" in about["keywords"]) == ("MIT", ">=3.11", True)
        assert {Requirement(each).name for each in about["optional-dependencies"]["dev"]} == {"mypy", "pytest", "ruff"}
        assert document["tool"]["crucible"]["conformance"] == {"suite": "0.1"}
        assert document["tool"]["mypy"]["strict"] is True

    def test_ci_checks_style_types_and_tests_on_every_python(self, new, project):
        new("my-plugin")
        (job,) = yaml.safe_load((project / "my-plugin/.github/workflows/ci.yml").read_text())["jobs"].values()
        assert job["strategy"]["matrix"] == {"python": ["3.11", "3.12", "3.13"]}
        assert job["steps"][1]["with"]["python-version"] == "${{ matrix.python }}"
        commands = [step["run"] for step in job["steps"] if "run" in step]
        assert commands[1:] == ["ruff check .", "ruff format --check .", "mypy", "pytest"]
        assert re.search(r'"crucible-core @ \$CRUCIBLE_CORE" -e', commands[0])

    def test_its_readme_installs_the_core_from_a_path_and_names_the_kit(self, new, project):
        new("my-plugin")
        readme = (project / "my-plugin/README.md").read_text()
        assert "pip install ../crucible ." in readme
        assert "belong to others" in readme
        assert "crucible conformance my_plugin" in readme


class TestNames:
    @pytest.mark.parametrize(
        ("name", "package", "stage"),
        [
            ("my-plugin", "my_plugin", "my_plugin"),
            ("my_plugin", "my_plugin", "my_plugin"),
            ("My.Plugin", "my_plugin", "my_plugin"),
            ("crucible-toxicity", "crucible_toxicity", "toxicity"),
            ("a1", "a1", "a1"),
            ("crucible-2d", "crucible_2d", "crucible_2d"),
            ("match", "match", "match"),
        ],
    )
    def test_package_and_stage_follow_from_the_name(self, new, project, name, package, stage):
        assert new(name)[0] == 0
        entries = pyproject(project / name)["project"]["entry-points"]["crucible.stages"]
        assert {key: value.split(".")[0] for key, value in entries.items()} == {stage: package}

    @pytest.mark.parametrize(
        ("name", "reason", "advice"),
        [
            ("", "a name has letters", "my-plugin"),
            ("my plugin!", "a name has letters", "my-plugin"),
            ("../plugin", "a name has letters", "plugin"),
            ("plugin-", "a name has letters", "plugin"),
            ("überprüfung", "a name has letters", "berpr-fung"),
            ("1a", "begin with a digit", "crucible-1a"),
            ("class", "a keyword of Python", "crucible-class"),
            ("random", "hide the module random of Python's standard library", "crucible-random"),
            ("Jinja2", "hide the installed package jinja2 of Jinja2", "crucible-jinja2"),
            ("PyYAML", "a distribution of that name is installed, and it is no plugin", "crucible-pyyaml"),
            ("pytest", "hide the module pytest that working on the plugin needs", "crucible-pytest"),
            ("tests", "the directory 'tests'", "crucible-tests"),
            ("crucible", "hide Crucible's own crucible", "my-crucible"),
            ("crucible-core", "hide Crucible's own crucible_core", "my-crucible-core"),
            ("Crucible_Bench", "hide Crucible's own crucible_bench", "my-crucible-bench"),
            ("a" * (LONGEST + 1), f"it has {LONGEST + 1} characters, {LONGEST} are the most", "a" * (LONGEST - 9)),
        ],
    )
    def test_a_name_that_would_not_work_is_refused_with_one_that_would(self, new, project, name, reason, advice):
        code, out, err = new("--", name)
        assert (code, out) == (2, "")
        first, second = err.splitlines()
        assert first.startswith(f"crucible: {name!r} cannot be the name of a plugin: ")
        assert reason in first
        assert second == f"  choose another, such as {advice}"
        assert list(project.iterdir()) == []
        assert new(advice)[0] == 0

    @pytest.mark.parametrize(
        ("stage", "reason", "advice"),
        [
            ("report", "the core has one of that name", "my_plugin"),
            ("bench", "crucible-bench", "my_plugin"),
            ("taken", "the installed acme-one has one of that name", "my_plugin"),
            ("Two Words", "snake_case", "two_words"),
            ("2d", "snake_case", "d"),
            ("", "snake_case", "my_plugin"),
            ("a" * (LONGEST + 1), "characters", "my_plugin"),
        ],
    )
    def test_so_is_the_name_of_a_stage(self, new, importable, project, stage, reason, advice):
        importable.add_good("acme-one", "taken")
        code, _, err = new("my-plugin", "--stage", stage)
        first, second = err.splitlines()
        assert code == 2
        assert first.startswith(f"crucible: {stage!r} cannot be the name of a stage: ")
        assert reason in first
        assert second == f"  choose another, such as --stage {advice}"
        assert list(project.iterdir()) == []
        assert new("my-plugin", "--stage", advice)[0] == 0

    def test_the_name_of_a_stage_that_is_switched_off_is_taken_all_the_same(self, new, importable, project):
        importable.add_good("acme-one", "taken")
        (project / "crucible.toml").write_text('[plugins]\ndisabled = ["acme-one"]\n')
        assert new("my-plugin", "--stage", "taken")[0] == 2

    def test_a_package_that_somebody_installed_is_not_hidden(self, new, importable):
        importable.add("acme-tools", modules={"acme/__init__.py": "", "acme/one.py": ""})
        code, _, err = new("acme")
        assert code == 2
        assert "its package 'acme' would hide the installed package acme" in err

    def test_a_plugin_may_be_written_anew_while_it_is_installed(self, new, importable):
        importable.add_good("my-plugin")
        assert new("my-plugin")[0] == 0

    def test_what_only_lies_in_the_working_directory_hides_nothing(self, new, project, monkeypatch):
        monkeypatch.syspath_prepend("")
        (project / "acme").mkdir()
        (project / "acme" / "__init__.py").touch()
        assert new("acme", "--stage", "one")[2].startswith("crucible: acme is there already")
        assert new("acme", "--directory", project / "acme")[0] == 0


PLACES = {
    "a directory with something in it": lambda path: (path.mkdir(), (path / "mine").touch()),
    "an empty directory": Path.mkdir,
    "a file": Path.touch,
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
}


class TestPlaces:
    @pytest.mark.parametrize("make", PLACES.values(), ids=PLACES)
    def test_nothing_is_written_over(self, new, project, make):
        make(project / "my-plugin")
        before = sorted(path.name for path in project.rglob("*"))
        code, out, err = new("my-plugin")
        assert (code, out) == (2, "")
        assert err.splitlines()[0] == "crucible: my-plugin is there already, and nothing is written over it"
        assert sorted(path.name for path in project.rglob("*")) == before

    def test_a_parent_that_is_not_there(self, new, project):
        code, _, err = new("my-plugin", "--directory", "some where")
        assert (code, err.splitlines()) == (
            2,
            [
                "crucible: cannot write some where/my-plugin: there is no directory 'some where'",
                "  mkdir -p 'some where'",
            ],
        )
        assert list(project.iterdir()) == []

    def test_a_parent_that_is_a_file(self, new, project):
        (project / "file").touch()
        code, _, err = new("my-plugin", "--directory", "file")
        assert code == 2
        assert "cannot write file/my-plugin: file is no directory" in err

    def test_a_parent_that_cannot_be_written_into(self, new, project):
        place = project / "place"
        place.mkdir()
        place.chmod(0o555)
        if os.access(place, os.W_OK):  # modes do not hold for root; the kernel's own file systems do
            place = Path("/sys")
        code, _, err = new("my-plugin", "--directory", place)
        assert code == 2
        assert err.startswith(f"crucible: cannot write {place}/my-plugin: ")
        assert err.splitlines()[1] == "  choose another place with --directory"


def test_json_has_the_published_shape(new, project):
    code, out, err = new("my-plugin", "--stage", "summary", "--json")
    document = json.loads(out)
    Draft202012Validator(schema_document(published_schemas()["plugins_new"])).validate(document)
    assert (code, err, document["files"]) == (0, "", FILES)
    assert {key: document[key] for key in ("distribution", "package", "stage", "directory")} == {
        "distribution": "my-plugin",
        "package": "my_plugin",
        "stage": "summary",
        "directory": "my-plugin",
    }
    assert document["next"][-1] == ".venv/bin/crucible plugins list"


def test_a_refusal_is_json_where_json_was_asked_for(new):
    code, out, err = new("class", "--json")
    assert (code, err) == (2, "")
    assert json.loads(out)["error"]["hint"] == "choose another, such as crucible-class"


class TestNextCommands:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ({"url": "file://{root}/a%20b", "dir_info": {"editable": True}}, "{root}/a b"),
            ({"url": "file://{root}/gone.whl", "archive_info": {}}, UNKNOWN_SOURCE),
            (
                {"url": "https://forge.test/crucible", "vcs_info": {"vcs": "git", "commit_id": "1f2e"}},
                "crucible-core @ git+https://forge.test/crucible@1f2e",
            ),
            (None, UNKNOWN_SOURCE),
        ],
        ids=["a checkout", "a file that was removed", "a repository", "an index"],
    )
    def test_the_core_comes_from_where_this_one_came_from(self, site, url, expected):
        (site.root / "a b").mkdir()
        origin = json.loads(json.dumps(url).replace("{root}", str(site.root)))
        site.add("crucible-core", direct_url=origin, entry_points="[console_scripts]\ncrucible = x:y\n")
        assert core_requirement([str(site.root)]) == expected.replace("{root}", str(site.root))

    def test_they_are_what_a_shell_understands(self, new, project):
        (project / "a b").mkdir()
        out = new("my-plugin", "--directory", "a b")[1]
        commands = out.partition("Next:\n")[2]
        assert commands.splitlines()[0] == "  cd 'a b/my-plugin'"
        assert subprocess.run(["bash", "-n", "-c", commands], check=False).returncode == 0


@pytest.mark.parametrize(
    ("core", "versions"),
    [("0.1.0", ">=0.1,<1"), ("1.4.2", ">=1.4,<2"), ("2.0.0rc1", ">=2.0.0rc1,<3"), ("0.2.0.dev3+g1", ">=0.2.0.dev3,<1")],
)
def test_the_bounds_on_the_core_admit_the_one_it_is_written_for(core, versions):
    assert admitted_versions(core) == versions
    assert Requirement(f"crucible-core{versions}").specifier.contains(core, prereleases=True)


NAMES = {
    "short": PluginNames("a1", "a1", "a1", "A1"),
    "middling": PluginNames("crucible-toxicity", "crucible_toxicity", "toxicity", "Toxicity"),
    "longest": PluginNames("p" * LONGEST, "p" * LONGEST, "s" * LONGEST, "S" * LONGEST),
    "short package, longest stage": PluginNames("a", "a", "s" * LONGEST, "S" * LONGEST),
    "longest package, short stage": PluginNames("p" * LONGEST, "p" * LONGEST, "s", "S"),
    "a class that the template uses": PluginNames("a", "a", "stage_error", "StageError"),
    "a class that Python uses": PluginNames("a", "a", "none", "None"),
    "a class that is built in": PluginNames("a", "a", "exception", "Exception"),
}


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
class TestEveryName:
    def test_every_file_parses(self, names):
        for path, text in render(names, __version__).items():
            if path.endswith(".py"):
                ast.parse(text, path)
            elif path.endswith(".toml"):
                tomllib.loads(text)
            elif path.endswith(".yml"):
                yaml.safe_load(text)
            assert "{{ " not in text.replace("${{ ", ""), path
            assert not text or (text.endswith("\n") and not text.endswith("\n\n")), path

    def test_the_code_has_the_style_that_its_own_configuration_asks_for(self, names, tmp_path):
        for path, text in render(names, __version__).items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        for command in (["check", "--no-cache"], ["format", "--check", "--diff"]):
            done = subprocess.run(
                [sys.executable, "-m", "ruff", *command, "."], cwd=tmp_path, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
