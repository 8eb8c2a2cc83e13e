"""Hold a stage that runs elsewhere to its time, and to the end of the run."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from crucible_core.pipeline.execution.executor import AttemptFailedError, ContextReference
from crucible_core.pipeline.result import Failure

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.contract.runtime import RunServices
    from crucible_core.pipeline.attempt import Outcome
    from crucible_core.pipeline.execution.executor import Executor, StageFuture
    from crucible_core.pipeline.execution.reference import StageReference
    from crucible_core.pipeline.plan import PlannedStage

_LOOK_S = 0.1


def attempted_elsewhere(
    reference: StageReference, planned: PlannedStage, context: Context, services: RunServices
) -> Outcome:
    """Make one attempt at a stage in a process of its own.

    Raises:
        RecordError: An event could not be recorded; the process is ended.
    """
    from crucible_core.pipeline.execution.process import ProcessExecutor

    executor: Executor = ProcessExecutor()
    context.runtime.wrote_files = True  # it may have: what lies in its directory says so
    try:
        future = executor.submit(reference, ContextReference(planned.definition, context), planned.options)
        try:
            failure = _supervised(future, planned, context, services)
            return (future.result(), None) if failure is None else (context, failure)
        finally:
            future.kill()
    except AttemptFailedError as error:
        return context, error.failure
    except KeyboardInterrupt as error:
        from crucible_core.pipeline.attempt import raised

        return context, raised(error, planned.id)


def _supervised(future: StageFuture, planned: PlannedStage, context: Context, services: RunServices) -> Failure | None:
    """Wait until an attempt ended or had to be; return why it had to be, else None."""
    cancel, deadline = services.cancel, context.runtime.deadline
    told: float | None = None
    terminated: float | None = None
    while not future.wait(_LOOK_S):
        now = monotonic()
        if told is None and cancel is not None and cancel.is_set():
            told = now
            future.cancel()
        if terminated is None and deadline is not None and now > deadline:
            terminated = now
            future.terminate()
        if told is not None and now > told + services.grace_s:
            return Failure(
                planned.id, "cancelled", f"{planned.id} was stopped {services.grace_s:g} s after it was told"
            )
        if terminated is not None and now > terminated + services.grace_s:
            break
    return None if terminated is None else _timeout(planned)


def _timeout(planned: PlannedStage) -> Failure:
    allowed: Any = planned.definition.timeout_s
    message = f"{planned.id} was not done after {allowed:g} s and was stopped"
    return Failure(planned.id, "timeout", message, {"timeout_s": allowed})
