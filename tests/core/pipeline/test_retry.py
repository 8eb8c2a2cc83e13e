"""Stages that are tried again."""

from pathlib import Path

import pytest

from crucible_core import Stage, StageError
from crucible_core.ir import RetryPolicy
from crucible_core.pipeline.result import RecordError
from crucible_core.pipeline.retrying import empty, retries, wait_s

NO_WAIT = {"backoff_s": 0}


def failing(times, error=None):
    """Make a stage that fails so often, then says which attempt it is."""
    left = [error or ZeroDivisionError("x")] * times

    def run(context, options):
        if left:
            raise left.pop()
        return context.put_metric(context.runtime.stage_id, context.runtime.attempt)

    return run


@pytest.fixture
def tried(run_stages):
    """Run one stage under a retry policy; return the result and its events."""

    def run(stage, retry, *more, **arguments):
        events = []
        first = {"name": "a", "retry": {**NO_WAIT, **retry}}
        result = run_stages(first, *more, offers={"a": stage}, observers=[events.append], **arguments)
        return result, [event for event in events if event.stage == "a"]

    return run


def ended(events):
    """Return what ended each attempt, with its number and the seconds until the next."""
    terminal = [event for event in events if event.event_name in ("stage_stop", "stage_error")]
    return [(event.event_name, event.attempt, event.payload.get("will_retry_in_s")) for event in terminal]


def test_a_stage_that_crashes_is_tried_again_until_it_does_not(tried):
    result, events = tried(failing(2), {"attempts": 3})
    assert (result.ok, dict(result.metrics)) == (True, {"a": 3})
    assert ended(events) == [("stage_error", 1, 0), ("stage_error", 2, 0), ("stage_stop", 3, None)]
    assert [event.attempt for event in events if event.event_name == "stage_start"] == [1, 2, 3]
    (timing,) = result.timings
    assert (timing.status, timing.attempts) == ("succeeded", 3)


def test_the_last_attempt_is_the_failure(tried):
    result, events = tried(failing(9), {"attempts": 2})
    assert (result.status, result.failure.code, result.failure.stage) == ("failed", "stage_crashed", "a")
    assert ended(events) == [("stage_error", 1, 0), ("stage_error", 2, None)]
    (timing,) = result.timings
    assert (timing.status, timing.attempts) == ("failed", 2)


def test_one_attempt_is_no_retry(tried):
    _, events = tried(failing(9), {"attempts": 1})
    assert ended(events) == [("stage_error", 1, None)]


def test_what_a_stage_foresaw_is_not_tried_again_unless_asked_for(run_stages):
    class Foreseeing(Stage):
        errors = {"too_few": "Too few."}
        left = []

        def run(self, context, options):
            return failing(len(self.left) and self.left.pop(), StageError("too_few", "x"))(context, options)

    for codes, ok in ({}, False), ({"codes": ["too_few"]}, True):
        Foreseeing.left.append(1)
        result = run_stages({"name": "a", "retry": {**NO_WAIT, **codes}}, offers={"a": Foreseeing})
        assert result.ok is ok


@pytest.mark.parametrize(
    ("codes", "code", "again"),
    [
        (None, "stage_crashed", True),
        (None, "timeout", True),
        (None, "worker_died", True),
        (None, "invalid_return", False),
        (None, "too_few", False),
        (["*"], "too_few", True),
        (["*"], "invalid_return", True),
        (["*"], "cancelled", False),
        (["*"], "condition_failed", False),
        ([], "stage_crashed", False),
    ],
)
def test_which_codes_are_tried_again(codes, code, again):
    policy = RetryPolicy() if codes is None else RetryPolicy(codes=tuple(codes))
    assert retries(policy, code) is again


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), StageError("cancelled", "enough")])
def test_what_is_told_to_stop_is_not_tried_again(tried, error):
    result, events = tried(failing(1, error), {"codes": ["*"]})
    assert result.status == "cancelled"
    assert ended(events) == [("stage_error", 1, None)]


def test_waits_grow_up_to_the_longest():
    policy = RetryPolicy(backoff_s=1, factor=3, max_backoff_s=20, jitter=0)
    assert [wait_s(policy, attempt, 0, "a") for attempt in (1, 2, 3, 4, 5_000)] == [1, 3, 9, 20, 20]


def test_chance_shortens_waits_by_its_share_and_follows_from_the_seed():
    policy = RetryPolicy(backoff_s=8, factor=1, jitter=0.25)
    waits = [wait_s(policy, attempt, seed, "a") for attempt in (1, 2) for seed in range(50)]
    assert all(6 < wait <= 8 for wait in waits)
    assert min(waits) < 6.2
    assert max(waits) > 7.8
    assert len(set(waits)) == 100
    assert waits[7] == wait_s(policy, 1, 7, "a") != wait_s(policy, 1, 7, "b")


