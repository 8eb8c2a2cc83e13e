import json
from pathlib import Path

import pytest

from crucible_core import CrucibleError, run
from crucible_core.runs import observed_status, rebuild_manifest

from .conftest import plain

STAGES = ("a", "b", "c", "d")


@pytest.fixture
def whole(spec):
    """What an uninterrupted run of four stages comes to."""
    return plain(run(spec(*STAGES), run_id="whole").unwrap())


def manifest(run_dir):
    return json.loads((run_dir / "manifest.json").read_bytes())


@pytest.mark.parametrize("order", ["kill", "interrupt", "fail", "crash"])
def test_a_run_goes_on_where_it_ended_and_comes_to_the_same(whole, spec, place, crucible, ran, order):
    ran()
    path = spec(*STAGES)
    (place / f"{order}-c").touch()
    assert crucible("run", str(path), "--run-id", "r").returncode == {"kill": -9, "interrupt": 130}.get(order, 1)
    assert ran() == ["a", "b", "c"]
    (place / f"{order}-c").unlink()
    result = run(resume="r")
    assert ran() == ["c", "d"]
    assert (result.status, result.run_id) == ("succeeded", "r")
    assert plain(result.context) == whole


def test_the_command_goes_on_without_the_spec(spec, place, crucible, ran):
    (place / "kill-b").touch()
    crucible("run", str(spec("a", "b")), "--run-id", "r", "--seed", "7")
    (place / "kill-b").unlink()
    ran()
    again = crucible("run", "--resume", "r")
    assert again.returncode == 0, again.stderr
    assert ran() == ["b"]
    assert manifest(place / "artifacts/crucible/exp/r")["seed"] == 7


def test_the_journal_tells_what_happened_one_end_for_each_start(spec, place, crucible, events_of):
    (place / "kill-b").touch()
    crucible("run", str(spec("a", "b")), "--run-id", "r")
    (place / "kill-b").unlink()
    result = run(resume="r")
    events = events_of(result.run_dir)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    told = [(e["event_name"], e["stage"], e["attempt"]) for e in events if e["event_name"].startswith(("stage", "run"))]
    assert told == [
        ("run_start", None, None),
        ("stage_start", "a", 1),
        ("stage_stop", "a", 1),
        ("stage_start", "b", 1),
        ("run_start", None, None),
        ("stage_error", "b", 1),
        ("stage_start", "b", 2),
        ("stage_stop", "b", 2),
        ("run_stop", None, None),
    ]
    start = next(event["payload"] for event in events if event["payload"].get("resumed"))
    assert start["kept"] == ["a"]


def test_the_manifest_is_that_of_one_run_and_can_be_rebuilt(spec, place, crucible):
    (place / "kill-c").touch()
    crucible("run", str(spec(*STAGES)), "--run-id", "r")
    (place / "kill-c").unlink()
    run_dir = run(resume="r").run_dir
    said = manifest(run_dir)
    assert rebuild_manifest(run_dir) == said
    assert [stage["status"] for stage in said["stages"]] == ["succeeded"] * 4
    assert [stage["attempts"] for stage in said["stages"]] == [1, 1, 2, 1]
    assert [artifact["stage"] for artifact in said["artifacts"]] == list(STAGES)
    assert [verdict["stage"] for verdict in said["verdicts"]] == list(STAGES)
    assert [resume["kept"] for resume in said["resumes"]] == [["a", "b"]]


def test_a_run_may_be_killed_again_and_again(whole, spec, place, crucible, ran):
    ran()
    path = spec(*STAGES)
    (place / "kill-a").touch()
    crucible("run", str(path), "--run-id", "r")
    for done, dies in (("a", "b"), ("b", "c"), ("c", "d")):
        (place / f"kill-{done}").unlink()
        (place / f"kill-{dies}").touch()
        assert crucible("run", "--resume", "r").returncode == -9
    (place / "kill-d").unlink()
    result = run(resume="r")
    assert ran() == ["a", "a", "b", "b", "c", "c", "d", "d"]
    assert plain(result.context) == whole


