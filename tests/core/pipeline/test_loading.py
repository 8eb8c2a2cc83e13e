"""Stages whose own code fails while they are looked at: each is one problem, and none comes out raw."""

import signal
import threading

import pytest

from crucible_core import PlanError, Stage, StageOptions
from crucible_core.pipeline.loading import inspected
from crucible_core.plugins.record import StageRef
from crucible_core.plugins.time_limit import TimeLimit, TimeUp

DESCRIBED = {"name": "duck", "description": "Quack."}


def duck(describe=lambda self, options=None: DESCRIBED, **attributes):
    return type("Duck", (), {"describe": describe, "run": lambda self, context, options: context, **attributes})


class Boo(BaseException):
    """Nothing that ``except Exception`` catches."""


def raising(error):
    def method(self, *arguments):
        raise error

    return method


def pressing_ctrl_c(self, *arguments):
    signal.raise_signal(signal.SIGINT)


BROKEN = {
    "init raises": (duck(__init__=raising(ValueError("no"))), "cannot be made or described: ValueError: no"),
    "init exits": (duck(__init__=raising(SystemExit(3))), "cannot be made or described: SystemExit: 3"),
    "init raises a BaseException": (duck(__init__=raising(Boo("no"))), "cannot be made or described: Boo: no"),
    "init takes arguments": (duck(__init__=lambda self, needed: None), "cannot be made or described: TypeError"),
    "derived init raises": (
        type("Own", (Stage,), {"__init__": raising(ValueError("no")), "run": lambda *_: None}),
        "ValueError: no",
    ),
    "describe raises": (duck(raising(ValueError("no"))), "cannot be made or described: ValueError: no"),
    "describe exits": (duck(raising(SystemExit(3))), "cannot be made or described: SystemExit: 3"),
    "describe raises a BaseException": (duck(raising(Boo("no"))), "cannot be made or described: Boo: no"),
    "describe takes nothing": (duck(lambda self: DESCRIBED), "cannot be made or described: TypeError"),
    "describe returns nothing": (duck(lambda self, options=None: None), "describe() returned NoneType"),
    "describes nothing": (duck(lambda self, options=None: {}), "name must be a non-empty string"),
    "bad path": (duck(lambda self, options=None: {**DESCRIBED, "reads": ["x"]}), "reads: 'x' is not a context path"),
    "no run": (type("Own", (Stage,), {}), "it does not define run(context, options)"),
    "options": (duck(Options=dict), "its Options is no options class; write class Options(StageOptions)"),
    "section": (
        duck(lambda self, options=None: {**DESCRIBED, "section": "reliabilty.stats"}),
        "its section 'reliabilty.stats' is no part of an experiment that has fields",
    ),
    "section of one value": (
        duck(lambda self, options=None: {**DESCRIBED, "section": "description"}),
        "its section 'description' is no part of an experiment that has fields",
    ),
    "section of a list": (
        duck(lambda self, options=None: {**DESCRIBED, "section": "pipeline"}),
        "its section 'pipeline' is no part of an experiment that has fields",
    ),
    "wrong default": (
        type(
            "Own",
            (Stage,),
            {
                "Options": type(
                    "O", (StageOptions,), {"__annotations__": {"a": int}, "a": None, "__module__": __name__}
                ),
                "run": lambda *_: None,
            },
        ),
        "default of 'a': expected an integer, got null",
    ),
}


@pytest.mark.parametrize(("kind", "message"), BROKEN.values(), ids=BROKEN)
def test_a_stage_that_cannot_be_used_is_one_problem_beside_the_others(plan_stages, kind, message):
    with pytest.raises(PlanError) as caught:
        plan_stages({"name": "duck", "id": "b"}, "unknown", offers={"duck": kind})
    first, second = caught.value.problems
    assert (first.code, first.stage, first.path) == ("stage_unloadable", "b", "pipeline[0].name")
    assert message in first.message
    assert first.hint == "run `crucible plugins doctor`"
    assert second.code == "unknown_stage"


@pytest.mark.parametrize("error", [ValueError("second"), SystemExit("second"), Boo("second")])
def test_an_instance_that_cannot_be_made_a_second_time_is_a_problem(plan_stages, error):
    made = []

    def init(self):
        made.append(self)
        if len(made) > 1:
            raise error

    with pytest.raises(PlanError) as caught:
        plan_stages("duck", offers={"duck": duck(__init__=init)})
    (problem,) = caught.value.problems
    assert problem.code == "stage_unloadable"
    assert "the stage 'duck' cannot be made: " in problem.message
    assert "second" in problem.message


