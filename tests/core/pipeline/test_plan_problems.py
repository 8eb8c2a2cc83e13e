"""Everything wrong with a plan is said at once, with its place and what to do."""

import json
import pickle
import textwrap

import pytest

from crucible_core import PlanError, Stage, StageOptions, plan
from crucible_core.pipeline.problems import problem_documents


class Score(Stage):
    """Score."""

    name = "score"
    reads = ("assigns.dataset",)
    writes = ("metrics.{id}",)

    class Options(StageOptions):
        alpha: float = 0.05
        tests: list[str] = ["t"]

    def run(self, context, options):
        return context


class Needs(Stage):
    name = "needs"

    class Options(StageOptions):
        target: str

    def run(self, context, options):
        return context


OFFERED = {"score": Score, "needs": Needs}

YAML = textwrap.dedent(
    """\
    id: exp
    pipeline:
      - name: scor
      - name: score
        options:
          alpah: 0.1
          alpha: "high"
          tests: [t, 5]
      - name: score
        id: second
      - {name: score, id: second}
      - needs
      - id: own
        module: no.such.module:Stage
    """
)

JSON = textwrap.dedent(
    """\
    {"id": "exp",
     "pipeline": [
      {"name": "scor"},
      {"name": "score",
       "options": {
         "alpah": 0.1,
         "alpha": "high",
         "tests": ["t", 5]}},
      {"name": "score",
       "id": "second"},
      {"name": "score", "id": "second"},
      "needs",
      {"id": "own",
       "module": "no.such.module:Stage"}]}
    """
)

TOML = textwrap.dedent(
    """\
    id = "exp"
    [[pipeline]]
    name = "scor"
    [[pipeline]]
    name = "score"
    [pipeline.options]
    alpah = 0.1
    alpha = "high"
    tests = ["t", 5]
    [[pipeline]]
    name = "score"
    id = "second"
    [[pipeline]]
    name = "score"
    id = "second"
    [[pipeline]]
    name = "needs"
    [[pipeline]]
    id = "own"
    module = "no.such.module:Stage"
    """
)

FOUND = [
    (
        "unknown_stage",
        "scor",
        "pipeline[0].name",
        "no installed plugin offers the stage 'scor'; did you mean 'score'?",
        None,
    ),
    ("invalid_options", "score", "pipeline[1].options.alpah", "score has no option 'alpah'", "did you mean 'alpha'?"),
    ("invalid_options", "score", "pipeline[1].options.alpha", "expected a number, got 'high' (a string)", None),
    ("invalid_options", "score", "pipeline[1].options.tests", "tests[1]: expected a string, got 5 (an integer)", None),
    (
        "duplicate_id",
        "second",
        "pipeline[3].id",
        "the id 'second' is taken by pipeline[2]",
        "give one of them another id",
    ),
    ("invalid_options", "needs", "pipeline[4].options", "needs needs the option 'target'", "add target to its options"),
    (
        *("stage_unloadable", "own", "pipeline[5].module"),
        "no.such.module:Stage cannot be used: the module 'no.such.module' does not exist",
        "modules are looked for where Python looks; the crucible command adds the working directory and the spec's",
    ),
]

PLACES = {
    ".yaml": (YAML, [(3, 11), (6, 7), (7, 14), (8, 14), (11, 23), (12, 5), (14, 13)]),
    ".json": (JSON, [(3, 12), (6, 6), (7, 15), (8, 15), (11, 27), (12, 3), (14, 14)]),
    ".toml": (TOML, [(3, None), (7, None), (8, None), (9, None), (15, None), (16, None), (20, None)]),
}


@pytest.mark.parametrize("suffix", PLACES)
def test_every_problem_of_a_spec_file_is_said_at_once_with_its_place(registry_of, tmp_path, suffix):
    text, places = PLACES[suffix]
    path = tmp_path / f"spec{suffix}"
    path.write_text(text)
    with pytest.raises(PlanError) as caught:
        plan(path, registry=registry_of(OFFERED))
    problems = caught.value.problems
    assert [(each.code, each.stage, each.path, each.message, each.hint) for each in problems] == FOUND
    assert [(each.location.line, each.location.column) for each in problems] == places
    assert {each.location.file for each in problems} == {str(path)}
    line, column = places[2]
    place = f"{path}:{line}" + (f":{column}" if column else "")
    assert f"{place}: pipeline[1].options.alpha: expected a number, got 'high' (a string)\n" in str(caught.value)
    assert "\n    did you mean 'alpha'?\n" in str(caught.value)


