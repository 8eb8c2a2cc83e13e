"""Spec files that are wrong, and the exact place that the error names."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from crucible_core.ir import Location, SpecError, SpecProblem, load_experiment, read_spec

BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{this}: &{this} [{','.join([f'*{last}'] * 10)}]\n" for last, this in zip("abcdef", "bcdefg", strict=True)
)

#: File name, content, place, part of the message.
UNREADABLE = [
    ("s.yaml", "", "1:1", "the file is empty"),
    ("s.yaml", "\n  \n", "1:1", "the file is empty"),
    ("s.yaml", "# only\n# comments\n", "1:1", "the file is empty"),
    ("s.yaml", "---\n", "1:1", "the file is empty"),
    ("s.json", "", "1:1", "the file is empty"),
    ("s.toml", "# only a comment\n", "1:1", "the file is empty"),
    ("s.yaml", "- a\n", "1:1", "a spec is a mapping with 'id' and 'pipeline', got a list"),
    ("s.yaml", "\n\n  text\n", "3:3", "got 'text' (a string)"),
    ("s.json", "null", "1:1", "got null"),
    ("s.json", " 5", "1:2", "got 5 (an integer)"),
    # YAML
    ("s.yaml", "a: 1\nb: 2\na: 3\n", "3:1", "the key 'a' stands twice in this mapping, first at line 1"),
    ("s.yaml", "a:\n  - {k: 1, k: 2}\n", "2:12", "the key 'k' stands twice in this mapping, first at line 2"),
    ("s.yaml", "a: {b: 1}\nc:\n  <<: {d: 1}\n", "3:3", "merge keys (<<)"),
    ("s.yaml", "a: 1\n---\nb: 1\n", "2:1", "one document"),
    ("s.yaml", "a: 1\n...\n---\nb: 1\n", "3:1", "one document"),
    ("s.yaml", "a: !!python/object/apply:os.system [x]\n", "1:4", "the tag"),
    ("s.yaml", "a: &x [1, *x]\n", "1:11", "the alias *x stands within what it refers to"),
    ("s.yaml", "a: [1, *y]\n", "1:8", "the alias *y has no anchor"),
    ("s.yaml", "ok: 1\n1: 2\n", "2:1", "a key must be a string; put it in quotes: '1'"),
    ("s.yaml", "true: 2\n", "1:1", "put it in quotes: 'true'"),
    ("s.yaml", "? [a]\n: 1\n", "1:3", "a key must be a string"),
    ("s.yaml", "a: &n [1]\n*n : 2\n", "2:1", "a key must be a string"),
    ("s.yaml", "a:\n\tb: 1\n", "2:1", "not valid YAML: found character"),
    ("s.yaml", "a: b: c\n", "1:5", "not valid YAML: mapping values are not allowed"),
    ("s.yaml", "a: 1\n b: 2\n", "2:3", "not valid YAML"),
    ("s.yaml", "a: [1, 2", "1:9", "not valid YAML"),
    ("s.yaml", "a: @x\n", "1:4", "not valid YAML"),
    ("s.yaml", "a: 1\nb: x\x01y\n", "2:5", "the character '\\x01' is not allowed"),
    ("s.yaml", "a: " + "9" * 5000, "1:4", "an integer of 5000 digits"),
    ("s.yaml", "a: " + "[" * 10_000, "1:103", "nested deeper than 100 levels"),
    ("s.yaml", "a: " + "{a: " * 10_000, "1:400", "nested deeper than 100 levels"),
    ("s.yaml", "".join(" " * depth + "a:\n" for depth in range(200)), "101:101", "nested deeper than 100 levels"),
    ("s.yaml", BOMB, "6:29", "repeat more than 1,000,000 values"),
    # JSON
    ("s.json", '{"a": 1,\n "b": }', "2:7", "not valid JSON: Expecting value"),
    ("s.json", '{"a" 1}', "1:6", "not valid JSON: Expecting ':' delimiter"),
    ("s.json", '{"a": 1} x', "1:10", "not valid JSON: Extra data"),
    ("s.json", '{"a": {"k": 1,\n "k": 2}}', "2:2", "the key 'k' stands twice in this mapping, first at line 1"),
    ("s.json", '{"a": "NaN",\n "b": NaN}', "2:7", "NaN is not a JSON number"),
    ("s.json", '{"a": -Infinity}', "1:7", "-Infinity is not a JSON number"),
    ("s.json", '{"a": "\\ud800"}', "1:7", "one half of a character"),
    ("s.json", '{"a": ' + "9" * 5000 + "}", "1:7", "more digits than Python reads"),
    ("s.json", '{"a":' + "[" * 100_000 + "]" * 100_000 + "}", "1:1", "nested too deeply"),
    # TOML
    ("s.toml", "a = \n", "1:5", "not valid TOML: Invalid value"),
    ("s.toml", "a = 1\nb = = 2\n", "2:5", "not valid TOML"),
    ("s.toml", "a = " + "9" * 5000, "1", "not valid TOML: Exceeds the limit"),
    ("s.toml", "a = 'x", "1:7", "not valid TOML"),
    ("s.toml", "a = " + "[" * 10_000 + "]" * 10_000, "1", "nested too deeply"),
]

WRONG = """\
id: demo
pipelin: []
pipeline:
  - name: compare
    optionz: {}
  - name: Bad Name
  - {enabled: 1, name: x}
  - 5
