"""Stages in processes of their own."""

import json
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from crucible_core import PlanError, Stage, run
from crucible_core.plugins.levels import Settings
from crucible_core.plugins.registry import build_registry

STAGES = Path(__file__).with_name("isolated_stages.py")


@pytest.fixture
def isolated(tmp_path, monkeypatch):
    """Run stages of a copy of the module in processes of their own; return the result and the events."""
    copy = tmp_path / "modules" / "isolated_stages.py"
    copy.parent.mkdir()
    copy.write_bytes(STAGES.read_bytes())
    monkeypatch.syspath_prepend(copy.parent)
    registry = build_registry(Settings())

    def run_them(*stages, isolation="process", **arguments):
        events = []
        pipeline = [
            {"id": f"s{index}", "isolation": isolation, **(each if isinstance(each, dict) else {"name": each})}
            for index, each in enumerate(stages)
        ]
        for step in pipeline:
            step["module"] = f"isolated_stages:{step.pop('name')}"
        result = run(
            {"id": "exp", "pipeline": pipeline},
            registry=registry,
            observers=[events.append],
            output_dir=tmp_path / "runs",
            **{"persist": False, **arguments},
        )
        return result, events

    yield run_them
    sys.modules.pop("isolated_stages", None)


def step(name, *, options=None, **policies):
    return {"name": name, "options": options or {}, **policies}


def failed(result):
    return result.failure.code, result.failure.message