def test_an_experiment_from_python_has_the_same_problems_without_places(registry_of):
    with pytest.raises(PlanError) as caught:
        plan(json.loads(JSON), registry=registry_of(OFFERED))
    problems = caught.value.problems
    assert [(each.code, each.stage, each.path, each.message, each.hint) for each in problems] == FOUND
    assert {each.location for each in problems} == {None}
    assert str(caught.value).startswith("pipeline[0].name: no installed plugin offers the stage 'scor'")


def test_a_plan_error_pickles_and_is_json(registry_of, tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text(YAML)
    with pytest.raises(PlanError) as caught:
        plan(path, registry=registry_of(OFFERED))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.problems, str(again)) == (caught.value.problems, str(caught.value))
    documents = json.loads(json.dumps(problem_documents(again)))
    assert documents[0] == {
        "code": "unknown_stage",
        "message": FOUND[0][3],
        "stage": "scor",
        "path": "pipeline[0].name",
        "file": str(path),
        "line": 3,
        "column": 11,
        "hint": None,
    }


def test_missing_inputs_are_said_with_what_was_meant_or_who_writes_them(plan_stages):
    class Load(Score):
        reads = ()
        writes = ("assigns.dataset",)

    class Late(Score):
        reads = ("assigns.datasets", "metrics.late.x", "metrics.s3.accuracy", "outputs")

    with pytest.raises(PlanError) as caught:
        plan_stages(Score, Load, {"name": "late", "id": "late"}, Score, offers={"late": Late})
    assert [(each.code, each.stage, each.path, each.message, each.hint) for each in caught.value.problems] == [
        (
            *("missing_input", "s0", "pipeline[0]", "'s0' reads assigns.dataset, which nothing before it writes"),
            "'s1' writes it, but comes later; move it before 's0'",
        ),
        (
            *("missing_input", "late", "pipeline[2]", "'late' reads assigns.datasets, which nothing before it writes"),
            "did you mean 'assigns.dataset'?",
        ),
        (
            *("missing_input", "late", "pipeline[2]", "'late' reads metrics.late.x, which nothing before it writes"),
            "it writes this itself, but reads it first",
        ),
        (
            *(
                "missing_input",
                "late",
                "pipeline[2]",
                "'late' reads metrics.s3.accuracy, which nothing before it writes",
            ),
            "'s3' writes it, but comes later; move it before 'late'",
        ),
        (
            *("missing_input", "late", "pipeline[2]", "'late' reads outputs, which nothing before it writes"),
            "put a stage that writes it before 'late'",
        ),
    ]


def test_what_may_be_given_is_said_for_an_input_that_nobody_could_mean(plan_stages):
    class Late(Score):
        reads = ("assigns.rows.a",)

    with pytest.raises(PlanError) as caught:
        plan_stages({"name": "late", "id": "late"}, offers={"late": Late})
    (problem,) = caught.value.problems
    assert problem.hint == "put a stage that writes it before 'late', or give it: --assign rows=@FILE"


def test_what_is_given_needs_no_writer(plan_stages):
    class Reading(Stage):
        reads = ("outputs", "assigns.gold.deeper")

        def run(self, context, options):
            return context

    plan_stages(Reading, assigns=["gold"], outputs=True)
    with pytest.raises(PlanError) as caught:
        plan_stages(Reading, assigns=["golden"])
    assert [each.hint for each in caught.value.problems] == [
        "put a stage that writes it before 's0'",
        "did you mean 'assigns.golden'?",
    ]


@pytest.mark.parametrize("written", ["*", "assigns.*", "assigns.x.part"])
def test_an_open_path_satisfies_every_read_it_covers(plan_stages, written):
    writing = type("Writing", (Stage,), {"may_write": (written,), "run": lambda self, context, options: context})
    reading = type("Reading", (Stage,), {"reads": ("assigns.x", "*"), "run": lambda self, context, options: context})
    plan_stages(writing, reading)
    with pytest.raises(PlanError):
        plan_stages(reading, writing)


def test_a_disabled_stage_writes_nothing_but_keeps_its_id(plan_stages):
    class Load(Score):
        reads = ()
        writes = ("assigns.dataset",)

    with pytest.raises(PlanError) as caught:
        plan_stages({"name": "load", "enabled": False}, Score, {"name": "s1", "id": "load"}, offers={"load": Load})
    assert [each.code for each in caught.value.problems] == ["missing_input", "duplicate_id", "missing_input"]


