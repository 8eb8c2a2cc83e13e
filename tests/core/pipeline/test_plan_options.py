"""Options: merged once, checked in three modes, and never shown where they are secrets."""

import datetime as dt
import enum
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel, BeforeValidator, Field, SecretStr, field_validator, model_validator

from crucible_core import CrucibleError, PlanError, Stage, StageOptions
from crucible_core.pipeline.sections import section_problem


class Mode(enum.Enum):
    FAST = "fast"
    SLOW = "slow"


class Login(BaseModel):
    user: str = "me"
    password: SecretStr


class Every(StageOptions):
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    tests: list[str] = ["t"]
    mode: Mode = Mode.FAST
    where: Path = Path("here")
    tags: set[str] = set()
    score: Callable[[float], float] | None = None
    by_number: dict[int, str] = {}
    login: Login | None = None
    token: SecretStr | None = None
    day: dt.date | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self):
        if self.tests == ["t"] and self.mode is Mode.SLOW:
            raise ValueError("slow takes another test than t")
        return self


class Keep(Stage):
    """Keep the options."""

    name = "keep"
    section = "reliability.stats"
    Options = Every

    def run(self, context, options):
        return context.assign(options=options)


def double(x):
    return 2 * x


def planned(plan_stages, options=None, **arguments):
    made = plan_stages({"name": "keep", "options": options or {}}, offers={"keep": Keep}, **arguments)
    return made.stages[0]


def problems(plan_stages, options, **arguments):
    with pytest.raises(PlanError) as caught:
        planned(plan_stages, options, **arguments)
    return [(each.path, each.message, each.hint) for each in caught.value.problems]


STATS = {"reliability": {"stats": {"alpha": 0.01, "tests": ["wilcoxon"]}}}


def test_an_option_wins_over_the_section_and_the_section_over_the_default(plan_stages):
    assert planned(plan_stages).options == Every()
    from_section = planned(plan_stages, spec=STATS).options
    assert (from_section.alpha, from_section.tests, from_section.mode) == (0.01, ["wilcoxon"], Mode.FAST)
    assert planned(plan_stages, {"alpha": 0.2}, spec=STATS).options.alpha == 0.2


def test_a_field_of_the_section_that_was_not_set_is_no_value(plan_stages):
    spec = {"reliability": {"stats": {"tests": ["wilcoxon"]}}}
    assert planned(plan_stages, spec=spec).options.alpha == 0.05  # not the section's own default


def test_null_in_a_section_is_no_value(plan_stages):
    kind = type("Params", (Keep,), {"section": "params"})
    made = plan_stages("keep", offers={"keep": kind}, spec={"params": {"alpha": None, "tests": ["u"]}})
    assert made.stages[0].options.model_fields_set == {"tests"}


def test_overrides_win_over_everything(plan_stages):
    stage = planned(plan_stages, {"alpha": 0.2}, spec=STATS, overrides={"keep": {"alpha": 0.3}})
    assert (stage.options.alpha, stage.options.tests, stage.given) == (0.3, ["wilcoxon"], ("alpha",))
    with pytest.raises(CrucibleError, match="no stage 'kep'"):
        planned(plan_stages, overrides={"kep": {"alpha": 0.3}})


def test_a_set_field_that_the_stage_does_not_take_is_noted(plan_stages):
    spec = {"reliability": {"stats": {"confidence_level": 0.9}}}
    made = plan_stages("keep", offers={"keep": Keep}, spec={"pipeline": ["keep"], **spec})
    (note,) = made.notes
    assert "reliability.stats.confidence_level is set, but keep has no such option and leaves it out" in note.message


