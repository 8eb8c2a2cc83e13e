"""What others hold the runner by: where it begins, what it asks before an attempt, and what it is told after one."""

import time

import pytest

from crucible_core import Context, Stage, StageError
from crucible_core.contract.runtime import RunServices
from crucible_core.pipeline.progress import Progress
from crucible_core.pipeline.runner import Runner
from crucible_core.trace.emitter import Emitter


class Make(Stage):
    """Makes a value."""

    writes = ("assigns.made",)

    def run(self, context, options):
        runtime = context.runtime
        runtime.artifact_path(f"{runtime.attempt}.txt").touch()
        return context.assign(made=runtime.attempt)


class Use(Stage):
    """Needs it."""

    reads = ("assigns.made",)

    def run(self, context, options):
        return context.put_metric("use", context.assigns["made"])


@pytest.fixture
def bench(plan_stages, tmp_path):
    """Run the stages make and use with a runner of one's own; return progress and events."""

    def run_them(*stages, additions=lambda *_: {}, progress=None, **runner):
        events = []
        plan = plan_stages(*(stages or ("make", "use")), offers={"make": Make, "use": Use})
        emitter = Emitter("r", "exp", None, (("events", events.append),))
        context = Context(run_id="r", experiment_id="exp", experiment=plan.experiment, trace=emitter.reasoning)
        progress = progress or Progress(context)
        progress.context = progress.context or context
        services = RunServices(sink=emitter, artifacts=lambda stage: tmp_path / stage)
        Runner(services, additions, time.perf_counter(), **runner).run(plan.stages, progress)
        return progress, [(e.event_name, e.stage, e.attempt) for e in events], [e.payload for e in events]

    return run_them


def test_a_stage_whose_result_is_known_does_not_run(bench):
    asked = []

    def reuse(planned, context):
        asked.append((planned.id, context.completed_stages))
        return context.assign(made="before") if planned.id == "make" else None

    def additions(before, after, stage_id, runtime):
        return {"metrics": {stage_id: dict(after.assigns)}}

    progress, events, payloads = bench(reuse=reuse, additions=additions)
    assert asked == [("make", ()), ("use", ("make",))]
    assert events == [("stage_skip", "make", None), ("stage_start", "use", 1), ("stage_stop", "use", 1)]
    assert payloads[0] == {"reason": "cached", "metrics": {"make": {"made": "before"}}}
    assert dict(progress.context.metrics) == {"use": "before"}
    assert [(timing.stage, timing.status) for timing in progress.timings] == [("make", "skipped"), ("use", "succeeded")]


def test_a_stage_that_its_condition_skips_is_not_looked_up(bench):
    asked = []
    _, events, _ = bench({"name": "make", "when": "false"}, reuse=lambda planned, context: asked.append(planned.id))
    assert (asked, events) == ([], [("stage_skip", "make", None)])


def test_what_is_raised_when_a_stage_is_recorded_is_its_failure(bench):
    def additions(before, after, stage_id, runtime):
        raise StageError("no_codec", f"{stage_id} cannot be kept", path="assigns.made")

    progress, events, payloads = bench(additions=additions)
    assert events == [("stage_start", "make", 1), ("stage_error", "make", 1)]
    assert (payloads[1]["code"], payloads[1]["details"]) == ("no_codec", {"path": "assigns.made"})
    assert (progress.status, progress.failure.code, dict(progress.context.assigns)) == ("failed", "no_codec", {})


def test_that_failure_is_tried_again_where_the_stage_says_so(bench):
    def additions(before, after, stage_id, runtime):
        if stage_id == "make" and runtime.attempt == 1:
            raise StageError("no_codec", "not yet")
        return {}

    retry = {"codes": ["no_codec"], "backoff_s": 0}
    progress, events, _ = bench({"name": "make", "retry": retry}, "use", additions=additions)
    assert progress.context.assigns["made"] == 2
    assert [event[0] for event in events] == ["stage_start", "stage_error", *["stage_start", "stage_stop"] * 2]


def test_attempts_are_counted_on_from_those_before(bench, tmp_path):
    (tmp_path / "make").mkdir()
    for name in ("left.txt", "kept.bin"):
        (tmp_path / "make" / name).touch()
    before = Progress(None, attempts={"make": 3}, checkpoints={"make": {str(tmp_path / "make" / "kept.bin")}})
    progress, events, _ = bench(progress=before)
    assert events[:2] == [("stage_start", "make", 4), ("stage_stop", "make", 4)]
    assert events[2:] == [("stage_start", "use", 1), ("stage_stop", "use", 1)]
    assert [timing.attempts for timing in progress.timings] == [4, 1]
    assert sorted(path.name for path in (tmp_path / "make").iterdir()) == ["4.txt", "kept.bin"]


def test_a_resumed_stage_has_all_its_attempts_again(bench):
    def additions(before, after, stage_id, runtime):
        raise StageError("no_codec", "never")

    retry = {"attempts": 2, "codes": ["*"], "backoff_s": 0}
    _, events, _ = bench(
        {"name": "make", "retry": retry}, additions=additions, progress=Progress(None, attempts={"make": 7})
    )
    assert [attempt for _, _, attempt in events] == [8, 8, 9, 9]