def test_a_stage_that_does_not_load_might_have_written_anything(plan_stages):
    with pytest.raises(PlanError) as caught:
        plan_stages("unknown", Score)
    assert [each.code for each in caught.value.problems] == ["unknown_stage"]


class Copy(Stage):
    reads = ("{data}",)
    writes = ("assigns.{into}", "metrics.{id}")

    class Options(StageOptions):
        data: str | list[str] = "outputs"
        into: str | None = "copy"

    def run(self, context, options):
        return context


def test_placeholders_stand_for_options_and_ids(plan_stages):
    made = plan_stages(
        {"name": "copy", "options": {"into": "b"}},
        {"name": "copy", "id": "c2", "options": {"data": ["assigns.b", "metrics.copy"], "into": None}},
        offers={"copy": Copy},
        outputs=True,
    )
    assert [stage.writes for stage in made.stages] == [("assigns.b", "metrics.copy"), ("metrics.c2",)]
    assert made.stages[1].description.reads == ("assigns.b", "metrics.copy")
    with pytest.raises(PlanError) as caught:
        plan_stages(
            {"name": "copy", "options": {"data": ["outputs", "assigns.no"]}}, offers={"copy": Copy}, outputs=True
        )
    assert [each.message for each in caught.value.problems] == [
        "'copy' reads assigns.no, which nothing before it writes"
    ]


@pytest.mark.parametrize(
    ("value", "option"), [("output", "data"), (["outputs", "assigns"], "data"), ("outputs.x", "data"), ("", "data")]
)
def test_an_option_that_names_no_place_is_wrong_where_it_is_given(plan_stages, value, option):
    with pytest.raises(PlanError) as caught:
        plan_stages({"name": "copy", "options": {"data": value}}, offers={"copy": Copy}, outputs=True)
    problem = caught.value.problems[0]
    assert (problem.code, problem.path) == ("invalid_options", f"pipeline[0].options.{option}")
    assert "write outputs, assigns.K, metrics.K or artifacts.K" in problem.message or "has no keys" in problem.message


def test_a_writer_whose_option_is_refused_makes_no_false_missing_input(plan_stages):
    with pytest.raises(PlanError) as caught:
        plan_stages(
            {"name": "copy", "options": {"into": 5}},
            {"name": "copy", "id": "c2", "options": {"data": "assigns.five"}},
            offers={"copy": Copy},
            outputs=True,
        )
    assert [(each.code, each.path) for each in caught.value.problems] == [
        ("invalid_options", "pipeline[0].options.into")
    ]


def test_dist_and_stage_address_one_of_several(registry_of):
    class Other(Score):
        reads = ()

    registry = registry_of(one={"score": Score}, two={"score": Other})
    made = plan({"id": "exp", "pipeline": ["two:score"]}, registry=registry)
    assert (made.stages[0].loaded.ref.distribution, made.stages[0].id) == ("two", "score")
    with pytest.raises(PlanError) as caught:
        plan({"id": "exp", "pipeline": ["score", "three:score"]}, registry=registry)
    first, second = caught.value.problems[:2]
    assert first.code == "stage_unloadable"
    assert "one" in first.message
    assert "two" in first.message
    assert second.code == "unknown_stage"


def test_a_name_with_a_distribution_is_not_a_module(registry_of, tmp_path, monkeypatch):
    (tmp_path / "own.py").write_text(
        "class score:\n"
        "    def describe(self, options=None): return {'name': 'mine', 'description': 'Mine.'}\n"
        "    def run(self, context, options): return context\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    steps = [{"name": "own:score", "id": "theirs"}, {"module": "own:score", "id": "mine"}]
    made = plan(
        {"id": "exp", "pipeline": steps},
        registry=registry_of(own={"score": Quiet}),
    )
    assert [stage.description.description for stage in made.stages] == ["Quiet.", "Mine."]


class Quiet(Stage):
    """Quiet."""

    def run(self, context, options):
        return context


def test_what_runs_is_what_was_planned_and_nothing_runs_when_it_cannot(run_stages):
    ran = []
    with pytest.raises(PlanError):
        run_stages(lambda context, options: ran.append(1) or context, "unknown")
    assert ran == []
