"""One step of a pipeline."""

from __future__ import annotations

import pytest

from crucible_core.ir import Experiment, SpecError, StageDef


@pytest.mark.parametrize(
    ("data", "name", "id_"),
    [
        ("compare", "compare", "compare"),
        ({"name": "compare"}, "compare", "compare"),
        ({"name": "crucible-bench:compare"}, "crucible-bench:compare", "compare"),
        ({"name": "compare", "id": "2nd-try"}, "compare", "2nd-try"),
        ({"module": "my.stages:CompareGroups"}, "compare_groups", "compare_groups"),
        ({"module": "stages:HTTPReport2"}, "http_report2", "http_report2"),
        ({"module": "stages:_Private", "name": "mine"}, "mine", "mine"),
    ],
)
def test_name_and_id(data, name, id_):
    stage = StageDef.from_dict(data)
    assert (stage.name, stage.id) == (name, id_)


def test_whether_the_id_was_given_is_kept():
    assert "id" not in StageDef(name="compare").fields_set
    assert "id" in StageDef(name="compare", id="compare").fields_set


def test_options_left_empty_are_no_options():
    assert StageDef.from_dict({"name": "x", "options": None}).options == {}


@pytest.mark.parametrize("name", ["", "Compare", "1st", "two words", "a:b:c", ":x", "x:", "kebab-case", "x\n", 5, None])
def test_wrong_names(name):
    with pytest.raises(SpecError, match="snake_case stage name") as caught:
        StageDef.from_dict({"name": name})
    assert [problem.path for problem in caught.value.problems] == ["name"]


@pytest.mark.parametrize("id_", ["", "Compare", "_x", "-x", "a b", "a:b", "x\n", 5, None])
def test_wrong_ids(id_):
    with pytest.raises(SpecError, match="expected an id of a-z") as caught:
        StageDef.from_dict({"name": "x", "id": id_})
    assert [problem.path for problem in caught.value.problems] == ["id"]


@pytest.mark.parametrize("module", ["", "pkg", "pkg.mod.Class", "pkg:", ":Class", "pkg:a.b", "a b:C", 5])
def test_wrong_modules_get_one_report(module):
    with pytest.raises(SpecError, match=r"'package.module:Class'") as caught:
        StageDef.from_dict({"module": module})
    assert [problem.path for problem in caught.value.problems] == ["module"]


def test_name_or_module_is_needed():
    with pytest.raises(SpecError, match="a stage needs 'name'"):
        StageDef.from_dict({"options": {}})


def test_a_wrong_bare_name_is_reported_at_its_entry():
    with pytest.raises(SpecError) as caught:
        Experiment.from_dict({"id": "e", "pipeline": ["ok", "Not Ok"]})
    (problem,) = caught.value.problems
    assert problem.path == "pipeline[1]"
    assert "got 'Not Ok' (a string)" in problem.message


def test_two_stages_of_one_id_are_left_to_the_planner():
    assert len(Experiment.from_dict({"id": "e", "pipeline": ["x", "x"]}).pipeline) == 2


def test_options_keep_objects_of_plugins():
    marker = object()
    assert StageDef(name="x", options={"port": marker}).options["port"] is marker


def test_the_policies_are_those_that_were_given():
    assert StageDef.from_dict({"name": "x", "options": {"a": 1}}).policies == {}
    given = {"retry": {"attempts": 5}, "timeout_s": 2.5, "isolation": "process", "on_failure": "stop", "when": "true"}
    assert StageDef.from_dict({"name": "x", **given}).policies == given
    assert StageDef.from_dict({"name": "x", "timeout_s": None}).policies == {"timeout_s": None}
