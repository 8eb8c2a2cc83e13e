"""Thread a context through the stages of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import iscoroutine
from time import perf_counter
from typing import TYPE_CHECKING, Any

from crucible_core.contract.context import Context
from crucible_core.contract.errors import CrucibleError, StageError, named
from crucible_core.contract.json_values import as_record
from crucible_core.contract.persistent import Rows
from crucible_core.contract.runtime import EventSink, RunServices, Runtime
from crucible_core.pipeline.result import Failure, StageStatus, StageTiming, Status

if TYPE_CHECKING:
    from crucible_core.pipeline.plan import PlannedStage

Additions = Callable[[Context, Context, str, Runtime], Mapping[str, Any]]


class RecordError(CrucibleError):
    """The record of a run could not be written; the run stops, since what it does would be lost."""


@dataclass(slots=True)
class Progress:
    """How far a run has got; filled in by the runner, read by whoever asks on the way."""

    context: Context
    ended: list[tuple[str, StageStatus, float, float]] = field(default_factory=list)
    """What `timings` is made of; plain tuples, which the garbage collector lets go of: it would go through others
    again and again."""
    status: Status = "succeeded"
    failure: Failure | None = None
    current: str | None = None

    @property
    def timings(self) -> tuple[StageTiming, ...]:
        """One entry for each stage that was reached, in order."""
        return tuple(map(StageTiming._make, self.ended))


@dataclass(frozen=True, slots=True)
class Runner:
    """Run stages in order, stopping at the first that fails.

    Args:
        services: What the stages share; its sink gets one start and one terminal event for every attempt.
        additions: Says what a stage added to the context, for its ``stage_stop`` event; called only when somebody
            listens.
        started: ``perf_counter()`` at the start of the run.
    """

    services: RunServices
    additions: Additions
    started: float

    def run(self, stages: Iterable[PlannedStage], progress: Progress) -> None:
        """Run the stages; how far it got is in ``progress``, at every moment.

        Raises:
            RecordError: An event could not be recorded.
        """
        sink, cancel = self.services.sink, self.services.cancel
        listening = sink is not None and sink.listening
        reasoning = progress.context.trace
        progress.context = progress.context._with("trace", Rows(reasoning or ()))
        for planned in stages:
            if cancel is not None and cancel.is_set():
                progress.status = "cancelled"
                progress.failure = Failure(None, "cancelled", f"cancelled before {planned.id}")
                return
            if planned.stage is None:
                progress.ended.append((planned.id, "skipped", perf_counter() - self.started, 0.0))
                if sink is not None and listening:
                    sink.emit("stage_skip", planned.id, {"reason": "disabled"})
                continue
            goes_on = self._run_stage(planned, progress, sink if listening else None)
            if reasoning:
                progress.context = _with_reasoning(progress.context, reasoning)
            if not goes_on:
                return

    def _run_stage(self, planned: PlannedStage, progress: Progress, sink: EventSink | None) -> bool:
        """Run one stage and tell whether to go on; without a sink no event is made."""
        stage_id = planned.id
        runtime = Runtime(self.services, stage_id)
        before = progress.context._entering(runtime)
        progress.current = stage_id
        if sink is not None:
            sink.emit("stage_start", stage_id, {"name": planned.definition.name}, 1)
        began = perf_counter()
        result, failure = _attempt(planned, before)
        duration = perf_counter() - began
        status: StageStatus = "succeeded"
        added = {} if sink is None or failure is not None else self.additions(before, result, stage_id, runtime)
        if failure is None:
            progress.context = result._entering(None, stage_id)
        else:
            status = progress.status = "cancelled" if failure.code == "cancelled" else "failed"
            progress.failure = failure
        progress.ended.append((stage_id, status, began - self.started, duration))
        progress.current = None  # before the terminal event: an interrupt while it is passed on must not add another
        if sink is not None:
            seconds = {"duration_s": round(duration, 6)}
            if failure is None:
                sink.emit("stage_stop", stage_id, {**seconds, **added}, 1)
            else:
                sink.emit("stage_error", stage_id, {**failure.to_dict(), **seconds}, 1)
        return failure is None


def _with_reasoning(context: Context, reasoning: Sequence[Any]) -> Context:
    """Return the context with the reasoning events that came since, as a value that does not change any more."""
    held: Rows[Any] = context.trace
    if len(held) == len(reasoning):
        return context
    return context._with("trace", held.extend(reasoning[len(held) :]))


def _attempt(planned: PlannedStage, context: Context) -> tuple[Context, Failure | None]:
    """Run a stage once; its context when it succeeded, else why not."""
    assert planned.stage is not None
    try:
        result: Any = planned.stage.run(context, planned.options)
    except RecordError:
        raise
    except BaseException as error:  # noqa: BLE001 - a stage may raise anything; all of it is its failure, none of it ours
        return context, _raised(error, planned.id)
    wrong = _no_successor(planned, context, result)
    return (result, None) if wrong is None else (context, Failure(planned.id, "invalid_return", wrong))


def _raised(error: BaseException, stage_id: str) -> Failure:
    """Return what an exception from a stage means: foreseen, told to stop, or a crash."""
    if isinstance(error, (KeyboardInterrupt, SystemExit)):
        return cancelled(error, stage_id)
    code = getattr(error, "code", None)  # a subclass may have forgotten to call __init__
    if isinstance(error, StageError) and isinstance(code, str) and code:
        return Failure(stage_id, code, str(error.message), as_record(error.details))
    return Failure(stage_id, "stage_crashed", named(error), traceback=_traceback(error))


def _no_successor(planned: PlannedStage, context: Context, result: Any) -> str | None:
    """Say why what a stage returned cannot be the context the run goes on with, or None where it can."""
    if result is context:
        return None
    if not isinstance(result, Context):
        return _not_a_context(planned, result)
    if not _of_one_run(context, result):
        what = "the context of another run"
    elif len(result.verdicts) < len(context.verdicts):
        what = "a context without the verdicts passed before it"
    else:
        return None
    return f"{planned.definition.name}.run() returned {what}; return the one it got, as changed by its helpers"


def _of_one_run(context: Context, result: Context) -> bool:
    mine, theirs = context.experiment, result.experiment
    ids = (context.run_id, context.experiment_id) == (result.run_id, result.experiment_id)
    return ids and (mine is theirs or mine == theirs)  # equal, not the same, after a worker process


def _not_a_context(planned: PlannedStage, result: Any) -> str:
    name = f"{planned.definition.name}.run()"
    if iscoroutine(result):
        result.close()
        return f"{name} is a coroutine; stages are not awaited: write def run and use asyncio.run inside"
    if result is None:
        return f"{name} returned None; return the context, as changed by its helpers"
    return f"{name} returned a {type(result).__name__}; return a Context"


def cancelled(error: KeyboardInterrupt | SystemExit, stage_id: str | None) -> Failure:
    """Return what an interrupt (Ctrl-C) or an exit (SIGTERM, ``sys.exit()``) means for a run."""
    where = stage_id or "between two stages"
    if isinstance(error, SystemExit):
        return Failure(stage_id, "cancelled", f"told to exit in {where}", {"exit_code": as_record(error.code)})
    return Failure(stage_id, "cancelled", f"interrupted in {where}")


def _traceback(error: BaseException) -> str:
    """Return the traceback as Python prints it, from the stage's own frames on."""
    from traceback import format_exception

    own = error.__traceback__.tb_next if error.__traceback__ else None
    return "".join(format_exception(type(error), error, own))


def closed_by_gate(progress: Progress, verdicts: Iterable[Any]) -> None:
    """End a run that went through as failed where a verdict says no."""
    said_no = [verdict for verdict in verdicts if not verdict.passed]
    if progress.status != "succeeded" or not said_no:
        return
    findings = "; ".join(f"{verdict.question} {verdict.finding}" for verdict in said_no)
    failure = Failure(None, "gate_failed", findings, {"verdicts": [verdict.to_dict() for verdict in said_no]})
    progress.status, progress.failure = "failed", failure
