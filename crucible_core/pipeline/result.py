"""What comes out of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from crucible_core.ir.errors import CrucibleError
from crucible_core.ir.frozen import EMPTY

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.contract.verdict import Verdict

Status = Literal["succeeded", "failed", "cancelled"]
StageStatus = Literal["succeeded", "failed", "cancelled", "skipped"]

FAILURE_CODES = (
    "stage_crashed",
    "invalid_return",
    "missing_ports",
    "timeout",
    "worker_died",
    "stage_changed",
    "unpicklable",
    "no_codec",
    "condition_failed",
)
"""The codes that the core gives to attempts at stages. ``worker_died``, ``stage_changed`` and ``unpicklable`` come of
processes of their own, ``no_codec`` of values that cannot be kept, ``condition_failed`` of a condition that is neither
true nor false."""


class RecordError(CrucibleError):
    """The record of a run could not be written; the run stops, since what it does would be lost."""


class Failure(NamedTuple):
    """Why a run did not succeed.

    Args:
        stage: Id of the stage it happened in; None where it was none's.
        code: One of `FAILURE_CODES`, ``gate_failed``, ``cancelled``, ``record_failed``, or a code that the stage
            declares.
        message: What happened and what to do.
        details: JSON values for programs.
        traceback: The traceback of a crash, as Python prints it.
    """

    stage: str | None
    code: str
    message: str
    details: Mapping[str, Any] = EMPTY
    traceback: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the failure as JSON values."""
        return {
            "stage": self.stage,
            "code": self.code,
            "message": self.message,
            "details": dict(self.details),
            "traceback": self.traceback,
        }


class StageTiming(NamedTuple):
    """When a stage ran and how it ended; times in seconds, ``started`` since the start of the run.

    Of a stage that was tried several times they are those of the last attempt.
    """

    stage: str
    status: StageStatus
    started: float
    duration: float
    attempts: int = 1


@dataclass(frozen=True, eq=False, repr=False)
class RunResult:
    """The end of a run.

    Args:
        status: How it ended.
        context: The context as far as it got.
        failure: Why it did not succeed, or None.
        timings: One entry for each stage that was reached, in order.
        run_dir: Where its record lies; None where it was not recorded.
        duration: Seconds from start to end.
        artifacts: Returns the directory with the files of one stage, by its id; that of a run that was not recorded is
            temporary and goes with the last reference to this result.
    """

    status: Status
    context: Context
    failure: Failure | None
    timings: tuple[StageTiming, ...]
    run_dir: Path | None
    duration: float
    artifacts: Callable[[str], Path]

    @property
    def ok(self) -> bool:
        """Whether the run succeeded."""
        return self.status == "succeeded"

    @property
    def run_id(self) -> str:
        """Id of the run."""
        return self.context.run_id

    @property
    def metrics(self) -> Mapping[str, Any]:
        """The metrics as far as it got, stage id to values."""
        return self.context.metrics

    @property
    def verdicts(self) -> Sequence[Verdict]:
        """The verdicts passed, in order."""
        return self.context.verdicts

    def __repr__(self) -> str:
        why = f", {self.failure.code} in {self.failure.stage or 'the run'}" if self.failure else ""
        where = f", {self.run_dir}" if self.run_dir else ""
        how_long = f"{len(self.timings)} stages in {self.duration:.2f} s"
        return f"RunResult({self.run_id} {self.status}{why}, {how_long}{where})"

    def unwrap(self) -> Context:
        """Return the context of a run that succeeded.

        Raises:
            RunError: It did not.
        """
        if not self.ok:
            raise RunError(self)
        return self.context


class RunError(CrucibleError):
    """A run that did not succeed, unwrapped; ``result`` holds all there is to know about it."""

    def __init__(self, result: RunResult) -> None:
        failure = result.failure
        about = (
            f"{failure.code} in {failure.stage or 'the run'}: {failure.message}" if failure else "no reason recorded"
        )
        super().__init__(f"run {result.run_id} {result.status}: {about}")
        self.result = result

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the result, from which the text is made again."""
        return type(self), (self.result,)
