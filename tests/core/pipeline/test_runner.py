"""How stages end, and what a run makes of it."""

import threading

import pytest

from crucible_core import Context, CrucibleError, RunError, RunResult, Stage, StageError, StageOptions, Verdict


def ends(run_stages, *stages, **arguments):
    """Return the result and the names of the events."""
    events = []
    result = run_stages(*stages, observers=[events.append], **arguments)
    return result, [(event.event_name, event.stage) for event in events]


def around(*stages):
    return [("run_start", None), *stages, ("run_stop", None)]


def raising(error):
    def run(context, options):
        raise error

    return run


def test_stages_run_in_order_each_on_what_the_one_before_left(run_stages):
    def first(context, options):
        return context.assign(n=1).put_metric("first", 1)

    def second(context, options):
        return context.assign(n=context.assigns["n"] + 1).add_output({"n": 2})

    result, events = ends(run_stages, first, second)
    assert (result.status, result.ok, result.failure) == ("succeeded", True, None)
    assert (result.context.assigns["n"], list(result.context.outputs)) == (2, [{"n": 2}])
    assert result.context.completed_stages == ("s0", "s1")
    assert [(timing.stage, timing.status) for timing in result.timings] == [("s0", "succeeded"), ("s1", "succeeded")]
    assert events == around(("stage_start", "s0"), ("stage_stop", "s0"), ("stage_start", "s1"), ("stage_stop", "s1"))
    assert result.run_dir is None
    assert result.unwrap() is result.context


def test_timings_are_seconds_since_the_start_in_order(run_stages):
    result = run_stages(lambda context, options: context, lambda context, options: context)
    first, second = result.timings
    assert 0 <= first.started <= first.started + first.duration <= second.started <= result.duration
    assert second.duration >= 0


FAILURES = {
    "foreseen": (StageError("too_few", "got 1", groups={"b", "a"}), "too_few", "got 1", {"groups": ["a", "b"]}),
    "crash": (ZeroDivisionError("division"), "stage_crashed", "ZeroDivisionError: division", {}),
    "crash without words": (AssertionError(), "stage_crashed", "AssertionError", {}),
    "base exception": (GeneratorExit("x"), "stage_crashed", "GeneratorExit: x", {}),
    "our own error": (CrucibleError("x"), "stage_crashed", "CrucibleError: x", {}),
    "a code of the core": (StageError("record_failed", "x"), "record_failed", "x", {}),
    "another": (StageError("stage_crashed", "x"), "stage_crashed", "x", {}),
    "not a string": (StageError("code", 5), "code", "5", {}),
    "no code": (StageError(None, "x"), "stage_crashed", "StageError: x", {}),
    "group": (
        ExceptionGroup("several", [ValueError("a")]),
        "stage_crashed",
        "ExceptionGroup: several (1 sub-exception)",
        {},
    ),
}


@pytest.mark.parametrize(("error", "code", "message", "details"), FAILURES.values(), ids=FAILURES)
def test_what_a_stage_raises_fails_the_run_there(run_stages, error, code, message, details):
    reached = []
    result, events = ends(
        run_stages, lambda context, options: context.assign(kept=1), raising(error), lambda *_: reached.append(1)
    )
    assert (result.status, result.ok) == ("failed", False)
    failure = result.failure
    assert (failure.stage, failure.code, failure.message, failure.details) == ("s1", code, message, details)
    assert (failure.traceback is not None) == (code == "stage_crashed" and message != "x")
    assert (result.context.assigns["kept"], result.context.completed_stages) == (1, ("s0",))
    assert [timing.status for timing in result.timings] == ["succeeded", "failed"]
    assert events == around(("stage_start", "s0"), ("stage_stop", "s0"), ("stage_start", "s1"), ("stage_error", "s1"))
    assert reached == []


def test_a_traceback_begins_in_the_stage_and_names_the_cause(run_stages):
    def crash(context, options):
        try:
            {}["inner"]
        except KeyError as error:
            raise ValueError("outer") from error

    text = run_stages(crash).failure.traceback
    assert "in crash" in text
    assert "KeyError: 'inner'" in text
    assert "direct cause" in text
    assert "/runner.py" not in text
    assert text.endswith("ValueError: outer\n")