def test_what_the_run_was_given_need_not_be_given_again(spec, place, ran):
    given = {"numbers": (1, 2), "text": "t"}
    (place / "crash-b").touch()
    run(spec("a", "b"), run_id="r", assigns=given, outputs=[{"id": "first"}], seed=3)
    (place / "crash-b").unlink()
    context = run(resume="r").unwrap()
    assert (context.assigns["numbers"], context.assigns["text"]) == ((1, 2), "t")
    assert context.outputs[0] == {"id": "first"}


def test_an_ephemeral_value_is_made_again(spec, place, ran):
    (place / "crash-b").touch()
    run(spec("a", "handle:Ephemeral", "b"), run_id="r")
    (place / "crash-b").unlink()
    ran()
    context = run(resume="r").unwrap()
    assert ran() == ["handle", "b"]
    assert context.assigns["handle"].call() == "made again"


def test_where_it_comes_out_differently_everything_after_it_runs_again(spec, place, ran):
    (place / "crash-b").touch()
    run(spec("handle:Ephemeral", "a", "b"), run_id="r")
    (place / "crash-b").unlink()
    (place / "said.txt").write_text("another thing")
    ran()
    result = run(resume="r")
    assert result.ok
    assert ran() == ["handle", "a", "b"]
    assert [stage["status"] for stage in rebuild_manifest(result.run_dir)["stages"]] == ["succeeded"] * 3


def test_an_undeclared_value_that_nothing_keeps_is_an_error_of_its_stage(spec):
    result = run(spec("a", "u:Undeclared"), run_id="r")
    assert (result.status, result.failure.code, result.failure.stage) == ("failed", "no_codec", "u")
    assert "assigns.handle" in result.failure.message
    assert "ephemeral = ('assigns.handle',)" in result.failure.message
    assert run(spec("a", "u:Undeclared"), persist=False).ok


def test_a_value_is_pickled_where_its_stage_lets_it_be(spec, place, ran):
    (place / "crash-b").touch()
    run(spec("p:Pickled", "b"), run_id="r")
    (place / "crash-b").unlink()
    ran()
    context = run(resume="r").unwrap()
    assert ran() == ["b"]
    assert (context.assigns["point"].x, context.assigns["point"].y) == (1, 2)


def test_what_a_stage_dropped_stays_dropped(spec, place, ran):
    path = spec("f:Forget", "b")
    given = {"assigns": {"old": 1}, "outputs": [{"id": "old"}]}
    whole = plain(run(path, run_id="whole", **given).unwrap())
    (place / "crash-b").touch()
    run(path, run_id="r", **given)
    (place / "crash-b").unlink()
    assert plain(run(resume="r").unwrap()) == whole


def test_a_run_that_succeeded_has_nothing_to_go_on_with(spec):
    run(spec("a"), run_id="r").unwrap()
    with pytest.raises(CrucibleError, match="succeeded; there is nothing to go on with"):
        run(resume="r")


def test_a_file_that_is_gone_or_changed_is_made_again(spec, place, ran):
    for harm in (Path.unlink, lambda path: path.write_text("torn")):
        (place / "crash-c").touch()
        result = run(spec("a", "b", "c"))
        (place / "crash-c").unlink()
        harm(result.run_dir / "artifacts/a/deep/file.txt")
        ran()
        assert run(resume=result.run_id).ok
        assert ran() == ["a", "c"]


def test_a_value_that_is_damaged_is_made_again(spec, place, ran):
    for harm in (Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-1])):
        (place / "crash-c").touch()
        result = run(spec("a", "b", "c"))
        (place / "crash-c").unlink()
        for path in (result.run_dir / "checkpoints").rglob("*.*"):
            harm(path)
        ran()
        assert run(resume=result.run_id).ok
        assert ran() == ["a", "b", "c"]