def test_a_wrong_value_of_a_section_is_wrong_in_the_section(plan_stages, tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text("id: exp\nparams:\n  alpha: high\npipeline: [keep]\n")
    kind = type("Params", (Keep,), {"section": "params"})
    with pytest.raises(PlanError) as caught:
        plan_stages(spec=str(path), offers={"keep": kind})
    (problem,) = caught.value.problems
    assert (problem.path, problem.stage) == ("params.alpha", "keep")
    assert problem.message == "expected a number, got 'high' (a string), as the option 'alpha' of keep"
    assert (problem.location.line, problem.location.column) == (3, 10)


@pytest.mark.parametrize(
    ("options", "path", "message"),
    [
        ({"alpha": 2}, "options.alpha", "should be less than 1, got 2 (an integer)"),
        ({"alpha": "0.1"}, "options.alpha", "expected a number, got '0.1' (a string)"),
        ({"mode": "quick"}, "options.mode", "expected one of fast, slow, got 'quick' (a string)"),
        ({"login": {"user": 5, "password": "x"}}, "options.login", "user: should be a valid string"),
        ({"login": {}}, "options.login", "password: Field required"),
        (
            {"day": "someday"},
            "options.day",
            "should be a valid date or datetime, input is too short, got 'someday' (a string)",
        ),
        ({"mode": "slow"}, "options", "slow takes another test than t"),
        ({"score": "math:no_such"}, "options.score", "'math:no_such' cannot be imported: AttributeError"),
        ({"score": "math:hypot_"}, "options.score", "'math:hypot_' cannot be imported"),
        ({"score": "math:pi"}, "options.score", "'math:pi' does not fit: expected a function of 1 argument"),
        (
            {"score": 5},
            "options.score",
            "expected a function of 1 argument, or its name as 'module:name' or null, got 5",
        ),
    ],
)
def test_a_wrong_value_is_said_once_at_its_place(plan_stages, options, path, message):
    ((place, said, _),) = problems(plan_stages, options)
    assert place == f"pipeline[0].{path}"
    assert said.startswith(message)


def test_an_option_without_a_near_match_says_what_there_is(plan_stages):
    ((_, message, hint),) = problems(plan_stages, {"zzz": 1})
    assert message == "keep has no option 'zzz'"
    assert hint == f"it takes {', '.join(Every.model_fields)}"


def test_what_files_can_hold_becomes_what_the_annotation_says(plan_stages):
    options = planned(
        plan_stages,
        {
            "mode": "slow",
            "tests": ["u"],
            "where": "a/b",
            "tags": ["x", "x"],
            "score": "math:sqrt",
            "by_number": {"3": "c"},
            "day": "2006-01-02",
            "token": "t",
            "login": {"password": "p"},
        },
    ).options
    assert (options.mode, options.where, options.tags) == (Mode.SLOW, Path("a/b"), {"x"})
    assert options.score(9) == 3
    assert (options.by_number, options.day) == ({3: "c"}, dt.date(2006, 1, 2))
    assert (options.token.get_secret_value(), options.login.password.get_secret_value()) == ("t", "p")


def test_python_may_give_the_objects_themselves(plan_stages):
    options = planned(plan_stages, {"mode": Mode.FAST, "where": Path("x"), "tags": {"a"}, "score": double}).options
    assert (options.mode, options.where, options.tags, options.score(2)) == (Mode.FAST, Path("x"), {"a"}, 4)


def test_under_warn_the_run_goes_on_with_what_could_be_converted(plan_stages, run_stages):
    made = plan_stages(
        {"name": "keep", "options": {"where": "a", "zzz": 1}}, offers={"keep": Keep}, validate_options="warn"
    )
    assert made.stages[0].options == Every(where=Path("a"))
    (note,) = made.notes
    assert (note.code, note.path, note.message) == (
        *("invalid_options", "pipeline[0].options.zzz"),
        "keep has no option 'zzz'",
    )


def test_under_warn_a_wrong_value_reaches_the_stage_as_it_is_and_the_record_says_so(run_stages, capsys):
    events = []
    result = run_stages(Keep, overrides={"s0": {"alpha": 7}}, validate_options="warn", observers=[events.append])
    assert result.context.assigns["options"].alpha == 7
    (log,) = [event for event in events if event.event_name == "log"]
    assert log.payload["level"] == "warning"
    assert "pipeline[0].options.alpha: should be less than 1" in log.payload["message"]
    assert "should be less than 1" in capsys.readouterr().err


def test_under_off_nothing_is_checked_and_defaults_are_applied(plan_stages):
    made = plan_stages(
        {"name": "keep", "options": {"alpha": "x", "zzz": 1}}, offers={"keep": Keep}, validate_options="off"
    )
    assert (made.stages[0].options.alpha, made.stages[0].options.mode, made.notes) == ("x", Mode.FAST, ())


def test_the_modes_are_three(plan_stages):
    with pytest.raises(CrucibleError, match="choose one of error, warn, off"):
        planned(plan_stages, validate_options="strict")


@pytest.mark.parametrize(
    "options",
    [
        {"token": 5555555},
        {"login": {"password": 5555555}},
        {"login": {"password": ["5555555"]}},
        {"login": {"password": "5555555", "user": 5555555}},
    ],
)
def test_no_message_shows_what_was_given_for_a_secret(plan_stages, options):
    for _, message, _ in problems(plan_stages, options):
        assert "5555555" not in message


def test_options_to_show_have_asterisks_for_secrets_and_are_json(plan_stages):
    given = {"token": "hunter2", "login": {"password": "hunter2"}, "score": double, "tags": {"b", "a"}, "where": "x"}
    shown = planned(plan_stages, given).shown_options_json()
    assert shown == {
        "alpha": 0.05,
        "tests": ["t"],
        "mode": "fast",
        "where": "x",
        "tags": ["a", "b"],
        "score": f"{__name__}:double",
        "by_number": {},
        "day": None,
        "login": {"user": "me", "password": "**********"},
        "token": "**********",
    }
    assert planned(plan_stages).shown_options_json()["token"] is None


class Duck:
    def describe(self, options=None):
        return {
            "name": "duck",
            "description": "Quack.",
            "required": ["n"],
            "optional": ["to", "key"],
            "types": {"n": "integer", "to": {"nullable": "path"}, "key": "secret"},
            "defaults": {"to": None},
        }

    def run(self, context, options):
        return context.assign(options=options)


def test_a_stage_without_options_class_gets_a_frozen_mapping_checked_against_its_description(plan_stages):
    offers = {"duck": Duck}
    made = plan_stages({"name": "duck", "options": {"n": 1, "key": "hunter2"}}, offers=offers)
    options = made.stages[0].options
    assert dict(options) == {"to": None, "n": 1, "key": "hunter2"}
    assert not hasattr(options, "__setitem__")
    assert made.stages[0].shown_options_json() == {"to": None, "n": 1, "key": "**********"}
    with pytest.raises(PlanError) as caught:
        plan_stages({"name": "duck", "options": {"m": 1, "to": 5}}, offers=offers)
    assert [each.message for each in caught.value.problems] == [
        "duck has no option 'm'",
        "duck needs the option 'n'",
        "expected a path or null, got 5 (an integer)",
    ]


def test_what_a_stage_was_given_cannot_be_changed_by_it(run_stages):
    class Meddling(Stage):
        class Options(StageOptions):
            rows: list[int] = [1]

        def run(self, context, options):
            options.rows.append(2)
            return context.put_metric(context.runtime.stage_id, options.rows)

    result = run_stages(Meddling, {"name": "s0", "id": "again"})
    assert result.context.metrics["again"] == [1, 2]  # not [1, 2, 2]: the next stage has its own


@pytest.mark.parametrize(
    "section", ["params", "metadata", "reliability", "reliability.stats", "training_config", "params.deep", "dataset"]
)
def test_a_part_of_the_experiment_with_fields_is_a_section(section):
    assert section_problem(section) is None


@pytest.mark.parametrize("section", ["id", "pipeline", "tags", "nothing", "reliability.nothing", "to_dict", "a..b"])
def test_what_has_no_fields_is_no_section(section):
    assert section_problem(section) == f"its section {section!r} is no part of an experiment that has fields"


class Strict(Stage):
    """Take options that validators of its own convert."""

    name = "keep"

    class Options(StageOptions):
        scale: Annotated[float, BeforeValidator(float)] = 1.0
        key: SecretStr = SecretStr("")
        other: int = 0

        @field_validator("key", mode="before")
        @classmethod
        def _letters(cls, value):
            return {}[value] if value == "secret" else value

        @model_validator(mode="after")
        def _not_seven(self):
            if self.other == 7:
                raise LookupError("seven")
            return self

    def run(self, context, options):
        return context


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scale": [1]}, "expected a number, got "),  # the wrong type is said, not both
        ({"key": "secret"}, "key cannot be checked: a validator of keep raised KeyError"),
        ({"other": 7}, "other cannot be checked: a validator of keep raised LookupError: seven"),
    ],
    ids=str,
)
def test_a_validator_that_raises_something_else_is_a_problem_of_the_option(plan_stages, options, said):
    with pytest.raises(PlanError) as caught:
        plan_stages({"name": "keep", "options": options}, offers={"keep": Strict})
    (name,) = options
    assert [each.path for each in caught.value.problems] == [f"pipeline[0].options.{name}"]
    assert said in caught.value.problems[0].message