class MuteError(Exception):
    def __str__(self):
        raise RuntimeError("no")


class UninitialisedError(StageError):
    def __init__(self):
        pass


class Shy:
    def __repr__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (MuteError(), "stage_crashed", "MuteError"),
        (UninitialisedError(), "stage_crashed", "UninitialisedError"),
        (StageError("dry", "x", shy=Shy()), "dry", "x"),
        (OSError(2, "gone", "caf\udce9"), "stage_crashed", "FileNotFoundError: [Errno 2] gone: 'caf\\udce9'"),
    ],
)
def test_what_cannot_be_said_is_still_a_failure_of_the_stage(run_stages, error, code, message):
    failure = run_stages(raising(error)).failure
    assert (failure.code, failure.message) == (code, message)


def _generator(context, options):
    yield context


async def _coroutine(context, options):
    return context


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda context, options: None, "s0.run() returned None; return the context, as changed by its helpers"),
        (lambda context, options: {"a": 1}, "s0.run() returned a dict; return a Context"),
        (lambda context, options: Context, "s0.run() returned a type; return a Context"),
        (lambda context, options: (context, 1), "s0.run() returned a tuple; return a Context"),
        (_generator, "s0.run() returned a generator; return a Context"),
        (_coroutine, "s0.run() is a coroutine; stages are not awaited: write def run and use asyncio.run inside"),
        (lambda context, options: Context(), "s0.run() returned the context of another run; return the one it got"),
        (
            lambda context, options: Context(run_id=context.run_id, experiment_id=context.experiment_id),
            "s0.run() returned the context of another run",
        ),
        (
            lambda context, options: Context(run_id="other", experiment_id="exp", experiment=context.experiment),
            "s0.run() returned the context of another run",
        ),
    ],
)
def test_what_is_no_context_of_this_run_is_an_invalid_return(run_stages, run, message):
    result, events = ends(run_stages, run)
    assert (result.status, result.failure.code) == ("failed", "invalid_return")
    assert result.failure.message.startswith(message)
    assert result.failure.traceback is None
    assert events == around(("stage_start", "s0"), ("stage_error", "s0"))


def test_a_stage_cannot_take_back_a_verdict(run_stages):
    kept = []

    def judge(context, options):
        kept.append(context)
        return context.put_verdict(Verdict("Good?", False, "No."))

    result = run_stages(judge, lambda context, options: kept[0])
    assert result.failure.code == "invalid_return"
    assert "without the verdicts passed before it" in result.failure.message
    assert len(result.context.verdicts) == 1


def test_a_context_that_came_back_from_another_process_is_one_of_this_run(run_stages):
    import pickle

    result = run_stages(
        lambda context, options: pickle.loads(pickle.dumps(context.assign(a=1))),
        lambda context, options: context.assign(seed=context.runtime.seed),
    )
    assert result.ok
    assert result.context.completed_stages == ("s0", "s1")


@pytest.mark.parametrize(
    ("error", "message", "details"),
    [
        (KeyboardInterrupt(), "interrupted in s1", {}),
        (SystemExit(3), "told to exit in s1", {"exit_code": 3}),
        (SystemExit(), "told to exit in s1", {"exit_code": None}),
        (SystemExit("bye"), "told to exit in s1", {"exit_code": "bye"}),
        (StageError("cancelled", "stopped at row 5"), "stopped at row 5", {}),
    ],
)
def test_an_interrupt_an_exit_and_a_stage_that_stops_cancel_the_run(run_stages, error, message, details):
    result, events = ends(run_stages, lambda context, options: context.assign(kept=1), raising(error))
    assert (result.status, result.failure.code, result.failure.message) == ("cancelled", "cancelled", message)
    assert (result.failure.details, result.failure.stage) == (details, "s1")
    assert result.context.assigns["kept"] == 1
    assert [timing.status for timing in result.timings] == ["succeeded", "cancelled"]
    assert events[-2:] == [("stage_error", "s1"), ("run_stop", None)]
    with pytest.raises(RunError, match=f"cancelled in s1: {message}"):
        result.unwrap()