def test_a_stage_that_is_passed_over_is_passed_over_again(spec, place, ran):
    off = {"id": "off", "enabled": False}
    unless = {"id": "unless", "when": "metrics.a.value > 5"}
    path = spec("a", off, "b", unless, "c", "d")
    whole = plain(run(path, run_id="whole").unwrap())
    (place / "crash-d").touch()
    run(path, run_id="r")
    (place / "crash-d").unlink()
    ran()
    result = run(resume="r")
    assert ran() == ["d"]
    assert plain(result.context) == whole
    statuses = {stage["id"]: stage["status"] for stage in manifest(result.run_dir)["stages"]}
    assert (statuses["off"], statuses["unless"]) == ("skipped", "skipped")


def test_what_runs_although_a_stage_failed_runs_again_once_it_succeeds(spec, place, ran):
    path = spec("a", {"id": "b", "on_failure": "continue"}, "c")
    whole = plain(run(path, run_id="whole").unwrap())
    (place / "crash-b").touch()
    assert run(path, run_id="r").status == "failed"
    (place / "crash-b").unlink()
    ran()
    assert plain(run(resume="r").unwrap()) == whole
    assert ran() == ["b", "c"]


def test_files_of_the_attempt_that_died_are_gone_before_the_next(spec, place, crucible):
    path = spec("a", "b")
    (place / "kill-b").touch()
    crucible("run", str(path), "--run-id", "r")
    (place / "kill-b").unlink()
    run_dir = place / "artifacts/crucible/exp/r"
    (run_dir / "artifacts/b/half-written").write_text("by the attempt that died")
    run(resume="r").unwrap()
    assert sorted(each.name for each in (run_dir / "artifacts/b").rglob("*")) == ["deep", "file.txt"]


def test_a_stage_that_fails_when_it_is_made_again_may_let_the_run_go_on(spec, place, ran):
    again = {"id": "handle", "module": "resume_stages:Handed", "on_failure": "continue"}
    (place / "crash-b").touch()
    run(spec("a", again, "b", "c"), run_id="r")
    (place / "crash-b").unlink()
    (place / "fail-handle").touch()
    ran()
    result = run(resume="r")
    assert (result.status, result.failure.stage) == ("failed", "handle")
    assert ran() == ["b", "c"]


def test_a_run_that_goes_on_is_running_to_whoever_looks_into_its_directory(spec, place):
    (place / "crash-b").touch()
    run_dir = run(spec("a", "b"), run_id="r").run_dir
    (place / "crash-b").unlink()
    seen = []
    run(resume="r", observers=[lambda event: seen.append(observed_status(manifest(run_dir)))]).unwrap()
    assert set(seen) == {"running"}
    assert observed_status(manifest(run_dir)) == "succeeded"


def test_what_a_stage_changed_in_place_is_there_when_the_run_goes_on(spec, place, crucible):
    (place / "rows.json").write_text("[5]")
    path = spec("a", "b:ChangesInPlace", "c:TellsRows")
    arguments = ("run", str(path), "--assign", "rows=@rows.json", "--no-cache")
    assert crucible(*arguments, "--run-id", "whole").returncode == 0
    (place / "kill-c").touch()
    assert crucible(*arguments, "--run-id", "r").returncode == -9
    (place / "kill-c").unlink()
    resumed = run(resume="r").unwrap().metrics["c"]
    assert resumed == manifest(place / "artifacts/crucible/exp/whole")["metrics"]["c"] | resumed
    assert resumed["rows"] == [5, 1]
    assert all(row["prediction"] == 1 for row in resumed["outputs"])


def test_what_was_done_after_a_failure_is_not_done_again_unless_it_depends_on_it(spec, place, crucible, ran):
    ran()
    (place / "fail-a").touch()
    goes_on = {"id": "a", "module": "resume_stages:Handed", "on_failure": "continue"}
    reads_a = {"id": "c", "module": "resume_stages:ReadsA"}
    path = spec(goes_on, "b:Lone", reads_a, "d:Lone")
    assert crucible("run", str(path), "--run-id", "r").returncode == 1
    assert ran() == ["b", "c", "d"]
    (place / "fail-a").unlink()
    result = run(resume="r")
    assert ran() == ["a", "c"]
    assert result.ok
    assert sorted(result.metrics) == ["a", "b", "c", "d"]
    assert [each.status for each in result.timings] == ["succeeded"] * 4