@pytest.mark.parametrize("error", [KeyError("n"), SystemExit(1), Boo(1)])
def test_a_description_that_fails_for_some_options_is_a_problem_of_that_definition(plan_stages, error):
    def describe(self, options=None):
        if (options or {}).get("n") == 2:
            raise error
        return {**DESCRIBED, "optional": ["n"], "types": {"n": "integer"}}

    offers = {"duck": duck(describe)}
    plan_stages({"name": "duck", "options": {"n": 1}}, offers=offers)
    with pytest.raises(PlanError) as caught:
        plan_stages("duck", {"name": "duck", "id": "d2", "options": {"n": 2}}, offers=offers)
    (problem,) = caught.value.problems
    assert (problem.code, problem.stage) == ("stage_unloadable", "d2")
    assert problem.message.startswith(f"describe(options) of duck failed: {type(error).__name__}")


def test_a_description_may_depend_on_the_options_defaults_among_them(plan_stages):
    asked = []

    def describe(self, options=None):
        asked.append(options)
        writes = [f"assigns.{name}" for name in (options or {}).get("names", [])]
        given = {
            "optional": ["names", "n"],
            "types": {"names": {"list": "string"}, "n": "integer"},
            "defaults": {"n": 3},
        }
        return {**DESCRIBED, **given, "writes": writes}

    class Reading(Stage):
        reads = ("assigns.a",)

        def run(self, context, options):
            return context

    plan_stages(
        {"name": "duck", "options": {"names": ["a"]}}, {"name": "r"}, offers={"duck": duck(describe), "r": Reading}
    )
    assert asked == [None, {"names": ("a",), "n": 3}]
    with pytest.raises(PlanError, match=r"reads assigns\.a"):
        plan_stages("duck", {"name": "r"}, offers={"duck": duck(describe), "r": Reading})


def test_the_instance_that_runs_is_the_one_that_was_asked_about_its_options(run_stages):
    class Own:
        def describe(self, options=None):
            self.told = options
            return DESCRIBED

        def run(self, context, options):
            return context.put_metric("told", self.told is not None)

    assert run_stages("duck", offers={"duck": Own}).context.metrics["told"] is True


def test_an_interrupt_while_planning_is_an_interrupt(plan_stages):
    for kind in (duck(pressing_ctrl_c), duck(__init__=pressing_ctrl_c)):
        with pytest.raises(KeyboardInterrupt):
            plan_stages("duck", offers={"duck": kind})


def test_a_stage_is_loaded_once_however_often_it_is_used(plan_stages):
    asked = []

    def describe(self, options=None):
        asked.append(options)
        return DESCRIBED

    plan_stages(*({"name": "duck", "id": f"d{number}"} for number in range(5)), offers={"duck": duck(describe)})
    assert asked.count(None) == 1


@pytest.mark.parametrize("broken", [duck(__init__=pressing_ctrl_c), duck(pressing_ctrl_c)])
def test_ctrl_c_in_a_stage_that_is_looked_at_is_no_problem_of_the_stage(plan_stages, broken):
    with pytest.raises(KeyboardInterrupt):
        plan_stages(broken)


@pytest.mark.parametrize("method", ["__init__", "describe"])
def test_a_stage_of_a_plugin_that_does_not_come_to_describe_itself_cannot_be_used(method):
    limit = TimeLimit(0.2, "the stage 'duck' of pond", "pond")
    kind = duck(**{method: lambda self, options=None: threading.Event().wait()})
    failure = inspected(StageRef("duck", "pond:Duck", "pond"), kind, limit=limit).failure
    assert failure.code == "stage_unloadable"
    assert "cannot be made or described: it was not done after 0.2 s and was interrupted (" in failure.message


@pytest.mark.parametrize(("method", "asked"), [("__init__", "make"), ("describe", "describe")])
def test_one_that_hangs_only_later_is_interrupted_as_well(method, asked):
    """It is made, and describes itself, but not a second time."""
    limit, calls = TimeLimit(0.2, "the stage 'duck' of pond", "pond"), []

    def hang_later(self, options=None):
        calls.append(options)
        if len(calls) > 1:
            threading.Event().wait()
        return None if method == "__init__" else DESCRIBED

    loaded = inspected(StageRef("duck", "pond:Duck", "pond"), duck(**{method: hang_later}), limit=limit)
    assert loaded.failure is None
    with pytest.raises(TimeUp):
        loaded.make() if asked == "make" else loaded.describe({})
