"""Thread a context through the stages of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from crucible_core.contract.errors import StageError
from crucible_core.contract.persistent import Rows
from crucible_core.contract.runtime import EventSink, RunServices, Runtime
from crucible_core.pipeline.attempt import Outcome, attempted, cancelled, raised, while_cancelled
from crucible_core.pipeline.cancellation import Cancellation
from crucible_core.pipeline.progress import Progress, note_failure
from crucible_core.pipeline.result import Failure, RecordError, StageStatus

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.pipeline.plan import PlannedStage

__all__ = ["Additions", "Progress", "RecordError", "Reuse", "Runner", "cancelled", "closed_by_gate"]

Additions = Callable[["Context", "Context", str, Runtime], Mapping[str, Any]]
Reuse = Callable[["PlannedStage", "Context"], "Context | None"]


class Policed(Protocol):
    """How an attempt at a stage with policies differs from one at a stage without."""

    def attempted(self, context: Context) -> Outcome:
        """Run the stage once."""
        ...

    def judged(self, failure: Failure) -> float | None:
        """Take note of a failure; return the seconds until the next attempt, None where there is none."""
        ...


class Runner(NamedTuple):
    """Run stages in order; what a failure ends is up to the stage's policies, without any it ends the run.

    Args:
        services: What the stages share; its sink gets one start and one terminal event for every attempt.
        additions: Says what a stage added to the context, for its ``stage_stop`` event; called only when somebody
            listens. A `StageError` it raises is the stage's failure.
        started: ``perf_counter()`` at the start of the run.
        reuse: Returns the context that a stage would return, where it is known from before, or None.
        reusable: Ids of the stages for which it is asked; None for all.
    """

    services: RunServices
    additions: Additions
    started: float
    reuse: Reuse | None = None
    reusable: frozenset[str] | None = None

    def run(self, stages: Iterable[PlannedStage], progress: Progress) -> None:
        """Run the stages; how far it got is in ``progress``, at every moment.

        Raises:
            RecordError: An event could not be recorded.
        """
        sink, cancel = self.services.sink, self.services.cancel
        if sink is not None and not sink.listening:
            sink = None
        reasoning = progress.context.trace
        progress.context = progress.context._with("trace", Rows(reasoning or ()))
        simple, attempts, reusable = self._is_simple(progress), progress.attempts, self.reusable or ()
        is_told = cancel.is_set if cancel is not None else None
        for planned in stages:
            if is_told is not None and is_told():
                failure = Failure(None, "cancelled", f"cancelled before {planned.id}", self.why_cancelled())
                progress.status, progress.failure = "cancelled", failure
                return
            if planned.stage is None:
                progress.ended.append((planned.id, "skipped", perf_counter() - self.started, 0.0))
                if sink is not None:
                    sink.emit("stage_skip", planned.id, {"reason": "disabled"})
                continue
            known = (attempts and planned.id in attempts) or (reusable and planned.id in reusable)
            if simple and planned.policies is None and not known:
                goes_on = self.attempt(planned, progress, sink, Runtime(self.services, planned.id)) is None
            else:
                from crucible_core.pipeline.policed import PolicedStage

                goes_on = PolicedStage(self, planned, progress, sink, reasoning).run()
                simple = self._is_simple(progress)
            if reasoning:
                progress.context = _with_reasoning(progress.context, reasoning)
            if not goes_on:
                return

    def attempt(
        self,
        planned: PlannedStage,
        progress: Progress,
        sink: EventSink | None,
        runtime: Runtime,
        policed: Policed | None = None,
    ) -> Failure | None:
        """Make one attempt at a stage and return why it failed; without a sink no event is made."""
        stage_id = runtime.stage_id
        before = progress.context._entering(runtime)
        progress.current = stage_id
        if sink is not None:
            sink.emit("stage_start", stage_id, {"name": planned.definition.name}, runtime.attempt)
        began = perf_counter()
        result, failure = attempted(planned, before) if policed is None else policed.attempted(before)
        duration = perf_counter() - began
        added: Mapping[str, Any] = {}
        if failure is None and sink is not None:
            try:
                added = self.additions(before, result, stage_id, runtime)
            except StageError as error:
                failure = raised(error, stage_id)
        again = None
        if failure is None:
            progress.context = result._entering(None, stage_id)
            progress.ended.append((stage_id, "succeeded", began - self.started, duration, runtime.attempt))
        else:
            failure = self._as_cancelled(failure)
            if policed is None:
                note_failure(progress, failure)
            else:
                again = policed.judged(failure)
            if again is None:
                status: StageStatus = "cancelled" if failure.code == "cancelled" else "failed"
                progress.ended.append((stage_id, status, began - self.started, duration, runtime.attempt))
        progress.current = None  # before the terminal event: an interrupt while it is passed on must not add another
        if sink is not None:
            seconds = {"duration_s": round(duration, 6)}
            if failure is None:
                sink.emit("stage_stop", stage_id, {**seconds, **added}, runtime.attempt)
            else:
                ending = {**failure.to_dict(), **seconds, "will_retry_in_s": again}
                sink.emit("stage_error", stage_id, ending, runtime.attempt)
        return failure

    def _is_simple(self, progress: Progress) -> bool:
        """Tell whether a stage without policies is to be run whatever came before it."""
        looks = self.reuse is not None and self.reusable is None
        return not looks and not progress.unwritten and progress.failed_for_good is None

    def _as_cancelled(self, failure: Failure) -> Failure:
        cancel = self.services.cancel
        is_told = cancel is not None and cancel.is_set()
        return while_cancelled(failure, self.why_cancelled()) if is_told else failure

    def why_cancelled(self) -> dict[str, Any]:
        """Return what the record of a cancelled run says of why."""
        cancel = self.services.cancel
        return cancel.details if isinstance(cancel, Cancellation) else {}


def _with_reasoning(context: Context, reasoning: Sequence[Any]) -> Context:
    """Return the context with the reasoning events that came since, as a value that does not change any more."""
    held: Rows[Any] = context.trace or Rows()  # a stage may return a context made from scratch
    if len(held) == len(reasoning):
        return context
    return context._with("trace", held.extend(reasoning[len(held) :]))


def closed_by_gate(progress: Progress, verdicts: Iterable[Any]) -> None:
    """End a run that went through as failed where a verdict says no."""
    said_no = [verdict for verdict in verdicts if not verdict.passed]
    if progress.status != "succeeded" or not said_no:
        return
    findings = "; ".join(f"{verdict.question} {verdict.finding}" for verdict in said_no)
    failure = Failure(None, "gate_failed", findings, {"verdicts": [verdict.to_dict() for verdict in said_no]})
    progress.status, progress.failure = "failed", failure
