"""A hit leaves what the stage would have left, and says so wherever somebody looks."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from .conftest import OPTIONS, Project, stage_of


def left_by(project: Project, run_id: str) -> dict[str, str]:
    """Return what the stages left, as the last one saw it."""
    path = project.out / "demo" / run_id / "artifacts" / "note" / "left.json"
    here = re.compile(rf"/[^']*/out/demo/{run_id}/")
    return {key: here.sub("RUN/", text) for key, text in json.loads(path.read_text()).items()}


def events_of(project: Project, run_id: str, stage: str = "score") -> list[dict]:
    lines = (project.out / "demo" / run_id / "telemetry.jsonl").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["stage"] == stage]


def files_of(project: Project, run_id: str) -> dict[str, tuple[bytes, int]]:
    directory = project.out / "demo" / run_id / "artifacts" / "score"
    paths = [path for path in sorted(directory.rglob("*")) if path.is_file()]
    return {str(path.relative_to(directory)): (path.read_bytes(), path.stat().st_mode & 0o111) for path in paths}


def test_context_files_and_record_are_those_of_the_run_that_computed_them(ran: Project):
    first, second = ran.manifest("first"), ran.run("second", *OPTIONS)
    assert stage_of(second, "score")["cache"]["outcome"] == "hit"
    assert left_by(ran, "second") == left_by(ran, "first")
    assert files_of(ran, "second") == files_of(ran, "first")
    assert files_of(ran, "second")["run.sh"][1] == 0o111
    for key in ("metrics", "verdicts", "datasets"):
        assert second[key] == first[key]
    artifacts = [[each for each in run["artifacts"] if each["stage"] == "score"] for run in (first, second)]
    assert artifacts[0] == artifacts[1] != []


def test_the_record_says_what_was_found_and_where_it_is_from(ran: Project):
    second = ran.run("second", *OPTIONS)
    score = stage_of(second, "score")
    assert (score["status"], score["reason"], score["attempts"]) == ("skipped", "cached: the result of demo/first", 0)
    assert (score["cache"]["experiment_id"], score["cache"]["run_id"]) == ("demo", "first")
    assert second["cache"] is True
    names = [event["event_name"] for event in events_of(ran, "second")]
    assert names == ["verdict", "artifact", "artifact", "stage_skip"]


def test_what_a_hit_left_is_a_hit_for_the_stage_after_it(project: Project):
    project.edit(
        "project/spec.yaml", "- name: score", "- name: score\n  - {module: 'acme.stages:Score', id: again, name: score}"
    )
    project.edit(
        "site-packages/acme/stages.py", '"metrics.make")', '"metrics.make", "assigns.scored", "artifacts.score")'
    )
    assert project.outcome("first", stage="again") == "kept"
    second = project.run("second")
    assert [stage_of(second, each)["cache"]["outcome"] for each in ("score", "again")] == ["hit", "hit"]
    assert left_by(project, "second") == left_by(project, "first")


def test_a_path_into_the_run_leads_to_the_file_of_this_run(ran: Project):
    ran.run("second", *OPTIONS)
    shutil.rmtree(ran.out / "demo" / "first")
    ran.run("third", *OPTIONS)
    assert (
        "/third/artifacts/score/values/score.txt"
        in json.loads((ran.out / "demo" / "third" / "artifacts" / "note" / "left.json").read_text())["scored"]
    )


def test_a_verdict_of_a_cached_stage_counts_again(project: Project):
    arguments = ("run", "spec.yaml", "--output-dir", str(project.out), "-o", "score.passes=false")
    for run_id, outcome in (("first", "kept"), ("second", "hit")):
        assert project.crucible(*arguments, "--run-id", run_id).returncode == 4
        manifest = project.manifest(run_id)
        assert manifest["failure"]["code"] == "gate_failed"
        assert stage_of(manifest, "score")["cache"]["outcome"] == outcome


def test_without_the_cache_nothing_is_found_and_nothing_is_kept(ran: Project):
    entries = sorted((ran.out / ".cache").rglob("*.json"))
    assert ran.outcome("second", "--no-cache", *OPTIONS) == "none"
    assert ran.outcome("third", "--no-cache", *OPTIONS, "-o", "score.weight=9") == "none"
    assert sorted((ran.out / ".cache").rglob("*.json")) == entries
    assert ran.manifest("third")["cache"] is False


def test_a_run_without_a_record_does_not_touch_the_cache(project: Project):
    assert project.crucible("run", "spec.yaml", "--no-record", "--output-dir", str(project.out)).returncode == 0
    assert not project.out.exists()


def test_a_failed_stage_is_run_again(project: Project):
    project.data(data=["text"])
    for run_id in ("first", "second"):
        done = project.crucible("run", "spec.yaml", "--run-id", run_id, "--output-dir", str(project.out))
        assert done.returncode == 1
        assert project.manifest(run_id)["failure"]["code"] == "stage_crashed"


def test_a_file_of_a_run_that_is_written_over_does_not_change_the_cache(ran: Project):
    before = files_of(ran, "first")
    ran.run("second", *OPTIONS)
    for run_id in ("first", "second"):
        (ran.out / "demo" / run_id / "artifacts" / "score" / "values" / "score.txt").write_text("something else")
    assert ran.outcome("third", *OPTIONS) == "hit"
    assert files_of(ran, "third") == before


def test_a_run_that_found_a_stage_goes_on_without_running_it(ran: Project):
    ran.edit(
        "project/makers.py",
        "        left = {",
        '        if not Path("go").exists():\n            raise RuntimeError\n        left = {',
    )
    arguments = ("--output-dir", str(ran.out))
    assert ran.crucible("run", "spec.yaml", "--run-id", "second", *arguments, *OPTIONS).returncode == 1
    (ran.project / "go").write_text("")
    shutil.rmtree(ran.out / ".cache")
    done = ran.crucible("run", "--resume", "second", *arguments)
    assert done.returncode == 0, done.stderr
    assert stage_of(ran.manifest("second"), "score")["cache"]["run_id"] == "first"
    assert left_by(ran, "second") == left_by(ran, "first")


def test_a_stage_that_runs_when_a_run_goes_on_is_found_too(ran: Project):
    make = "        given = json.loads"
    ran.edit("project/makers.py", make, f'        if not Path("go").exists():\n            raise RuntimeError\n{make}')
    arguments = ("--output-dir", str(ran.out))
    assert ran.crucible("run", "spec.yaml", "--run-id", "second", *arguments, *OPTIONS).returncode == 1
    (ran.project / "go").write_text("")
    assert ran.crucible("run", "--resume", "second", *arguments).returncode == 0
    assert stage_of(ran.manifest("second"), "score")["cache"]["outcome"] == "hit"
    assert left_by(ran, "second") == left_by(ran, "first")


KINDS = {
    "a frame": ("frame", {"frame": {"a": [1.0, 2.0, 3.5], "b": ["x", "y", None]}}),
    "the type of a column": ("frame", {"dtypes": {"a": "float32"}}),
    "the order of columns": ("frame", {"frame": {"b": ["x", "y", None], "a": [1.0, 2.0, 3.0]}}),
    "a missing cell": ("frame", {"frame": {"a": [1.0, 2.0, None], "b": ["x", "y", None]}}),
    "an array": ("array", {"array": [[1, 2], [3, 5]]}),
    "the type of an array": ("array", {"dtype": "int32"}),
    "the shape of an array": ("array", {"array": [1, 2, 3, 4]}),
    "a cell of a data set": ("dataset", {"rows": [{"a": 1, "b": 2.0}, {"a": 3, "b": 4.5}]}),
    "the type of a cell of a data set": ("dataset", {"rows": [{"a": 1.0, "b": 2.0}, {"a": 3, "b": 4.0}]}),
}


@pytest.mark.parametrize(("kind", "change"), KINDS.values(), ids=KINDS)
def test_a_change_deep_in_a_value_is_a_miss_and_none_is_a_hit(project: Project, kind, change):
    option = ("-o", f"make.kind={kind}")
    assert project.outcome("first", *option) == "kept"
    assert project.outcome("second", *option) == "hit"
    project.data(**change)
    assert project.outcome("third", *option) == "kept"
