"""What a failure ends, when a stage runs at all, and how long it may take."""

import subprocess
import sys
import threading
import time

import pytest

from crucible_core import Stage, StageError, Verdict


def crash(context, options):
    raise ZeroDivisionError("x")


class Note(Stage):
    """Measures something."""

    writes = ("metrics.{id}",)

    def run(self, context, options):
        return context.put_metric(context.runtime.stage_id, {"n": 1})


class Make(Stage):
    """Makes a value and a metric."""

    writes = ("assigns.made", "metrics.{id}")

    def run(self, context, options):
        return context.assign(made=1).put_metric(context.runtime.stage_id, {"n": 1})


class Break(Make):
    """Would make them."""

    def run(self, context, options):
        raise StageError("stage_crashed", "broken")


class Use(Stage):
    """Needs the value."""

    reads = ("assigns.made",)
    writes = ("assigns.used",)

    def run(self, context, options):
        return context.assign(used=context.assigns["made"])


class UseAgain(Stage):
    """Needs what was made of it."""

    reads = ("assigns.used",)

    def run(self, context, options):
        return context


class Rows(Stage):
    """Breaks before it writes rows."""

    writes = ("outputs",)

    def run(self, context, options):
        raise ValueError


class Count(Stage):
    """Needs rows."""

    reads = ("outputs",)

    def run(self, context, options):
        return context.put_metric("count", len(context.outputs))


OFFERS = {
    "crash": crash,
    "note": Note,
    "make": Make,
    "break": Break,
    "use": Use,
    "use_again": UseAgain,
    "rows": Rows,
    "count": Count,
}


@pytest.fixture
def followed(run_stages):
    """Run stages; return the result, and of each stage what its events say."""

    def run(*stages, offers=(), **arguments):
        events = []
        offered = {**OFFERS, **dict(offers)}
        result = run_stages(*stages, offers=offered, observers=[events.append], **arguments)
        said = {}
        for event in events:
            if event.event_name == "stage_skip":
                said[event.stage] = f"skip {event.payload['reason']}"
            elif event.event_name in ("stage_start", "stage_stop", "stage_error"):
                said[event.stage] = f"{said.get(event.stage, '')} {event.event_name.removeprefix('stage_')}".strip()
        details = {event.stage: event.payload.get("detail") for event in events if event.event_name == "stage_skip"}
        return result, said, details

    return run


def step(name, **policies):
    return {"name": name, **policies}


def test_a_failure_that_ends_nothing_is_the_runs_at_the_end(followed):
    result, said, _ = followed(
        step("crash", on_failure="continue"), {"name": "crash", "id": "second", "on_failure": "continue"}, "note"
    )
    assert said == {"crash": "start error", "second": "start error", "note": "start stop"}
    assert (result.status, result.failure.stage, result.failure.code) == ("failed", "crash", "stage_crashed")
    assert [timing.status for timing in result.timings] == ["failed", "failed", "succeeded"]
    assert (dict(result.metrics), result.context.completed_stages) == ({"note": {"n": 1}}, ("note",))


def test_the_first_failure_is_kept_when_a_later_one_stops_the_run(followed):
    result, said, _ = followed(step("crash", on_failure="continue"), {"name": "crash", "id": "last"}, "note")
    assert (result.failure.stage, said) == ("crash", {"crash": "start error", "last": "start error"})


def test_a_failed_verdict_after_a_failure_changes_nothing(followed):
    judge = {"judge": lambda context, options: context.put_verdict(Verdict("Good?", False, "No."))}
    result, _, _ = followed(step("crash", on_failure="continue"), "judge", offers=judge)
    assert result.failure.code == "stage_crashed"


def test_stages_that_need_what_failed_to_be_written_are_skipped_and_those_that_need_them(followed):
    result, said, details = followed(step("break", on_failure="continue"), "use", "use_again", "note")
    assert said == {
        "break": "start error",
        "use": "skip earlier_failure",
        "use_again": "skip earlier_failure",
        "note": "start stop",
    }
    assert details["use"] == "it needs assigns.made, and break failed"
    assert details["use_again"] == "it needs assigns.used, and use failed"
    assert (result.status, result.failure.stage) == ("failed", "break")
    assert [timing.status for timing in result.timings] == ["failed", "skipped", "skipped", "succeeded"]


def test_stages_that_find_what_they_need_elsewhere_run(followed):
    _, said, _ = followed("make", {"name": "break", "id": "again", "on_failure": "continue"}, "use")
    assert said["use"] == "start stop"
    _, said, _ = followed({"name": "break", "id": "first", "on_failure": "continue"}, "make", "use")
    assert said["use"] == "start stop"


def test_rows_that_were_not_written_are_missing_where_there_are_none(followed):
    _, said, _ = followed(step("rows", on_failure="continue"), "count")
    assert said["count"] == "skip earlier_failure"
    _, said, _ = followed(step("rows", on_failure="continue"), "count", outputs=[{"a": 1}])
    assert said["count"] == "start stop"


def test_what_a_stage_does_not_write_although_it_said_so_is_no_reason_to_skip(followed):
    lazy = type("Lazy", (Make,), {"run": lambda self, context, options: context})
    result, said, _ = followed(step("crash", on_failure="continue"), "lazy", "use", offers={"lazy": lazy})
    assert said["use"] == "start error"
    assert result.failure.stage == "crash"


def test_a_failure_may_skip_the_rest(followed):
    result, said, details = followed(
        "note", step("crash", on_failure="skip_rest"), "make", {"name": "gone", "enabled": False}, "use"
    )
    assert said == {
        "note": "start stop",
        "crash": "start error",
        "make": "skip earlier_failure",
        "gone": "skip disabled",
        "use": "skip earlier_failure",
    }
    assert details["make"] == "crash failed, and skips the rest"
    assert (result.status, result.failure.stage) == ("failed", "crash")


