"""What a step of a pipeline says of how it is run, made ready."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_core.contract.paths import OPEN, covers, fill, root_of
from crucible_core.pipeline.result import Failure

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.ir import OnFailure, RetryPolicy
    from crucible_core.pipeline.conditions.condition import Condition
    from crucible_core.pipeline.execution.reference import StageReference
    from crucible_core.pipeline.plan import PlannedStage
    from crucible_core.pipeline.progress import Progress, SkipReason

_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of one stage.

    Args:
        on_failure: What its failure ends.
        retry: Whether and when it is tried again.
        timeout_s: Seconds that an attempt may take.
        condition: When it runs at all.
        reference: By what a process of its own finds it; None where it runs in that of the run.
    """

    on_failure: OnFailure
    retry: RetryPolicy | None = None
    timeout_s: float | None = None
    condition: Condition | None = None
    reference: StageReference | None = None


def not_to_run(planned: PlannedStage, progress: Progress) -> tuple[SkipReason, str] | None:
    """Say why a stage is skipped because of what came before it, as a reason and in words; None where it is not."""
    if progress.failed_for_good is not None:
        return "earlier_failure", f"{progress.failed_for_good} failed, and skips the rest"
    for path in _needed(planned) if progress.unwritten else ():
        if not _is_there(progress.context, path):
            for written, (stage, reason) in progress.unwritten.items():
                if covers(written, path):
                    how = "failed" if reason == "earlier_failure" else "was skipped"
                    return reason, f"it needs {path}, and {stage} {how}"
    return None


def note_unwritten(planned: PlannedStage, progress: Progress, reason: SkipReason) -> None:
    """Take note of what a stage would have written, since it failed or was skipped."""
    about = planned.description
    for path in fill(about.writes, {"id": planned.id}) if about is not None else ():
        progress.unwritten.setdefault(root_of(path), (planned.id, reason))


def refused_by_condition(planned: PlannedStage, context: Context) -> str | Failure | None:
    """Say why a stage's condition does not let it run, or how it failed; None where it may run."""
    condition = planned.policies.condition if planned.policies is not None else None
    if condition is None:
        return None
    from crucible_core.pipeline.conditions.evaluation import ConditionFailedError
    from crucible_core.pipeline.conditions.place import pointed

    try:
        return condition.refusal(context.metrics)
    except ConditionFailedError as error:
        message = f"{error}; {error.hint}" if error.hint else str(error)
        details = {"condition": condition.text, "column": error.at + 1}
        return Failure(planned.id, "condition_failed", pointed(message, condition.text, error.at), details)


def _needed(planned: PlannedStage) -> Iterator[str]:
    """Yield what has to be in the context for a stage to run: its reads, and what its condition asks for."""
    about, policies = planned.description, planned.policies
    if policies is not None and policies.condition is not None:
        yield from (path.root for path in policies.condition.needed)
    reads: Iterable[str] = fill(about.reads, {"id": planned.id}) if about is not None else ()
    yield from (root_of(path) for path in reads if not path.endswith(OPEN))


def _is_there(context: Context, path: str) -> bool:
    value = context.read(path, _ABSENT)
    return value is not _ABSENT and (path != "outputs" or len(value) > 0)
