"""Zero false hits: whatever a result depends on, a change of it alone is a miss; and what it does not, is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest

from .conftest import OPTIONS, Project

CODE = {
    "its own module": ("acme/stages.py", 'file.write_text(f"{value}\\n")', 'file.write_text(f"{value}")'),
    "the package's __init__": ("acme/__init__.py", "UNIT = 1.0", "UNIT = 1.5"),
    "a base class": ("acme/base.py", "value + SHIFT", "value - SHIFT"),
    "what a base class imports": ("acme/of_base.py", "0.0", "0.5"),
    "a helper, imported relatively": ("acme/scaling.py", "value * factor", "value / factor"),
    "a helper of a helper": ("acme/deep.py", "1.0", "3.0"),
    "a constant": ("acme/constants.py", "2.0", "4.0"),
    "a helper, imported by *": ("acme/starred.py", "return value", "return -value"),
    "a helper, imported by its name": ("acme/by_name.py", "return value", "return -value"),
    "a helper, imported in a function": ("acme/late.py", "sum(values)", "max(values)"),
    "a subpackage": ("acme/sub/__init__.py", "import acme.sub.inner", "import acme.sub.inner  # edited"),
    "a module reached as an attribute": ("acme/sub/inner.py", "6", "1"),
    "a comment": ("acme/deep.py", "STEP = 1.0", "STEP = 1.0  # metres"),
}


@pytest.mark.parametrize("change", CODE.values(), ids=CODE)
def test_an_edit_of_its_code_is_a_miss(ran: Project, change):
    path, old, new = change
    ran.edit(f"site-packages/{path}", old, new)
    assert ran.outcome("second", *OPTIONS) == "kept"


def _same_size_and_times(project: Project) -> None:
    path = project.project / "words.txt"
    before = path.stat()
    path.write_text("Some words")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)


SURROUNDINGS: dict[str, Callable[[Project], object]] = {
    "the module of a port": lambda p: p.edit("project/ports.py", "inner.twice(value)", "inner.twice(-value)"),
    "what the module of a port imports": lambda p: p.edit("project/loose/inner.py", "2 * value", "3 * value"),
    "the content of a file": _same_size_and_times,
    "a file that is gone": lambda p: (p.project / "words.txt").unlink(),
    "the version of its distribution": lambda p: p.install(
        "acme", "acme", "1.0.1", requires="acme-numbers", entry_points="[crucible.stages]\nscore = acme.stages:Score\n"
    ),
    "the version of a dependency": lambda p: p.install("acme-numbers", "acme_numbers", "1.1.0"),
    "the files of a dependency": lambda p: (
        p.edit("site-packages/acme_numbers/__init__.py", "return value", "return +value"),
        p.install("acme-numbers", "acme_numbers", "1.0.0"),
    ),
    "its own version": lambda p: p.edit("site-packages/acme/stages.py", '"1.0.0"', '"1.0.1"'),
    "the section its options come from": lambda p: p.edit("project/spec.yaml", "weight: 1.0", "weight: 2.0"),
    "its id": lambda p: p.edit("project/spec.yaml", "- name: score", "- {name: score, id: other}"),
}


@pytest.mark.parametrize("change", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_a_change_around_it_is_a_miss(ran: Project, change, request):
    change(ran)
    options = [each.replace("score.", "other.") for each in OPTIONS] if "its id" in request.node.name else OPTIONS
    assert ran.outcome("second", *options, stage="other" if "its id" in request.node.name else "score") == "kept"


INPUTS = {
    "a number": {"data": [1, 2.5, 4]},
    "an integer that was a float": {"data": [1.0, 2.5, 3]},
    "a boolean that was an integer": {"data": [True, 2.5, 3]},
    "not a number": {"data": [1, float("nan"), 3]},
    "another order": {"data": [3, 2.5, 1]},
    "a text": {"data": ["1", 2.5, 3]},
    "nothing": {"data": []},
    "deep in a row": {"outputs": [{"id": "a", "score": 1.0, "deep": {"list": [1, 2, 4]}}]},
    "the order of columns": {"outputs": [{"score": 1.0, "id": "a", "deep": {"list": [1, 2, 3]}}]},
    "one row more": {"outputs": [{"id": "a", "score": 1.0, "deep": {"list": [1, 2, 3]}}, {}]},
    "a metric": {"metric": {"count": 4}},
    "the type of a metric": {"metric": {"count": 3.0}},
}


@pytest.mark.parametrize("change", INPUTS.values(), ids=INPUTS)
def test_another_input_is_a_miss(ran: Project, change):
    ran.data(**change)
    if change["data"] == ["1", 2.5, 3] if "data" in change else False:
        done = ran.crucible("run", "spec.yaml", "--run-id", "second", "--output-dir", str(ran.out), *OPTIONS)
        assert done.returncode == 1, "it cannot be added up, so the stage has to be asked"
        return
    assert ran.outcome("second", *OPTIONS) == "kept"


ARGUMENTS = {
    "an option": ("-o", "score.weight=1.5"),
    "an option that was a default": ("-o", "score.passes=false"),
    "an integer": ("-o", "score.anything=1"),
    "a mapping in another order": ("-o", "score.table={b: 2, a: 1}"),
    "a value in a mapping": ("-o", "score.table={a: 1, b: 3}"),
    "another path to the same content": ("-o", "score.path=./words.txt"),
    "a text that is the name of a file": ("-o", "score.named=words.txt"),
    "another port": ("-o", "score.ports={port: 'ports:other'}"),
    "the seed": ("--seed", "1"),
}


@pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=ARGUMENTS)
def test_another_option_or_seed_is_a_miss(ran: Project, arguments):
    assert ran.outcome("second", *OPTIONS, *arguments) == "kept"


def test_an_option_of_another_type_is_a_miss(ran: Project):
    values = ["1", "1.0", "true", "'1'", "[1]", "1e3", "null"]
    outcomes = [ran.outcome(f"run{n}", *OPTIONS, "-o", f"score.anything={value}") for n, value in enumerate(values)]
    assert outcomes == ["kept"] * 6 + ["hit"]  # null is the default
    assert ran.outcome("again", *OPTIONS, "-o", "score.anything=1e3") == "hit"


def _unrelated(project: Project) -> None:
    project.edit("site-packages/acme/unrelated.py", "UNUSED = 1", "UNUSED = 2")
    (project.site / "acme" / "more.py").write_text("MORE = 1\n")


def _moved(project: Project) -> None:
    spec = project.project / "spec.yaml"
    text = spec.read_text()
    spec.write_text(
        text.replace("- name: score", "- {module: 'makers:Make', id: make2, enabled: false}\n  - name: score")
    )


UNCHANGED: dict[str, Callable[[Project], object]] = {
    "nothing": lambda _: None,
    "a module that it does not use": _unrelated,
    "a stage that comes before it and writes nothing it reads": _moved,
    "the times of its code": lambda p: os.utime(p.site / "acme" / "scaling.py"),
    "the description of the experiment": lambda p: p.edit("project/spec.yaml", "id: demo", "id: demo\ndescription: x"),
    "another experiment": lambda p: p.edit("project/spec.yaml", "id: demo", "id: demo2"),
    "an option of another stage": lambda p: p.edit("project/spec.yaml", "kind: plain", "kind: same"),
    "an option as a whole number, where it is a float": lambda p: p.edit(
        "project/spec.yaml", "weight: 1.0", "weight: 1"
    ),
    "an option of its own that says what the section says": lambda p: p.edit(
        "project/spec.yaml", "- name: score", "- {name: score, options: {weight: 1.0}}"
    ),
    "compiled code": lambda p: shutil.rmtree(p.site / "acme" / "__pycache__", ignore_errors=True),
}


@pytest.mark.parametrize("change", UNCHANGED.values(), ids=UNCHANGED)
def test_what_it_does_not_depend_on_is_a_hit(ran: Project, change, request):
    change(ran)
    if "another experiment" in request.node.name:
        done = ran.crucible("run", "spec.yaml", "--run-id", "second", "--output-dir", str(ran.out), *OPTIONS)
        assert "score skipped: the result of demo/first" in done.stdout + done.stderr
        return
    assert ran.outcome("second", *OPTIONS) == "hit"


def test_another_process_is_a_hit(ran: Project, tmp_path):
    assert ran.outcome("seeded", *OPTIONS, PYTHONHASHSEED="17") == "hit"
    assert ran.outcome("named", *OPTIONS, LANG="C.UTF-8", SOME_VARIABLE="1") == "hit"
    reordered = (
        "-o",
        "score.table={a: 1, b: 2}",
        "-o",
        "score.ports={port: 'ports:double'}",
        "-o",
        "score.path=words.txt",
    )
    assert ran.outcome("ordered", *reordered) == "hit"
    assert ran.outcome("defaults", *OPTIONS, "-o", "score.passes=true") == "hit"


def test_a_project_that_was_moved_is_a_hit(ran: Project, tmp_path):
    shutil.copytree(ran.root, tmp_path / "elsewhere", symlinks=True)
    moved = Project(tmp_path / "elsewhere")
    assert moved.outcome("second", *OPTIONS) == "hit"


def test_a_file_counts_by_its_content_wherever_the_process_runs(project: Project, tmp_path):
    (tmp_path / "far").mkdir()
    (project.project / "data.json").rename(tmp_path / "far" / "data.json")
    shutil.copy(tmp_path / "far" / "data.json", project.project)
    words = tmp_path / "words.txt"
    words.write_text("words")
    options = ("-o", f"score.path={words}")
    assert project.outcome("first", *options) == "kept"
    spec = str(project.project / "spec.yaml")
    assert project.outcome("second", *options, cwd=tmp_path / "far", spec=spec) == "hit"
    words.write_text("sword")
    assert project.outcome("third", *options, cwd=tmp_path / "far", spec=spec) == "kept"
