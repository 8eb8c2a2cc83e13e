"""What is measured of runs."""

from __future__ import annotations

import math

from crucible_core import run
from crucible_otel.measures import PIPELINE, RUN_ID, TASK


def test_runs_are_counted_by_status(watched):
    watched.run("Measure", run_id="a")
    watched.run("Refuse", run_id="b")
    watched.run("Interrupt", run_id="c")
    watched.run("Refuse", run_id="d")
    counted = {about["crucible.run.status"]: point.value for about, point in watched.points("crucible.runs")}
    assert counted == {"succeeded": 1, "failed": 2, "cancelled": 1}


def test_failures_are_counted_by_code_and_stage_and_once(watched):
    for number, stage in enumerate(("Measure", "Refuse", "Refuse", "Crash", "Interrupt", "Judge")):
        watched.run(stage, run_id=f"r{number}")
    counted = {
        (about["error.type"], about.get(TASK)): point.value
        for about, point in watched.points("cicd.pipeline.run.errors")
    }
    assert counted == {("too_few", "refuse"): 2, ("stage_crashed", "crash"): 1, ("gate_failed", None): 1}


def test_durations_of_runs_and_stages_are_those_of_the_record(watched):
    result = watched.run("Measure", "Refuse")
    stages = {about[TASK]: (about, point) for about, point in watched.points("crucible.stage.duration")}
    assert stages["measure"][0]["cicd.pipeline.task.run.result"] == "success"
    assert "error.type" not in stages["measure"][0]
    assert stages["refuse"][0]["error.type"] == "too_few"
    recorded = {timing.stage: timing.duration for timing in result.timings}
    for stage, (_, point) in stages.items():
        assert math.isclose(point.sum, recorded[stage], abs_tol=1e-6)


def test_the_duration_of_a_run_has_its_result(watched):
    watched.run("Refuse")
    ((about, point),) = watched.points("cicd.pipeline.run.duration")
    assert about == {
        PIPELINE: "demo",
        "cicd.pipeline.run.state": "executing",
        "cicd.pipeline.result": "failure",
        "error.type": "too_few",
    }
    assert point.count == 1


def test_runs_are_active_while_they_run(watched):
    seen = []

    def look(event):
        if event.event_name == "stage_start":
            seen.extend(point.value for _, point in watched.points("cicd.pipeline.run.active"))

    watch = watched.observer
    watched.observer = lambda event: (watch(event), look(event))
    watched.run("Measure")
    assert seen == [1]
    assert [point.value for _, point in watched.points("cicd.pipeline.run.active")] == [0]


def test_values_are_gauges_named_by_metric_stage_and_run(watched):
    watched.run("Measure", run_id="a")
    found = {about["crucible.metric.name"]: point.value for about, point in watched.points("crucible.metric.value")}
    assert found == {"loss": 1 / 3, "measure.loss": 0.25, "measure.by.a": 1, "measure.by.b": 2}


def test_values_of_two_runs_are_apart(watched):
    watched.run("Measure", run_id="a")
    watched.run("Measure", run_id="b")
    assert {about[RUN_ID] for about, _ in watched.points("crucible.metric.value")} == {"a", "b"}


def test_stages_that_do_not_run_are_counted_by_reason(watched):
    off = {"id": "measure", "name": "measure", "module": "otel_stages:Measure", "enabled": False}
    watched.run(fields={"pipeline": [off]})
    ((about, point),) = watched.points("crucible.stage.skips")
    assert (about["crucible.stage.skip_reason"], point.value) == ("disabled", 1)


def test_runs_at_the_same_time_do_not_mix(watched, tmp_path):
    """A stage may itself run experiments; events of one come between those of the other."""
    inner = {"id": "inner", "pipeline": [{"id": "measure", "name": "measure", "module": "otel_stages:Measure"}]}
    started = []

    def nested(event):
        if event.event_name == "stage_start" and event.experiment_id == "demo" and not started:
            started.append(run(inner, observers=[watch], persist=False))

    watch = watched.observer
    watched.observer = lambda event: (watch(event), nested(event))
    watched.run("Judge")
    assert started[0].ok
    assert watched.spans["RUN inner"].parent.span_id == watched.spans["judge"].context.span_id
    assert watched.spans["measure"].parent.span_id == watched.spans["RUN inner"].context.span_id