def test_being_cancelled_ends_the_run_whatever_failures_do(followed):
    def stop(context, options):
        raise KeyboardInterrupt

    result, said, _ = followed(
        step("crash", on_failure="continue"), step("stop", on_failure="continue"), "note", offers={"stop": stop}
    )
    assert (result.status, result.failure.stage, "note" in said) == ("cancelled", "stop", False)


def test_a_condition_that_holds_lets_the_stage_run(followed):
    _, said, _ = followed("note", {"name": "make", "when": "metrics.note.n == 1"})
    assert said["make"] == "start stop"


def test_a_condition_that_does_not_hold_skips_the_stage_and_those_that_need_it(followed):
    result, said, details = followed("note", {"name": "make", "when": "metrics.note.n > 1"}, "use", "use_again")
    assert said == {
        "note": "start stop",
        "make": "skip condition",
        "use": "skip condition",
        "use_again": "skip condition",
    }
    assert details["make"] == "metrics.note.n > 1 does not hold: metrics.note.n is 1"
    assert details["use"] == "it needs assigns.made, and make was skipped"
    assert (result.status, result.context.completed_stages) == ("succeeded", ("note",))


def test_a_condition_on_metrics_of_a_stage_that_failed_skips(followed):
    _, said, details = followed(
        {"name": "break", "id": "eval", "on_failure": "continue"},
        {"name": "note", "when": "metrics.eval.n > 1"},
        {"name": "note", "id": "alarm", "when": "not defined(metrics.eval.n)"},
    )
    assert (said["note"], said["alarm"]) == ("skip earlier_failure", "start stop")
    assert details["note"] == "it needs metrics.eval, and eval failed"


def test_a_condition_that_is_neither_true_nor_false_fails_the_stage(followed):
    result, said, _ = followed(
        "note", {"name": "make", "when": "metrics.note.nn > 1", "retry": {"codes": ["*"], "backoff_s": 0}}, "use"
    )
    assert said == {"note": "start stop", "make": "start error"}
    failure = result.failure
    assert (failure.stage, failure.code) == ("make", "condition_failed")
    assert failure.message.splitlines() == [
        "there is no metric metrics.note.nn; ask for it first: defined(metrics.note.nn) and ...",
        "    metrics.note.nn > 1",
        "    ^",
    ]
    assert failure.details == {"condition": "metrics.note.nn > 1", "column": 1}


def test_what_a_condition_fails_is_up_to_on_failure(followed):
    result, said, _ = followed("note", {"name": "make", "when": "metrics.note.n", "on_failure": "continue"}, "use")
    assert (result.failure.code, said["use"]) == ("condition_failed", "skip earlier_failure")


def test_a_stage_knows_how_long_it_has(followed):
    seen = []

    def look(context, options):
        seen.append((context.runtime.deadline - time.monotonic(), context.runtime.remaining()))
        return context

    def free(context, options):
        seen.append((context.runtime.deadline, context.runtime.remaining()))
        return context

    followed(step("look", timeout_s=50), "free", offers={"look": look, "free": free})
    (left, remaining), none = seen
    assert 0 < left <= 50
    assert 0 < remaining <= 50
    assert none == (None, None)


def past_its_time(context):
    while context.runtime.remaining():
        time.sleep(0.001)


def test_what_comes_too_late_is_not_kept(followed):
    def late(context, options):
        past_its_time(context)
        return context.put_metric("late", 1)

    result, said, _ = followed(step("late", timeout_s=0.01), offers={"late": late})
    assert (result.failure.code, said) == ("timeout", {"late": "start error"})
    assert result.failure.message == "late was not done after 0.01 s; what it returned later is not kept"
    assert (result.failure.details, dict(result.metrics)) == ({"timeout_s": 0.01}, {})


@pytest.mark.parametrize(("error", "code"), [(StageError("timeout", "no time left"), "timeout"), (ValueError(), None)])
def test_what_a_stage_raises_late_is_why_it_failed(followed, error, code):
    def late(context, options):
        past_its_time(context)
        raise error

    result, _, _ = followed(step("late", timeout_s=0.01), offers={"late": late})
    assert result.failure.code == (code or "stage_crashed")


def test_each_attempt_has_its_own_time(followed):
    def late(context, options):
        if context.runtime.attempt == 1:
            past_its_time(context)
        return context.put_metric("late", context.runtime.attempt)

    retried = step("late", timeout_s=5, retry={"backoff_s": 0})
    result, said, _ = followed({**retried, "timeout_s": 1}, offers={"late": late})
    assert (said["late"], dict(result.metrics)) == ("start error start stop", {"late": 2})


def test_a_token_ends_a_wait_for_the_next_attempt(followed):
    flag = threading.Event()

    def fail(context, options):
        threading.Timer(0.1, flag.set).start()
        raise ValueError

    waiting = step("fail", retry={"backoff_s": 60, "jitter": 0})
    result, said, _ = followed(waiting, "note", offers={"fail": fail}, cancel=flag)
    assert (result.status, said) == ("cancelled", {"fail": "start error"})
    assert result.failure.message == "cancelled before attempt 2 at fail"
    assert [(timing.stage, timing.status) for timing in result.timings] == [("fail", "failed")]


def test_nothing_of_it_is_imported_by_a_run_without_policies():
    code = (
        "import sys; from crucible_core import run; "
        "print(run({'id': 'e', 'pipeline': ['validate']}, persist=False).status); "
        "rooms = ('policed', 'retrying', 'conditions', 'execution'); "
        "print([name for name in sys.modules if name.startswith(tuple(f'crucible_core.pipeline.{r}' for r in rooms))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "succeeded\n[]\n"
