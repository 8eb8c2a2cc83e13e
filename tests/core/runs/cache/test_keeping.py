"""Which results are kept, which are not, and why."""

from __future__ import annotations

import json
import os
from pathlib import Path
from threading import Event

import pytest

from crucible_core import run

HERE = str(Path(__file__).parent)
CACHE = ".cache"


@pytest.fixture
def cached(tmp_path, monkeypatch):
    """Run steps of kept_stages; return id to what the cache did for each."""
    monkeypatch.syspath_prepend(HERE)
    monkeypatch.chdir(tmp_path)
    import kept_stages

    def run_steps(run_id, *steps, **arguments):
        kept_stages.CALLS.clear()
        pipeline = [
            {"module": f"kept_stages:{step}", "id": f"s{index}"}
            if isinstance(step, str)
            else {"id": f"s{index}", **step}
            for index, step in enumerate(steps)
        ]
        spec = {"id": "e", "pipeline": pipeline, **arguments.pop("spec", {})}
        result = run(spec, run_id=run_id, output_dir=tmp_path / "out", **arguments)
        run_steps.result, run_steps.calls = result, [*kept_stages.CALLS]
        assert result.status == "succeeded", result.failure
        manifest = json.loads((result.run_dir / "manifest.json").read_text())
        return [(stage["cache"] or {}) for stage in manifest["stages"]]

    return run_steps


def step(name, **options):
    return {"module": f"kept_stages:{name}", "options": options}


def test_a_stage_that_promises_to_be_repeatable_is_kept_and_found(cached):
    assert [each["outcome"] for each in cached("a", "Plain", "Plain")] == ["kept", "kept"]
    assert cached.calls == ["s0", "s1"]
    assert [each["outcome"] for each in cached("b", "Plain", "Plain")] == ["hit", "hit"]
    assert cached.calls == []
    assert cached.result.metrics == {"s0": {"n": 1}, "s1": {"n": 1}}
    assert [each.status for each in cached.result.timings] == ["skipped", "skipped"]
    assert cached.result.context.completed_stages == ("s0", "s1")


@pytest.mark.parametrize("name", ["Random", "Unwilling"])
def test_a_stage_that_does_not_is_not(cached, name):
    assert cached("a", name) == [{}]
    assert not (cached.result.run_dir.parent.parent / CACHE / "entries").exists()


REASONS = {
    "Clock": "it asked for clock",
    "Record": "it asked for record",
    "RunId": "it asked for run_id",
    "Trace": "it asked for trace",
    "Link": "link among its files",
    "BigPath": "assigns.big names files of this run's directory",
}


@pytest.mark.parametrize(("name", "reason"), REASONS.items(), ids=REASONS)
def test_a_result_that_no_key_or_no_other_run_can_hold_is_not_kept(cached, name, reason):
    for run_id in ("a", "b"):
        (found,) = cached(run_id, name)
        assert (found["outcome"], cached.calls) == ("not_kept", ["s0"])
        assert reason in found["reason"]


def test_a_stage_that_needed_two_attempts_is_not_kept(cached):
    retried = {"module": "kept_stages:Twice", "retry": {"attempts": 2, "backoff_s": 0, "codes": ["not_yet"]}}
    (found,) = cached("a", retried)
    assert "2 attempts" in found["reason"]


def test_a_stage_that_changes_rows_it_does_not_read_is_not_kept(cached):
    (found,) = cached("a", "ChangesRows", outputs=[{"id": 1}])
    assert "outputs that it does not declare to read" in found["reason"]


def test_a_file_that_changes_while_the_stage_runs_keeps_its_result_from_being_kept(cached, tmp_path):
    path = tmp_path / "data.txt"
    path.write_text("as it was")
    (found,) = cached("a", step("ChangesItsFile", path=str(path)))
    assert "changed while it ran" in found["reason"]


@pytest.mark.parametrize("options", [{"token": "hunter2"}, {"plain": "hunter2"}])
def test_a_stage_with_a_secret_has_no_key_and_leaves_none_of_it(cached, options, tmp_path):
    (found,) = cached("a", step("Secret", **options))
    assert found["outcome"] == "uncacheable"
    assert "is a secret" in found["reason"]
    for path in (tmp_path / "out").rglob("*"):
        assert path.is_dir() or b"hunter2" not in path.read_bytes()


def test_a_secret_that_is_not_given_is_none(cached):
    cached("a", "Secret")
    assert cached("b", "Secret")[0]["outcome"] == "hit"