def test_a_token_set_before_the_run_lets_no_stage_begin(run_stages):
    flag = threading.Event()
    flag.set()
    result, events = ends(run_stages, raising(AssertionError("reached")), cancel=flag)
    assert (result.status, result.failure.message, result.failure.stage) == ("cancelled", "cancelled before s0", None)
    assert (events, result.timings, result.context.completed_stages) == (around(), (), ())


def test_a_token_set_in_a_stage_lets_it_finish_and_the_next_not_begin(run_stages):
    flag = threading.Event()

    def set_it(context, options):
        flag.set()
        return context.assign(seen=context.runtime.cancelled)

    result, events = ends(run_stages, set_it, raising(AssertionError("reached")), cancel=flag)
    assert (result.status, result.failure.message) == ("cancelled", "cancelled before s1")
    assert result.context.assigns["seen"] is True
    assert events == around(("stage_start", "s0"), ("stage_stop", "s0"))


def test_a_token_set_in_the_last_stage_comes_too_late(run_stages):
    flag = threading.Event()
    assert run_stages(lambda context, options: (flag.set(), context)[1], cancel=flag).ok


@pytest.mark.parametrize("moment", ["stage_start", "stage_stop", "run_start"])
def test_an_interrupt_while_an_event_is_passed_on_leaves_one_start_and_one_end(run_stages, moment):
    events = []

    def interrupt(event):
        events.append((event.event_name, event.stage))
        if event.event_name == moment:
            raise KeyboardInterrupt

    result = run_stages(lambda context, options: context, observers=[interrupt])
    assert result.status == "cancelled"
    assert events[-1] == ("run_stop", None)
    ends = [name for name, stage in events if stage == "s0"]
    assert ends in ([], ["stage_start", "stage_stop"], ["stage_start", "stage_error"])
    assert len(ends) == (0 if moment == "run_start" else 2)


def test_disabled_stages_are_skipped_whatever_they_are(run_stages):
    result, events = ends(
        run_stages,
        {"name": "not_there", "enabled": False, "options": {"x": 1}},
        lambda context, options: context,
        {"module": "no.such:Module", "id": "off", "enabled": False},
    )
    assert result.ok
    assert [(timing.stage, timing.status, timing.duration > 0) for timing in result.timings] == [
        ("not_there", "skipped", False),
        ("s1", "succeeded", True),
        ("off", "skipped", False),
    ]
    assert result.context.completed_stages == ("s1",)
    assert events == around(
        ("stage_skip", "not_there"), ("stage_start", "s1"), ("stage_stop", "s1"), ("stage_skip", "off")
    )


def test_each_stage_sees_its_own_runtime_and_the_result_sees_none(run_stages):
    seen = []

    def look(context, options):
        seen.append(
            (context.runtime.stage_id, context.runtime.seed, context.runtime.run_seed, context.completed_stages)
        )
        return context

    result = run_stages(look, look, seed=7)
    assert [(stage, run_seed, done) for stage, _, run_seed, done in seen] == [("s0", 7, ()), ("s1", 7, ("s0",))]
    assert seen[0][1] != seen[1][1]
    assert result.context.runtime is None


def test_the_order_of_stages_does_not_change_their_seeds(run_stages):
    def seeds(*ids):
        found = {}

        def note(context, options):
            found[context.runtime.stage_id] = (context.runtime.seed, context.runtime.rng("noise").random())
            return context

        run_stages(note, *({"name": "s0", "id": each} for each in ids), seed=3)
        return found

    one, other = seeds("a", "b"), seeds("b", "c", "a")
    assert (one["a"], one["b"]) == (other["a"], other["b"])
    assert len(set(other.values())) == 4


def test_reasoning_is_in_the_context_of_the_stages_after_and_changes_no_older_one(run_stages):
    contexts = []

    def decide(context, options):
        contexts.append(context)
        context.runtime.decide("a", "b")
        context.runtime.decide("c", "d")
        return context

    result = run_stages(decide, decide, raising(ValueError()))
    assert [len(context.trace) for context in contexts] == [0, 2]
    assert [event.payload["decision"] for event in result.context.trace] == ["a", "c", "a", "c"]