def test_a_run_waits_as_its_seed_says(tried):
    def waits(seed):
        _, events = tried(failing(2), {"backoff_s": 0.01, "jitter": 1}, seed=seed)
        return [wait for _, _, wait in ended(events)]

    assert waits(3) == waits(3) != waits(4)
    assert waits(3)[:2] == [round(wait_s(RetryPolicy(backoff_s=0.01, jitter=1), n, 3, "a"), 6) for n in (1, 2)]


def test_each_attempt_begins_with_the_context_of_the_first(tried):
    seen = []

    def grow(context, options):
        seen.append((len(context.outputs), dict(context.assigns), len(context.trace), context.completed_stages))
        context.runtime.decide(f"attempt {context.runtime.attempt}", "why")
        context = context.add_output({"n": 1}).assign(kept=1)
        return failing(1)(context, options) if len(seen) < 3 else context

    result, _ = tried(grow, {})
    assert seen == [(0, {}, 0, ())] * 3
    assert [event.payload["decision"] for event in result.context.trace] == ["attempt 3"]
    assert len(result.context.outputs) == 1


def test_reasoning_of_the_last_attempt_is_kept_when_all_fail(tried):
    def decide(context, options):
        context.runtime.decide(f"attempt {context.runtime.attempt}", "why")
        raise ValueError

    result, _ = tried(decide, {"attempts": 2})
    assert [event.payload["decision"] for event in result.context.trace] == ["attempt 2"]


def test_an_attempt_finds_its_directory_empty_but_for_checkpoints(tried, tmp_path):
    found = []

    def write(context, options):
        runtime = context.runtime
        directory = runtime.artifact_path("x").parent
        found.append(sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*")))
        n = runtime.attempt
        runtime.artifact_path(f"draft-{n}.txt").write_text("x")
        runtime.artifact_path(f"deep/down/{n}.txt").write_text("x")
        runtime.artifact_path(f"epoch-{n}/weights.bin").write_bytes(b"x")
        runtime.checkpoint(f"epoch {n}", runtime.artifact_path(f"epoch-{n}"))
        runtime.artifact_path(f"deep/best-{n}.bin").write_bytes(b"x")
        runtime.checkpoint("best", runtime.artifact_path(f"deep/best-{n}.bin"))
        return failing(1)(context, options) if n < 3 else context

    result, _ = tried(write, {}, persist=True, output_dir=tmp_path)
    assert result.ok
    first = ["deep", "deep/best-1.bin", "epoch-1", "epoch-1/weights.bin"]
    second = ["deep/best-2.bin", "epoch-2", "epoch-2/weights.bin"]
    assert found == [[], first, sorted([*first, *second])]


def test_emptying_follows_no_link(tmp_path):
    outside, directory = tmp_path / "outside", tmp_path / "stage"
    (outside / "sub").mkdir(parents=True)
    (outside / "file").write_text("mine")
    directory.mkdir()
    (directory / "link").symlink_to(outside)
    (directory / "kept").symlink_to(outside / "file")
    empty(directory, [str(directory / "kept")])
    assert [path.name for path in directory.iterdir()] == ["kept"]
    assert (outside / "file").read_text() == "mine"
    empty(tmp_path / "nothing", [])


def test_a_checkpoint_named_by_another_way_to_the_same_place_is_kept(tmp_path, monkeypatch):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.bin").write_bytes(b"x")
    (tmp_path / "alias").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path)
    empty(Path("real"), ["alias/a.bin"])
    assert (tmp_path / "real" / "a.bin").exists()


def test_what_an_attempt_left_and_cannot_be_removed_stops_the_run():
    with pytest.raises(RecordError, match=r"cannot remove .*, which a failed attempt left: "):
        empty(Path("/proc/self/fdinfo"), [])  # nobody can


def test_a_later_stage_sees_one_stage_that_is_done(tried):
    result, _ = tried(failing(1), {}, {"name": "validate"})
    assert result.context.completed_stages == ("a", "validate")


def test_the_record_counts_attempts_and_holds_the_policy(tried, tmp_path):
    import json

    result, _ = tried(failing(1), {"attempts": 2}, persist=True, output_dir=tmp_path)
    (stage,) = json.loads((result.run_dir / "manifest.json").read_bytes())["stages"]
    assert (stage["status"], stage["attempts"], stage["reason"]) == ("succeeded", 2, None)
    assert stage["policies"] == {"retry": {"backoff_s": 0, "attempts": 2}}


def test_the_record_in_memory_counts_attempts(run_stages):
    records = []

    def look(context, options):
        records.append(context.runtime.record())
        return context

    definition = {"name": "a", "retry": NO_WAIT, "on_failure": "continue"}
    run_stages(definition, "b", offers={"a": failing(9), "b": look})
    assert [(stage["status"], stage["attempts"]) for stage in records[0]["stages"]] == [("failed", 3), ("pending", 0)]