def test_a_value_without_a_codec_makes_its_readers_uncacheable(cached):
    _, found = cached("a", "MakesForeign", "ReadsForeign")
    assert found["outcome"] == "uncacheable"
    assert "assigns.foreign (kept_stages:Foreign)" in found["reason"]


def test_a_stage_that_writes_what_is_not_kept_is_uncacheable(cached):
    assert "declared ephemeral" in cached("a", "Ephemeral")[0]["reason"]


def test_what_a_stage_looks_at_without_declaring_it_counts_from_then_on(cached):
    nosy = step("Nosy")
    assert cached("a", nosy)[0]["outcome"] == "kept"
    assert cached("b", nosy)[0]["outcome"] == "hit"
    assert cached("c", nosy, spec={"description": "another"})[0]["outcome"] == "kept"
    assert cached("d", nosy, spec={"description": "another"})[0]["outcome"] == "hit"
    assert cached("e", nosy)[0]["outcome"] == "hit"
    assert cached("f", nosy, "Unwilling")[0]["outcome"] == "kept"


def test_what_a_stage_does_not_look_at_does_not_count(cached):
    assert cached("a", "Plain")[0]["outcome"] == "kept"
    assert (
        cached("b", "Plain", "Unwilling", spec={"description": "another"}, telemetry_context={"who": "me"})[0][
            "outcome"
        ]
        == "hit"
    )


def test_a_stage_that_looks_at_more_the_more_it_sees_is_found_for_each(cached):
    nosy = step("Nosy", looks_at="telemetry")

    def outcome(run_id, who, experiment_id="e"):
        return cached(run_id, nosy, telemetry_context={"who": who}, spec={"id": experiment_id})[0]["outcome"]

    assert [outcome("a", "me"), outcome("b", "me", "other")] == ["kept", "hit"]
    assert [outcome("c", "curious"), outcome("d", "curious", "other")] == ["kept", "kept"]
    assert [outcome("e", "curious"), outcome("f", "curious", "other")] == ["hit", "hit"]
    assert outcome("g", "you") == "kept"


def test_stages_and_verdicts_before_it_count_where_it_looks_at_them(cached):
    for name in ("stages", "verdicts"):
        nosy = step("Nosy", looks_at=name)
        cached(f"{name}1", "Unwilling", nosy)
        assert cached(f"{name}2", "Unwilling", nosy)[1]["outcome"] == "hit"
    assert cached("s3", "Random", step("Nosy", looks_at="stages"))[1]["outcome"] == "hit"
    found = cached("s4", "Random", {"module": "kept_stages:Unwilling", "id": "before"}, step("Nosy", looks_at="stages"))
    assert found[2]["outcome"] == "kept"


@pytest.mark.parametrize("name", ["RunId", "Plain"])
def test_what_a_stage_asks_in_a_process_of_its_own_counts_as_well(cached, name):
    isolated = {"module": f"kept_stages:{name}", "isolation": "process"}
    outcomes = [cached(run_id, isolated)[0]["outcome"] for run_id in ("a", "b")]
    assert outcomes == (["not_kept"] * 2 if name == "RunId" else ["kept", "hit"])


def test_events_are_not_told_again(cached):
    cached("a", "Telling")
    cached("b", "Telling")
    lines = (cached.result.run_dir / "telemetry.jsonl").read_text().splitlines()
    assert [json.loads(line)["event_name"] for line in lines] == ["run_start", "stage_skip", "run_stop"]


def test_options_in_another_order_are_others_for_a_stage_that_sees_the_order(cached):
    cached("a", step("Duck", a=1, b=2))
    assert cached("b", step("Duck", a=1, b=2))[0]["outcome"] == "hit"
    assert cached("c", step("Duck", b=2, a=1))[0]["outcome"] == "kept"


def test_everything_in_a_directory_counts(cached, tmp_path):
    data = tmp_path / "data"
    (data / "deep").mkdir(parents=True)
    (data / "deep" / "a.txt").write_text("a")
    changes = [
        lambda: (data / "deep" / "a.txt").write_text("b"),
        lambda: (data / "deep" / "b.pyc").write_bytes(b""),
        (data / "empty").mkdir,
        lambda: (data / "deep" / "a.txt").rename(data / "a.txt"),
        lambda: (data / "link").symlink_to("a.txt"),
        lambda: (data / "nowhere").symlink_to("nothing"),
        lambda: (data / "round").symlink_to("."),
    ]
    cached("first", step("Files", path="data"))
    assert cached("again", step("Files", path="data"))[0]["outcome"] == "hit"
    for number, change in enumerate(changes):
        change()
        assert cached(f"changed{number}", step("Files", path="data"))[0]["outcome"] == "kept", number
        assert cached(f"same{number}", step("Files", path="data"))[0]["outcome"] == "hit", number


