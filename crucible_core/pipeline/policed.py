"""Run a stage as its policies say: perhaps not at all, perhaps several times, perhaps elsewhere."""

from __future__ import annotations

from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

from crucible_core.contract.runtime import Runtime
from crucible_core.ir.policies import OnFailure
from crucible_core.pipeline.attempt import Outcome, attempted
from crucible_core.pipeline.policies import Policies, not_to_run, note_unwritten, refused_by_condition
from crucible_core.pipeline.progress import note_failure
from crucible_core.pipeline.result import Failure
from crucible_core.pipeline.retrying import CheckpointWatch, empty, retries, wait_s, waited

if TYPE_CHECKING:
    from collections.abc import MutableSequence

    from crucible_core.contract.context import Context
    from crucible_core.contract.runtime import EventSink, RunServices
    from crucible_core.pipeline.plan import PlannedStage
    from crucible_core.pipeline.progress import Progress, SkipReason
    from crucible_core.pipeline.runner import Runner

_NONE = Policies(OnFailure.STOP)


class PolicedStage:
    """A stage that may be skipped, tried again, or run elsewhere.

    Args:
        runner: Makes the attempts.
        planned: The stage.
        progress: How far the run is.
        sink: Where events go; None where nobody listens.
        reasoning: The reasoning events of the run so far; those of an attempt that is made again are taken out.
    """

    def __init__(
        self,
        runner: Runner,
        planned: PlannedStage,
        progress: Progress,
        sink: EventSink | None,
        reasoning: MutableSequence[Any] | None,
    ) -> None:
        self._runner = runner
        self._planned = planned
        self._policies = planned.policies or _NONE
        self._progress = progress
        self._sink = sink
        self._reasoning = reasoning
        self._tries = 0
        self._deadline: float | None = None
        self._unfit: Failure | None = None
        self._again: float | None = None

    def run(self) -> bool:
        """Run the stage, and tell whether the run goes on."""
        reason = not_to_run(self._planned, self._progress)
        if reason is not None:
            return self._skip(*reason)
        refused = refused_by_condition(self._planned, self._progress.context)
        if isinstance(refused, str):
            return self._skip("condition", refused)
        self._unfit = refused
        if refused is None and self._reused():
            return True
        failure = self._attempts()
        self._progress.attempt = 1
        if failure is None:
            return True
        if failure.code == "cancelled" or self._policies.on_failure is OnFailure.STOP:
            return False
        if self._policies.on_failure is OnFailure.SKIP_REST:
            self._progress.failed_for_good = self._planned.id
        note_unwritten(self._planned, self._progress, "earlier_failure")
        return True

    def attempted(self, context: Context) -> Outcome:
        """Run the stage once, here or elsewhere; what comes too late is a failure."""
        if self._unfit is not None:
            return context, self._unfit
        if self._policies.reference is not None:
            from crucible_core.pipeline.execution.supervision import attempted_elsewhere

            return attempted_elsewhere(self._policies.reference, self._planned, context, self._runner.services)
        result, failure = attempted(self._planned, context)
        if failure is None and self._deadline is not None and monotonic() > self._deadline:
            return context, self._too_late()
        return result, failure

    def judged(self, failure: Failure) -> float | None:
        """Return the seconds until the stage is tried again; where it is not, its failure is the run's."""
        policy, number = self._policies.retry, self._progress.attempt
        if policy is not None and self._tries < policy.attempts and retries(policy, failure.code):
            seed = self._runner.services.seed
            self._again = round(wait_s(policy, number, seed, self._planned.id), 6)
            return self._again
        self._again = None
        note_failure(self._progress, failure)
        return None

    def _attempts(self) -> Failure | None:
        """Try the stage as often as its policy says; return why the last attempt failed, or None."""
        progress, stage_id = self._progress, self._planned.id
        paths, services = progress.checkpoints.get(stage_id, set()), self._runner.services
        if self._policies.retry is not None:
            progress.checkpoints[stage_id] = paths
            services = services._replace(sink=CheckpointWatch(services.sink, paths))
        while True:
            self._tries += 1
            progress.attempt = progress.attempts[stage_id] = progress.attempts.get(stage_id, 0) + 1
            if progress.attempt > 1 and services.artifacts is not None:
                empty(services.artifacts(stage_id), paths)
            decided = len(self._reasoning) if self._reasoning else 0
            runtime = self._runtime(services)
            failure = self._runner.attempt(self._planned, progress, self._sink, runtime, self)
            if failure is None or self._again is None:
                return failure
            if self._reasoning:
                del self._reasoning[decided:]
            stopped = self._stopped_waiting(self._again)
            if stopped is not None:
                return stopped

    def _runtime(self, services: RunServices) -> Runtime:
        allowed = self._policies.timeout_s
        self._deadline = None if allowed is None else monotonic() + allowed
        runtime = Runtime(services, self._planned.id, self._progress.attempt, self._deadline)
        runtime.wrote_files = bool(self._progress.checkpoints.get(self._planned.id))
        return runtime

    def _stopped_waiting(self, seconds: float) -> Failure | None:
        """Wait for the next attempt, and return why there is to be none where the run is told to stop meanwhile."""
        progress, stage_id = self._progress, self._planned.id
        began, number = perf_counter() - self._runner.started, progress.attempt
        try:
            if waited(seconds, self._runner.services.cancel):
                return None
        except KeyboardInterrupt:
            progress.ended.append((stage_id, "failed", began, 0.0, number))
            raise
        progress.ended.append((stage_id, "failed", began, 0.0, number))
        message = f"cancelled before attempt {number + 1} at {stage_id}"
        failure = Failure(None, "cancelled", message, self._runner.why_cancelled())
        note_failure(progress, failure)
        return failure

    def _too_late(self) -> Failure:
        allowed = self._policies.timeout_s
        message = f"{self._planned.id} was not done after {allowed:g} s; what it returned later is not kept"
        return Failure(self._planned.id, "timeout", message, {"timeout_s": allowed})

    def _reused(self) -> bool:
        """Go on with what is known of the stage from before, where anything is."""
        runner, progress, stage_id = self._runner, self._progress, self._planned.id
        if runner.reuse is None or (runner.reusable is not None and stage_id not in runner.reusable):
            return False
        before = progress.context
        result = runner.reuse(self._planned, before)
        if result is None:
            return False
        runtime = Runtime(runner.services, stage_id)
        added = {} if self._sink is None else runner.additions(before, result, stage_id, runtime)
        progress.context = result._entering(None, stage_id)
        self._skipped({"reason": "cached", **added})
        return True

    def _skip(self, reason: SkipReason, detail: str) -> bool:
        note_unwritten(self._planned, self._progress, reason)
        self._skipped({"reason": reason, "detail": detail})
        return True

    def _skipped(self, payload: dict[str, Any]) -> None:
        now = perf_counter() - self._runner.started
        self._progress.ended.append((self._planned.id, "skipped", now, 0.0))
        if self._sink is not None:
            self._sink.emit("stage_skip", self._planned.id, payload)
