"""One attempt at a stage, in this process, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any

from crucible_core.contract.context import Context
from crucible_core.contract.errors import StageError, named
from crucible_core.contract.json_values import as_record
from crucible_core.pipeline import forks
from crucible_core.pipeline.result import Failure, RecordError

if TYPE_CHECKING:
    from crucible_core.pipeline.plan import PlannedStage

Outcome = tuple[Context, Failure | None]
"""The context that a stage returned, or the one it got and why it failed."""


def attempted(planned: PlannedStage, context: Context) -> Outcome:
    """Run a stage once, in this process; whatever it raises is its failure.

    Raises:
        RecordError: An event could not be recorded.
    """
    assert planned.stage is not None
    generation = forks.generation
    try:
        result: Any = planned.stage.run(context, planned.options)
    except RecordError:
        raise
    except BaseException as error:  # noqa: BLE001 - a stage may raise anything; all of it is its failure, none of it ours
        if forks.generation != generation:
            forks.end_fork(planned.id, error)
        return context, raised(error, planned.id)
    if forks.generation != generation:
        forks.end_fork(planned.id, None)
    wrong = _no_successor(planned, context, result)
    return (result, None) if wrong is None else (context, Failure(planned.id, "invalid_return", wrong))


def raised(error: BaseException, stage_id: str) -> Failure:
    """Return what an exception from a stage means: foreseen, told to stop, or a crash."""
    if isinstance(error, (KeyboardInterrupt, SystemExit)):
        return cancelled(error, stage_id)
    code = getattr(error, "code", None)  # a subclass may have forgotten to call __init__
    if isinstance(error, StageError) and isinstance(code, str) and code:
        return Failure(stage_id, code, str(error.message), as_record(error.details))
    return Failure(stage_id, "stage_crashed", named(error), traceback=_traceback(error))


def cancelled(error: KeyboardInterrupt | SystemExit, stage_id: str | None) -> Failure:
    """Return what an interrupt (Ctrl-C) or an exit (SIGTERM, ``sys.exit()``) means for a run."""
    where = stage_id or "between two stages"
    if isinstance(error, SystemExit):
        return Failure(stage_id, "cancelled", f"told to exit in {where}", {"exit_code": as_record(error.code)})
    return Failure(stage_id, "cancelled", f"interrupted in {where}")


def while_cancelled(failure: Failure, details: Mapping[str, Any]) -> Failure:
    """Return a failure of a stage of a run that was told to stop: whatever ended the stage, it ended because of that.

    Args:
        failure: How the stage ended.
        details: What told the run to stop.
    """
    if failure.code == "cancelled":
        return Failure(failure.stage, "cancelled", failure.message, {**details, **failure.details}, failure.traceback)
    message = f"told to stop, it ended with {failure.code}: {failure.message}"
    ended = {**details, **failure.details, "ended_with": failure.code}
    return Failure(failure.stage, "cancelled", message, ended, failure.traceback)


def _no_successor(planned: PlannedStage, context: Context, result: Any) -> str | None:
    """Say why what a stage returned cannot be the context the run goes on with, or None where it can."""
    if result is context:
        return None
    if not isinstance(result, Context):
        return _not_a_context(planned, result)
    if not _of_one_run(context, result):
        what = "the context of another run"
    elif len(vars(result)["_verdicts"]) < len(vars(context)["_verdicts"]):
        what = "a context without the verdicts passed before it"
    else:
        return None
    return f"{planned.definition.name}.run() returned {what}; return the one it got, as changed by its helpers"


def _of_one_run(context: Context, result: Context) -> bool:
    held, left = vars(context), vars(result)  # not as attributes: it is not the stage that asks
    mine, theirs = held["experiment"], left["experiment"]
    ids = (held["run_id"], held["experiment_id"]) == (left["run_id"], left["experiment_id"])
    return ids and (mine is theirs or mine == theirs)  # equal, not the same, after a worker process


def _not_a_context(planned: PlannedStage, result: Any) -> str:
    name = f"{planned.definition.name}.run()"
    if iscoroutine(result):
        result.close()
        return f"{name} is a coroutine; stages are not awaited: write def run and use asyncio.run inside"
    if result is None:
        return f"{name} returned None; return the context, as changed by its helpers"
    return f"{name} returned a {type(result).__name__}; return a Context"


def _traceback(error: BaseException) -> str:
    """Return the traceback as Python prints it, from the stage's own frames on."""
    from traceback import format_exception

    own = error.__traceback__.tb_next if error.__traceback__ else None
    return "".join(format_exception(type(error), error, own))