class Described:
    """A stage without an options class, whose description has bounds."""

    def describe(self, options=None):
        numbers = {"type": "array", "items": {"type": "number", "maximum": 1}, "description": "Weights."}
        key = {"type": "string", "pattern": "^k", "format": "password"}
        return {
            "name": "keep",
            "description": "Keep nothing.",
            "options_schema": {
                "type": "object",
                "properties": {"weights": numbers, "scale": {"type": "number", "multipleOf": 0.5}, "key": key},
            },
        }

    def run(self, context, options):
        return context


def test_the_schema_that_a_stage_describes_without_an_options_class_is_enforced(plan_stages):
    given = {"weights": [0.5, 2], "scale": 0.75, "key": "hunter2"}
    with pytest.raises(PlanError) as caught:
        plan_stages({"name": "keep", "options": given}, offers={"keep": Described})
    assert [each.message for each in caught.value.problems] == [
        "weights: [1]: must be at most 1, got 2 (an integer)",
        "scale: must be a multiple of 0.5, got 0.75 (a number)",
        "key is not as its schema says; what was given is not shown",
    ]
    kept = {"weights": (1,), "scale": 1.5, "key": "k"}
    assert plan_stages({"name": "keep", "options": kept}, offers={"keep": Described}).stages[0].options == kept