def is_alive(pid):
    """Tell whether a process runs; one that nobody waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def gone(*pids, seconds=30):
    """Wait until processes are gone."""
    until = time.monotonic() + seconds
    while any(map(is_alive, pids)) and time.monotonic() < until:
        time.sleep(0.01)
    return not any(map(is_alive, pids))


def appears(path, seconds=60):
    until = time.monotonic() + seconds
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.01)
    return path.exists()


def recorded(events):
    """Return what the events say, but for times."""
    timed = ("duration_s", "manifest", "spec")
    return [
        (e.seq, e.event_name, e.stage, e.attempt, {k: v for k, v in e.payload.items() if k not in timed})
        for e in events
    ]


def test_a_stage_does_the_same_in_a_process_of_its_own(isolated, tmp_path):
    asked = {"run_id": "r", "seed": 7, "persist": True}
    here, events_here = isolated("Work", "Work", isolation=None, **asked)
    (tmp_path / "runs").rename(tmp_path / "before")
    there, events_there = isolated("Work", "Work", **asked)
    assert here.ok
    assert there.ok
    assert dict(there.metrics) == dict(here.metrics)
    assert there.metrics["s1"]["completed"] == ["s0"]
    assert list(there.context.outputs) == list(here.context.outputs) == [{"n": 0}, {"n": 1}] * 2
    assert there.context.assigns["made"].n == here.context.assigns["made"].n == 2
    assert type(there.context.assigns["made"]).__module__ == "isolated_stages"
    assert there.verdicts == here.verdicts
    assert dict(there.context.artifacts) == dict(here.context.artifacts)
    assert recorded(events_there)[1:] == recorded(events_here)[1:]
    lines = (there.run_dir / "telemetry.jsonl").read_text().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert (there.run_dir / "artifacts" / "s1" / "deep" / "weights.bin").read_bytes() == b"weights"


def test_what_a_stage_does_not_change_stays_the_same_object(isolated):
    big = {"rows": list(range(1000))}
    result, _ = isolated("Work", assigns={"big": big})
    assert result.context.assigns["big"] is big


def test_a_context_made_from_scratch_comes_back_as_it_is(isolated):
    big = [1]
    result, _ = isolated("Work", "Shrink", assigns={"big": big, "other": 2}, outputs=[{"n": "old"}])
    assert failed(result)[0] == "invalid_return"  # the verdict of the first stage is gone
    result, _ = isolated("Shrink", assigns={"big": big, "other": 2}, outputs=[{"n": "old"}])
    assert result.ok
    assert dict(result.context.assigns) == {"big": [1]}
    assert result.context.assigns["big"] is big
    assert list(result.context.outputs) == [{"n": "new"}]


def test_progress_is_told_here(isolated):
    told = []
    isolated("Work", progress=lambda *said: told.append(said))
    assert told == [("s0", 1, 2)]


def test_much_that_is_reported_keeps_its_order(isolated):
    _, events = isolated("Many", persist=True)
    metrics = [event for event in events if event.event_name == "metric"]
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    for name in "abcd":
        steps = [event.payload["step"] for event in metrics if event.payload["name"] == name]
        assert steps == list(range(500))


def test_a_checkpoint_is_recorded_when_the_stage_goes_on(isolated):
    result, _ = isolated("ReadJournal", persist=True)
    assert result.metrics["s0"] == "checkpoint"


@pytest.mark.parametrize(
    ("how", "words", "details"),
    [
        ("kill", "was ended by SIGKILL", {"exit_status": None, "signal": "SIGKILL"}),
        ("term", "was ended by SIGTERM", {"exit_status": None, "signal": "SIGTERM"}),
        ("segfault", "was ended by SIGSEGV", {"exit_status": None, "signal": "SIGSEGV"}),
        ("0", "ended with exit status 0", {"exit_status": 0, "signal": None}),
        ("3", "ended with exit status 3", {"exit_status": 3, "signal": None}),
    ],
)
def test_a_process_that_dies_is_a_failure_of_the_stage(isolated, capfd, how, words, details):
    result, events = isolated(step("Die", options={"how": how}), "Work")
    assert (result.status, result.failure.code, result.failure.details) == ("failed", "worker_died", details)
    assert words in result.failure.message
    names = [event.event_name for event in events]
    assert names == ["run_start", "stage_start", "metric", "stage_error", "run_stop"]
    assert "last words" in capfd.readouterr().out


def test_a_stage_whose_process_died_is_tried_again_in_a_new_one(isolated):
    result, events = isolated(step("Die", options={"times": 2}, retry={"backoff_s": 0}))
    assert result.ok
    assert [event.attempt for event in events if event.event_name == "stage_error"] == [1, 2]


@pytest.mark.parametrize(
    ("how", "status", "failure"),
    [
        ("crash", "failed", ("stage_crashed", "ZeroDivisionError: x")),
        ("foreseen", "failed", ("too_few", "got 1")),
        ("exit", "cancelled", ("cancelled", "told to exit in s0")),
        ("interrupt", "cancelled", ("cancelled", "interrupted in s0")),
        (
            "none",
            "failed",
            ("invalid_return", "end.run() returned None; return the context, as changed by its helpers"),
        ),
        ("other", "failed", ("invalid_return", "end.run() returned the context of another run; return the one it got")),
    ],
)
@pytest.mark.filterwarnings("ignore:coroutine '_coroutine' was never awaited")
def test_stages_end_as_they_do_here(isolated, how, status, failure):
    result, events = isolated(step("End", options={"how": how}))
    assert result.status == status
    assert failed(result)[0] == failure[0]
    assert failed(result)[1].startswith(failure[1])
    assert [event.event_name for event in events] == ["run_start", "stage_start", "stage_error", "run_stop"]
    if how == "crash":
        assert "in run\n    raise ways[options.how]\n" in result.failure.traceback
        assert "crucible_core" not in result.failure.traceback


def test_what_does_not_pickle_cannot_come_back(isolated):
    result, _ = isolated(step("End", options={"how": "lock"}))
    code, message = failed(result)
    assert code == "unpicklable"
    assert message.startswith("what s0 returned cannot leave its process: assigns.lock does not pickle: TypeError")


def test_what_does_not_pickle_cannot_be_sent(isolated):
    result, events = isolated("Work", assigns={"fine": 1, "lock": threading.Lock()})
    code, message = failed(result)
    assert code == "unpicklable"
    assert message.startswith("what s0 is given cannot be sent to a process of its own: assigns.lock does not pickle")
    assert [event.event_name for event in events] == ["run_start", "stage_start", "stage_error", "run_stop"]


class OnlyHere:
    """A class of a module that no other process can import."""


def test_what_cannot_be_read_there_is_said(isolated, monkeypatch):
    monkeypatch.setattr(OnlyHere, "__module__", "only_here")
    monkeypatch.setitem(sys.modules, "only_here", sys.modules[__name__])
    result, _ = isolated("Work", assigns={"x": OnlyHere()})
    code, message = failed(result)
    assert code == "unpicklable"
    assert message.startswith("what s0 is given cannot be read in a process of its own: ModuleNotFoundError")


def test_a_stage_that_cannot_be_made_there_crashes(isolated):
    result, _ = isolated("Unloadable")
    assert failed(result) == ("stage_crashed", "RuntimeError: not here")


def test_a_stage_that_changed_since_it_was_planned_is_refused(isolated, tmp_path):
    file = str(tmp_path / "modules" / "isolated_stages.py")
    result, _ = isolated(step("Edit", options={"file": file}, isolation=None), "Work")
    code, message = failed(result)
    assert code == "stage_changed"
    assert "the file of the module isolated_stages is another one now; run the experiment again" in message


def test_a_stage_that_ignores_its_deadline_is_ended_with_all_that_it_started(isolated, tmp_path):
    pids = tmp_path / "pids"
    result, events = isolated(step("Sleep", options={"pids": str(pids)}, timeout_s=4))
    assert failed(result) == ("timeout", "s0 was not done after 4 s and was stopped")
    assert result.failure.details == {"timeout_s": 4}
    assert gone(*json.loads(pids.read_text()))
    told = [event.payload["name"] for event in events if event.event_name == "metric"]
    assert told == ["told"]  # it could clean up
    assert events[-2].event_name == "stage_error"


def test_a_stage_that_ignores_that_too_is_killed(isolated, tmp_path):
    pids = tmp_path / "pids"
    stubborn = step("Sleep", options={"pids": str(pids), "stubborn": True}, timeout_s=4)
    result, _ = isolated(stubborn, grace_s=0.2)
    assert result.failure.code == "timeout"
    assert gone(*json.loads(pids.read_text()))


def test_a_token_reaches_a_stage_in_its_process(isolated, tmp_path):
    flag, said = threading.Event(), tmp_path / "said"
    threading.Thread(target=lambda: appears(said) and flag.set()).start()
    result, events = isolated(step("Listen", options={"said": str(said)}), "Work", cancel=flag)
    assert (result.status, *failed(result)) == ("cancelled", "cancelled", "stopped at row 5")
    assert [event.event_name for event in events] == ["run_start", "stage_start", "stage_error", "run_stop"]


def test_a_stage_that_returns_when_told_to_stop_is_done(isolated, tmp_path):
    flag, said = threading.Event(), tmp_path / "said"
    threading.Thread(target=lambda: appears(said) and flag.set()).start()
    result, _ = isolated(step("Listen", options={"said": str(said), "returns": True}), "Work", cancel=flag)
    assert (result.status, result.failure.message) == ("cancelled", "cancelled before s1")
    assert (result.context.assigns["done"], result.context.completed_stages) == (True, ("s0",))


@pytest.mark.parametrize("main_thread", [True, False])
def test_a_stage_that_does_not_stop_is_killed_after_its_grace(isolated, tmp_path, main_thread):
    flag, pids, results = threading.Event(), tmp_path / "pids", []
    threading.Thread(target=lambda: appears(pids) and flag.set()).start()

    def go():
        results.append(isolated(step("Sleep", options={"pids": str(pids)}), "Work", cancel=flag, grace_s=0.3))

    if main_thread:
        go()
    else:
        thread = threading.Thread(target=go)
        thread.start()
        thread.join()
    ((result, events),) = results
    assert result.status == "cancelled"
    assert gone(*json.loads(pids.read_text()))
    assert [event.event_name for event in events] == ["run_start", "stage_start", "stage_error", "run_stop"]


def test_what_it_prints_goes_where_the_run_prints(isolated, capsys):
    result, _ = isolated("Speak")
    assert result.ok
    printed = capsys.readouterr()
    assert printed.out == "größe on stdout\nfrom a child\n"
    assert printed.err == "words on stderr\n"


def test_a_process_that_a_stage_leaves_behind_does_not_hold_the_run(isolated, capsys):
    result, _ = isolated("Hold", "Work")
    assert result.context.assigns["done"]


def test_a_stage_that_does_not_pickle_is_refused_before_anything_runs(isolated):
    with pytest.raises(PlanError) as caught:
        isolated("Work", "Rigid")
    (problem,) = caught.value.problems
    message = "rigid does not pickle, so it cannot run in a process of its own: It holds a connection."
    assert (problem.code, problem.path, problem.message) == ("invalid_policy", "pipeline[1].isolation", message)


def test_a_computed_stage_is_refused(plan_stages):
    class Local(Stage):
        def run(self, context, options):
            return context

    with pytest.raises(PlanError, match="cannot run in a process of its own: local is computed"):
        plan_stages({"name": "local", "isolation": "process"}, offers={"local": Local})


def test_an_installed_stage_is_found_by_its_entry_point(tmp_path):
    pipeline = [{"name": "validate", "isolation": "process"}, {"name": "report", "isolation": "process"}]
    result = run({"id": "e", "pipeline": pipeline}, output_dir=tmp_path)
    assert result.ok, result.failure
    assert result.metrics["validate"]["status"] == "passed"
    assert list((result.run_dir / "artifacts" / "report").iterdir())


def test_no_signal_handler_is_left_behind(isolated):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    isolated("Work", cancel=threading.Event())
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
