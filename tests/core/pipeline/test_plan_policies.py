"""Policies that cannot be kept are said before anything runs, with their place."""

import json
import re
from pathlib import Path

import pytest

from crucible_core import PlanError, Stage, plan
from crucible_core.pipeline.conditions.condition import Condition


class Eval(Stage):
    """Measures."""

    writes = ("metrics.{id}",)

    def run(self, context, options):
        return context


class Train(Stage):
    """Trains."""

    errors = {"too_few_rows": "Too few rows."}

    def run(self, context, options):
        return context


class Anything(Stage):
    """Writes whatever it likes."""

    may_write = ("metrics.*",)

    def run(self, context, options):
        return context


OFFERS = {"eval": Eval, "train": Train, "anything": Anything}


@pytest.fixture
def problems(plan_stages):
    """Plan stages and return what is wrong: code, path, message and hint."""

    def find(*stages, **arguments):
        try:
            plan_stages(*stages, offers=OFFERS, **arguments)
        except PlanError as error:
            return [(found.code, found.path, found.message, found.hint) for found in error.problems]
        return []

    return find


def when(condition, name="train", **more):
    return {"name": name, "when": condition, **more}


def test_policies_that_can_be_kept(problems):
    given = {
        "retry": {"codes": ["too_few_rows", "stage_crashed", "worker_died", "missing_ports", "*"]},
        "timeout_s": 5,
        "on_failure": "continue",
    }
    assert problems("eval", when("metrics.eval.accuracy > 0.5 and metrics.eval.n > 1", **given)) == []


def test_a_code_that_the_stage_never_gives(problems):
    retry = {"codes": ["too_few_rws", "cancelled", "nonsense"]}
    first, second, third = problems({"name": "train", "retry": retry})
    assert first == (
        "invalid_policy",
        "pipeline[0].retry.codes[0]",
        "train never fails with 'too_few_rws'",
        "did you mean 'too_few_rows'?",
    )
    assert second[1:3] == ("pipeline[0].retry.codes[1]", "a stage that ended with 'cancelled' is never tried again")
    assert third[3].startswith("there are: too_few_rows, stage_crashed, invalid_return, ")


def test_a_metric_that_nobody_writes(problems):
    (problem,) = problems("eval", when("metrics.eval.n > 1 and metrics.evl.n > 1"))
    assert problem == (
        "missing_input",
        "pipeline[1].when",
        """'train' is to run by metrics.evl.n, which nothing before it writes
    metrics.eval.n > 1 and metrics.evl.n > 1
                           ^""",
        "did you mean 'metrics.eval'?",
    )


def test_a_metric_that_is_written_too_late(problems):
    (problem,) = problems(when("metrics.eval.n > 1"), "eval")
    assert problem[3] == "'eval' writes it, but comes later; move it before 'train'"
    (problem,) = problems(when("metrics.eval.n > 1", name="eval"))
    assert problem[3] == "it writes this itself, but reads it first"


def test_a_metric_of_a_stage_that_is_switched_off_may_be_asked_for(problems):
    off = {"name": "eval", "enabled": False}
    assert problems(off, when("defined(metrics.eval.n) and metrics.eval.n > 1")) == []
    (problem,) = problems(off, when("metrics.eval.n > 1"))
    assert problem[0] == "missing_input"
    (problem,) = problems("eval", when("defined(metrics.evl.n)"))
    assert problem[3] == "did you mean 'metrics.eval'?"


def test_a_stage_that_may_write_any_metric_may_have_written_this_one(problems):
    assert problems("anything", when("metrics.whatever.n > 1")) == []


def test_a_stage_that_does_not_load_may_have_written_anything(problems):
    (problem,) = problems("evaal", when("metrics.whatever.n > 1"))
    assert problem[0] == "unknown_stage"


def test_disabled_stages_have_no_problems(problems):
    assert problems(when("nonsense >", enabled=False, retry={"codes": ["nonsense"]})) == []


YAML = """\
id: exp
pipeline:
  - name: validate
  - name: validate
    id: plain
    when: metrics.validate.status = 'passed'
  - {name: validate, id: quoted, when: "metrics.validate.problems >"}
  - name: validate
    id: folded
    when: >
      metrics.validate.status and
      nonsense
  - name: validate
    id: codes
    retry:
      codes: [tmeout]
"""


def test_places_in_a_file_are_those_within_the_condition(tmp_path):
    spec = tmp_path / "exp.yaml"
    spec.write_text(YAML)
    with pytest.raises(PlanError) as caught:
        plan(spec)
    plain, quoted, folded, codes = caught.value.problems
    assert str(plain) == (
        f"{spec}:6:35: pipeline[1].when: '=' is no operator\n"
        "    metrics.validate.status = 'passed'\n"
        "                            ^\n"
        "    write '=='"
    )
    assert (quoted.location.line, quoted.location.column) == (7, 41 + len("metrics.validate.problems >"))
    assert (folded.location.line, folded.location.column) == (10, 11)
    assert folded.message == (
        "'nonsense' is unknown\n    metrics.validate.status and nonsense\n                                ^"
    )
    assert (codes.location.line, codes.location.column, codes.hint) == (16, 15, "did you mean 'timeout'?")


@pytest.mark.parametrize(("suffix", "column"), [("json", True), ("toml", False)])
def test_places_in_files_of_other_formats(tmp_path, suffix, column):
    spec = tmp_path / f"exp.{suffix}"
    text = {
        "json": json.dumps({"id": "e", "pipeline": [{"name": "validate", "when": "1 >"}]}),
        "toml": 'id = "e"\n[[pipeline]]\nname = "validate"\nwhen = "1 >"\n',
    }[suffix]
    spec.write_text(text)
    with pytest.raises(PlanError) as caught:
        plan(spec)
    (problem,) = caught.value.problems
    assert (problem.code, problem.location.column) == ("invalid_condition", text.index("1 >") + 4 if column else None)


PAGE = (Path(__file__).parents[3] / "docs" / "policies.md").read_text(encoding="utf-8")


def test_the_step_that_the_page_shows_can_be_planned(tmp_path):
    spec = tmp_path / "exp.yaml"
    spec.write_text("id: exp\n" + re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1])
    assert [bool(stage.policies) for stage in plan(spec).stages] == [True, False, True]


@pytest.mark.parametrize("line", re.search(r"```\n(metrics.*?)```", PAGE, re.DOTALL)[1].splitlines())
def test_the_conditions_that_the_page_shows_can_be_read(line):
    assert Condition.of(line).text == line