training_config:
  id: t
  epochs: ten
  model_ref: {id: m}
reliability:
  ensemble: {models: [a], weights: {b: 1}}
quality_targets:
  accuracy: "> 1"
"""
WRONG_LINES = """\
s.yaml:2:1: pipelin: unknown key; did you mean 'pipeline'?
s.yaml:5:5: pipeline[0].optionz: unknown key; did you mean 'options'?
s.yaml:6:11: pipeline[1].name: expected a snake_case stage name such as 'compare', or 'distribution:compare', got 'Bad Name' (a string)
s.yaml:7:15: pipeline[2].enabled: expected true or false, got 1 (an integer)
s.yaml:8:5: pipeline[3]: expected a mapping, got 5 (an integer)
s.yaml:10:3: training_config.dataset_ref: is required
s.yaml:11:11: training_config.epochs: expected an integer greater than or equal to 1, got 'ten' (a string)
s.yaml:14:37: reliability.ensemble.weights.b: no such model; models: a
s.yaml:16:3: quality_targets.accuracy: expected a metric path such as 'metrics.eval.accuracy', got 'accuracy' (a string)"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def error_of(name, content):
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SpecError) as caught:
        load_experiment(name)
    return caught.value


@pytest.mark.parametrize(("name", "content", "place", "message"), UNREADABLE)
def test_unreadable(name, content, place, message):
    (problem,) = error_of(name, content).problems
    assert (str(problem.location), message in problem.message) == (f"{name}:{place}", True), str(problem)


#: File name, content, the error: what can be read, and is not finite, or misspelt, or of the wrong form.
UNFIT = [
    (
        "s.yaml",
        "id: a\npipeline:\n- name: x\n  options:\n    a: .inf\n",
        "5:8: pipeline[0].options.a: expected a finite",
    ),
    (
        "s.yaml",
        "id: a\npipeline: [x]\nparams: {a: [1, .nan]}\n",
        "3:17: params.a[1]: expected a finite number, got nan",
    ),
    ("s.yaml", "id: a\npipeline: [x]\nparams: {a: -1e400}\n", "3:13: params.a: expected a finite number, got -inf"),
    ("s.json", '{"id": "a", "pipeline": ["x"],\n "params": {"a": 1e999}}', "2:18: params.a: expected a finite number"),
    ("s.toml", 'id = "a"\npipeline = ["x"]\n[params]\na = inf\n', "4: params.a: expected a finite number"),
    (
        "s.yaml",
        "id: a\npipeline: [x]\nquality_targets: {metrics.a: '>= 1e999'}\n",
        "3:30: quality_targets.metrics.a: expected a bound that is finite",
    ),
    (
        "s.yaml",
        "id: a\npipeline: [x]\nquality_targets: {metrics.a: {max: .inf}}\n",
        "3:36: quality_targets.metrics.a.max: expected a finite number, got inf (a number)",
    ),
    (
        "s.yaml",
        "id: a\npipeline: [x]\nquality_targets: {metrics.a: 5}\n",
        (
            "3:30: quality_targets.metrics.a: expected a bound such as '>= 0.9', '< 1' or '> 0, <= 3', got 5 (an integer); "
            "write '>= 5' or '<= 5'"
        ),
    ),
    ("s.yaml", "id: a\npipeline:\n- nmae: x\n", "3:3: pipeline[0].nmae: unknown key; did you mean 'name'?"),
    ("s.yaml", "id: a\npipeline:\n- modul: a:B\n", "3:3: pipeline[0].modul: unknown key; did you mean 'module'?"),
    (
        "s.yaml",
        "id: a\npipeline:\n- load_dataset:\n",
        (
            "3:3: pipeline[0]: a stage needs 'name' (a registered stage) or 'module' (package.module:Class); "
            "unknown here: 'load_dataset'"
        ),
    ),
    (
        "s.yaml",
        "$schema: 5\nid: a\npipeline: [x]\n",
        "1:10: $schema: expected the address of a JSON Schema, got 5 (an integer)",
    ),
]


