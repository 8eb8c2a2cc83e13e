"""What differs between runs."""

from __future__ import annotations

import json

import pytest

from crucible_core.runs.comparing import compare_runs
from crucible_core.runs.directory import RunDirectory
from crucible_core.runs.recorded import read_run


@pytest.fixture
def compared(record):
    """Run and compare; each run is the stages and the arguments of ``record``."""

    def compare(*runs):
        made = []
        for number, (stages, arguments) in enumerate(runs):
            result = record(*stages, run_id=f"r{number}", **arguments)
            made.append(read_run(RunDirectory(result.run_dir)))
        return compare_runs(made)

    return compare


def told(differences):
    return [
        (each["path"], *(value if there else "-" for value, there in zip(each["values"], each["present"], strict=True)))
        for each in (difference.to_dict() for difference in differences)
    ]


def metrics_of(*documents, hand_made):
    runs = [hand_made(where=f"out/exp/r{number}", metrics=each) for number, each in enumerate(documents)]
    comparison = compare_runs([read_run(RunDirectory(run)) for run in runs])
    return {each["path"]: each for each in (metric.to_dict() for metric in comparison.metrics)}


def test_the_same_twice_has_no_difference(compared):
    comparison = compared((["Everything"], {"seed": 1}), (["Everything"], {"seed": 1}))
    assert not any(comparison.sections.values())
    assert all(metric.equal for metric in comparison.metrics)
    assert len(comparison.metrics) == 2


def test_spec_and_options_are_told_by_stage_whatever_its_place(compared):
    one = {"id": "one", "module": "record_stages:Everything"}
    two = {"id": "two", "module": "record_stages:Everything", "options": {"accuracy": 0.5}}
    comparison = compared(
        ([one], {"seed": 1, "spec": {"params": {"width": 3, "sizes": [1, 2]}}}),
        ([two, {**one, "options": {"accuracy": 0.7}}], {"seed": 2, "spec": {"params": {"width": None, "sizes": [1]}}}),
    )
    assert told(comparison.spec) == [
        ("params.width", 3, None),
        ("params.sizes", [1, 2], [1]),
        ("pipeline", ["one"], ["two", "one"]),
        ("seed", 1, 2),
        ("pipeline.two.name", "-", "everything"),
        ("pipeline.two.module", "-", "record_stages:Everything"),
    ]
    assert told(comparison.options) == [("one.accuracy", 0.9, 0.7)]


def test_a_stage_that_only_some_runs_have_differs_in_options_among_those(compared):
    def stage(accuracy):
        return {"id": "one", "module": "record_stages:Everything", "options": {"accuracy": accuracy}}

    comparison = compared(([stage(0.1)], {}), (["Refuse"], {}), ([stage(0.2)], {}))
    assert told(comparison.options) == [("one.accuracy", 0.1, "-", 0.2)]


def test_data_are_told_by_hash_size_and_what_was_given(compared):
    comparison = compared((["Everything"], {"assigns": {"x": 1}}), (["Refuse"], {"outputs": [{"id": 1}]}))
    assert told(comparison.data) == [
        ("datasets.dataset.source", "here", "-"),
        ("datasets.dataset.sha256", "0" * 64, "-"),
        ("datasets.dataset.rows", 1, "-"),
        ("datasets.dataset.columns", ["a"], "-"),
        ("datasets.dataset.split.name", "all", "-"),
        ("inputs.assigns.x.source", None, "-"),
        ("inputs.assigns.x.sha256", None, "-"),
        ("inputs.assigns.x.type", "int", "-"),
        ("inputs.outputs", 0, 1),
    ]


def test_environments_are_told_by_version_and_revision(hand_made):
    def about(number, python, numpy, revision):
        return hand_made(
            where=f"out/exp/r{number}",
            stages=[{"id": "a", "version": f"1.{number}", "distribution": "d", "distribution_version": "1.0"}],
            python={"version": python},
            packages={"numpy": numpy, "scipy": "1.0"},
            git={"revision": revision, "dirty": False},
        )

    runs = [read_run(RunDirectory(each)) for each in (about(0, "3.11.7", "1.26", "a"), about(1, "3.12.0", "2.0", "b"))]
    assert told(compare_runs(runs).environment) == [
        ("python.version", "3.11.7", "3.12.0"),
        ("git.revision", "a", "b"),
        ("packages.numpy", "1.26", "2.0"),
        ("stages.a.version", "1.0", "1.1"),
    ]