def test_reasoning_of_the_stage_that_failed_is_kept(run_stages):
    def decide(context, options):
        context.runtime.decide("a", "b")
        raise ValueError

    assert [event.stage for event in run_stages(decide).context.trace] == ["s0"]


def test_a_failed_verdict_closes_the_gate_after_all_stages(run_stages):
    events = []

    def judge(context, options):
        return context.put_verdict(Verdict("Good?", False, "0.1 is below 0.5.")).put_verdict(
            Verdict("Big?", True, "Yes.")
        )

    result = run_stages(judge, lambda context, options: context.assign(report=1), observers=[events.append])
    assert (result.status, result.failure.code, result.failure.stage) == ("failed", "gate_failed", None)
    assert result.failure.message == "Good? 0.1 is below 0.5."
    assert [verdict["question"] for verdict in result.failure.details["verdicts"]] == ["Good?"]
    assert result.context.completed_stages == ("s0", "s1")
    verdicts = [(event.payload["passed"], event.stage) for event in events if event.event_name == "verdict"]
    assert verdicts == [(False, "s0"), (True, "s0")]
    with pytest.raises(RunError, match="gate_failed in the run: Good"):
        result.unwrap()


def test_a_crash_after_a_failed_verdict_is_the_failure(run_stages):
    result = run_stages(
        lambda context, options: context.put_verdict(Verdict("Good?", False, "No.")), raising(ValueError("x"))
    )
    assert result.failure.code == "stage_crashed"


def test_passed_verdicts_let_the_run_succeed(run_stages):
    result = run_stages(lambda context, options: context.put_verdict(Verdict("Good?", True, "Yes.")))
    assert result.ok
    assert [verdict.question for verdict in result.context.verdicts] == ["Good?"]


def test_an_observer_that_raises_changes_nothing_but_the_report_of_it(run_stages, capsys):
    seen = []
    result = run_stages(lambda context, options: context, observers=[lambda event: 1 / 0, seen.append])
    assert result.ok
    assert [event.event_name for event in seen] == ["run_start", "log", "stage_start", "stage_stop", "run_stop"]
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_stages_get_their_options_and_any_class_with_two_methods_is_a_stage(run_stages):
    class Duck:
        def describe(self, options=None):
            return {
                "name": "duck",
                "description": "Quack.",
                "optional": ["n"],
                "types": {"n": "integer"},
                "defaults": {"n": 2},
            }

        def run(self, context, options):
            with pytest.raises(TypeError):
                options["n"] = 3
            return context.put_metric("duck", dict(options))

    class Own(Stage):
        class Options(StageOptions):
            n: int = 1

        def run(self, context, options):
            return context.put_metric("own", [type(options).__qualname__.rpartition(".")[2], options.n])

    result = run_stages("duck", Own, offers={"duck": Duck})
    assert dict(result.context.metrics) == {"duck": {"n": 2}, "own": ["Options", 1]}


def test_every_definition_has_an_instance_of_its_own(run_stages):
    class Counting(Stage):
        def run(self, context, options):
            self.calls = getattr(self, "calls", 0) + 1
            return context.put_metric(context.runtime.stage_id, self.calls)

    result = run_stages(Counting, {"name": "s0", "id": "again"})
    assert dict(result.context.metrics) == {"s0": 1, "again": 1}


def test_a_result_survives_pickling_in_its_error(run_stages):
    result = run_stages(raising(ValueError("x")))
    with pytest.raises(RunError) as caught:
        result.unwrap()
    assert str(caught.value) == f"run {result.run_id} failed: stage_crashed in s0: ValueError: x"
    assert caught.value.result is result
    assert isinstance(result, RunResult)


def test_the_record_of_a_run_in_memory_says_what_it_knows(run_stages):
    records = []

    def look(context, options):
        records.append(context.runtime.record())
        return context.put_metric("s0", 1)

    run_stages(look, look, seed=5, run_id="mine")
    first, second = records
    assert (first["run_id"], first["seed"], first["status"]) == ("mine", 5, "running")
    assert [stage["status"] for stage in second["stages"]] == ["succeeded", "pending"]
    assert (first["metrics"], second["metrics"]) == ({}, {"s0": 1})