def test_a_file_that_appears_counts(cached, tmp_path):
    cached("a", step("Files", many=["one.txt", "two.txt"]))
    (tmp_path / "two.txt").write_text("")
    assert cached("b", step("Files", many=["one.txt", "two.txt"]))[0]["outcome"] == "kept"


def test_files_that_a_pattern_stands_for_count(cached, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("1")
    named = step("Files", path="data/*.csv")
    cached("a", named)
    assert cached("b", named)[0]["outcome"] == "hit"
    (tmp_path / "data" / "a.csv").write_text("2")
    assert cached("c", named)[0]["outcome"] == "kept"
    (tmp_path / "data" / "b.csv").write_text("2")
    assert cached("d", named)[0]["outcome"] == "kept"


def test_a_file_that_an_input_names_counts(cached, tmp_path):
    (tmp_path / "model.bin").write_text("1")
    for number, given in enumerate(("model.bin", {"deep": [str(tmp_path / "model.bin")]}, tmp_path / "model.bin")):
        reads = "ReadsForeign"
        assert cached(f"a{number}", reads, assigns={"foreign": given})[0]["outcome"] == "kept"
        assert cached(f"b{number}", reads, assigns={"foreign": given})[0]["outcome"] == "hit"
        (tmp_path / "model.bin").write_text(f"other {number}")
        assert cached(f"c{number}", reads, assigns={"foreign": given})[0]["outcome"] == "kept"


@pytest.mark.parametrize("form", ["{}", "file://{}", "at {}"])
def test_a_file_of_another_stage_counts_however_its_path_is_handed_on(cached, form):
    for run_id, content in (("a", "one"), ("b", "two")):
        writes = step("WritesFile", content=content, form=form)
        assert cached(run_id, writes, "ReadsForeign")[1]["outcome"] == "kept"
    again = cached("c", step("WritesFile", content="one", form=form), "ReadsForeign")[1]["outcome"]
    assert again == ("hit" if form == "{}" else "kept")  # where it is a part of a text, nobody knows what it leads to


def test_what_is_no_file_has_no_content_to_compare(cached, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "no regular file" in cached("a", step("Files", path="pipe"))[0]["reason"]


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(cached, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / CACHE).write_text("a file in its place")
    for run_id in ("a", "b"):
        assert cached(run_id, "Plain")[0]["outcome"] == "not_kept"
        assert cached.calls == ["s0"]


@pytest.mark.parametrize("by", ["deadline", "remaining"])
def test_what_was_done_in_the_time_there_was_is_not_kept(cached, by):
    hurried = {**step("UntilTold", by=by), "timeout_s": 60}
    (found,) = cached("a", hurried)
    assert (found["outcome"], found["reason"]) == (
        "not_kept",
        "it asked for deadline, which is another in every run",
    )
    assert cached("b", step("UntilTold", by=by))[0]["outcome"] == "kept"
    assert cached.result.context.assigns["done"] == 1
    assert cached("c", hurried)[0]["outcome"] == "hit"  # with all the time there is it was done wholly


def test_what_was_done_until_the_run_was_to_stop_is_not_kept(cached, monkeypatch):
    import kept_stages

    stop = Event()
    monkeypatch.setattr(kept_stages, "STOPS", [stop])
    (found,) = cached("a", step("UntilTold", by="cancelled"), cancel=stop)
    assert "it asked for cancelled" in found["reason"]
    monkeypatch.setattr(kept_stages, "STOPS", [])
    assert cached("b", step("UntilTold", by="cancelled"))[0]["outcome"] == "kept"
    assert cached.result.context.assigns["done"] == 1


def test_a_value_that_a_stage_changes_in_place_is_found_as_it_left_it(cached):
    for run_id, outcome in (("a", "kept"), ("b", "hit")):
        found = cached(run_id, "ChangesInPlace", "Sum", assigns={"rows": [1]})
        assert [each["outcome"] for each in found] == [outcome, outcome]
        assert cached.result.context.assigns["sum"] == 3
        assert cached.result.context.assigns["rows"] == [1, 2]