def test_metrics_have_absolute_and_relative_differences(hand_made):
    found = metrics_of(
        {"a": {"loss": 0.5, "n": 4}}, {"a": {"loss": 0.75, "n": 4}}, {"a": {"n": 6}}, hand_made=hand_made
    )
    assert found["a.loss"] == {
        "path": "a.loss",
        "values": [0.5, 0.75, None],
        "present": [True, True, False],
        "equal": False,
        "absolute": [0.0, 0.25, None],
        "relative": [0.0, 0.5, None],
    }
    assert (found["a.n"]["equal"], found["a.n"]["absolute"], found["a.n"]["relative"]) == (
        False,
        [0.0, 0.0, 2.0],
        [0.0, 0.0, 0.5],
    )


@pytest.mark.parametrize(
    ("first", "second", "equal", "absolute", "relative"),
    [
        ("NaN", "NaN", True, None, None),
        ("NaN", 1.0, False, None, None),
        ("Infinity", 1.0, False, None, None),
        (0.0, 2.0, False, 2.0, None),
        (-2.0, -1.0, False, 1.0, 0.5),
        (1, 1.0, True, 0.0, 0.0),
        (1, True, False, None, None),
        ("passed", "failed", False, None, None),
        (None, 1.0, False, None, None),
        (-1e308, 1e308, False, None, None),
        (1e-320, 1e300, False, 1e300, None),
        (10**400, 1.0, False, None, None),
        ([], {}, False, None, None),
        ({"deep": 1.0}, 1.0, None, None, None),
    ],
    ids=str,
)
def test_what_is_no_number_has_no_difference(hand_made, first, second, equal, absolute, relative):
    found = metrics_of({"a": {"m": first}}, {"a": {"m": second}}, hand_made=hand_made)
    metric = found["a.m"]
    if equal is not None:
        assert metric["equal"] is equal
    assert (metric["absolute"][1], metric["relative"][1]) == (absolute, relative)
    json.dumps(found, allow_nan=False)


def test_keys_with_dots_are_not_taken_for_paths(hand_made):
    found = metrics_of({"a.b": {"c": 1.0}, "a": {"b.c": 2.0}}, {}, hand_made=hand_made)
    assert list(found) == ["['a.b'].c", "a['b.c']"]


def test_runs_of_different_experiments_can_be_compared(record):
    first = record("Everything")
    other = record("Everything", spec={"id": "other"})
    comparison = compare_runs([read_run(RunDirectory(each.run_dir)) for each in (first, other)])
    assert told(comparison.spec)[0] == ("id", "exp", "other")
    assert comparison.notes == ("these are runs of different experiments; stages are matched by their ids",)
    assert all(metric.equal for metric in comparison.metrics)


@pytest.mark.parametrize("spec", [None, "{", "[]", "[" * 100_000])
def test_a_lost_spec_is_a_note(record, spec):
    made = [record("Everything", run_id=name) for name in ("r1", "r2")]
    path = made[0].run_dir / "spec.json"
    path.unlink()
    if spec is not None:
        path.write_text(spec)
    journal = made[0].run_dir / "telemetry.jsonl"
    first, *rest = journal.read_bytes().splitlines(keepends=True)
    event = json.loads(first)
    event["payload"].pop("spec", None)
    journal.write_bytes(b"".join([json.dumps(event).encode() + b"\n", *rest]))
    comparison = compare_runs([read_run(RunDirectory(each.run_dir)) for each in made])
    assert comparison.spec == ()
    assert comparison.notes == ("exp/r1: spec.json is missing or damaged; its spec is not compared",)


def test_manifests_that_lack_everything_can_be_compared(hand_made):
    runs = [
        hand_made(
            (2, "run_stop", None, {"status": "failed"}),
            where=f"out/exp/r{number}",
            final='{"stages": [], "finished_at": "2026-11-24T07:43:14.000000+00:00"}',
        )
        for number in (1, 2)
    ]
    comparison = compare_runs([read_run(RunDirectory(each)) for each in runs])
    assert not any(comparison.sections.values())