@pytest.mark.parametrize(("name", "content", "message"), UNFIT)
def test_what_does_not_fit_is_told_where_it_is(name, content, message):
    error = error_of(name, content)
    assert str(error).startswith(f"{name}:{message}")
    assert len(error.problems) == 1


def test_every_problem_of_a_file_in_its_order():
    assert str(error_of("s.yaml", WRONG)) == WRONG_LINES


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("s.json", '{"id": "a",\n "pipeline": [\n  {"name": "x", "idd": "y"}]}', "s.json:3:17: pipeline[0].idd"),
        ("s.toml", 'id = "a"\n[[pipeline]]\nname = "x"\n[[pipeline]]\nname = 5\n', "s.toml:5: pipeline[1].name"),
        ("s.toml", 'id = "a"\n[[pipeline]]\nname = "x"\nidd = "y"\n', "s.toml:4: pipeline[0].idd"),
        ("s.yaml", "pipeline: [x]\n", "s.yaml:1:1: id: is required"),
        ("s.yaml", "id: a\npipeline: [x]\nbaseline:\n  name: n\n", "s.yaml:4:3: baseline.id: is required"),
    ],
)
def test_places_in_every_format(name, content, line):
    assert str(error_of(name, content)).startswith(line)


@pytest.mark.parametrize(
    ("content", "offset", "line"),
    [(b"id: a\nx: \xe9\n", 9, 2), ("id: a".encode("utf-16"), 0, 1), (b"\xef\xbb\xbfa\xff", 4, 1)],
)
def test_not_utf8(content, offset, line):
    (problem,) = error_of("s.yaml", content).problems
    assert problem.location == Location("s.yaml", line)
    assert f"at offset {offset};" in problem.message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.yaml", "missing.yaml: no such file"),
        ("folder.yaml", "folder.yaml: is a directory; name a spec file in it"),
        ("folder", "folder: is a directory; name a spec file in it"),
        ("spec.ini", "spec.ini: cannot tell the format from '.ini'; use one of .yaml, .yml, .json, .toml"),
        ("spec", "spec: cannot tell the format from ''; use one of .yaml, .yml, .json, .toml"),
    ],
)
def test_files_that_are_no_specs(name, message):
    Path("folder.yaml").mkdir()
    Path("folder").mkdir()
    Path("spec.ini").touch()
    Path("spec").touch()
    with pytest.raises(SpecError) as caught:
        read_spec(name)
    assert str(caught.value) == message


def test_a_file_that_may_not_be_read():
    Path("s.yaml").write_text("id: a", encoding="utf-8")
    Path("s.yaml").chmod(0)
    if os.access("s.yaml", os.R_OK):  # the superuser may read everything; a loop of links nobody can
        Path("s.yaml").unlink()
        Path("s.yaml").symlink_to("s.yaml")
    with pytest.raises(SpecError, match=r"^s\.yaml: cannot be read: \w+"):
        read_spec("s.yaml")


def test_deep_options_are_refused_in_every_format():
    deep = "[" * 300 + "]" * 300
    error = error_of("s.json", f'{{"id": "a", "pipeline": [{{"name": "x", "options": {{"a": {deep}}}}}]}}')
    assert "pipeline[0].options: a value is nested deeper than 100 levels" in str(error)


def test_long_values_are_not_shown():
    secret = "hunter2" * 20
    assert "hunter2" not in str(error_of("s.yaml", f"id: {secret}/\npipeline: [x]\ntags: {secret}\n"))


def test_yaml_without_libyaml_names_the_same_places(monkeypatch):
    import yaml

    monkeypatch.delattr(yaml, "CSafeLoader")
    assert str(error_of("s.yaml", WRONG)) == WRONG_LINES
    assert str(error_of("s.yaml", "a: 1\na: 2\n")).startswith("s.yaml:2:1: the key 'a' stands twice")


def test_the_error_pickles_with_its_problems():
    error = SpecError([SpecProblem("wrong", "a.b", Location("f", 1, 2), "right")], hint="do this")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.problems, again.hint) == (str(error), error.problems, "do this")
    assert str(error) == "f:1:2: a.b: wrong; did you mean 'right'?"
