"""How far a run has got."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from crucible_core.pipeline.result import Failure, StageStatus, StageTiming, Status

if TYPE_CHECKING:
    from crucible_core.contract.context import Context

SkipReason = Literal["disabled", "cached", "condition", "earlier_failure"]

Ended = tuple[str, StageStatus, float, float] | tuple[str, StageStatus, float, float, int]
"""What a `StageTiming` is made of; the attempts may be left out where there was one."""


@dataclass(slots=True, eq=False, repr=False)
class Progress:
    """How far a run has got; filled in by the runner, read by whoever asks on the way."""

    context: Context
    ended: list[Ended] = field(default_factory=list)
    """What `timings` is made of; plain tuples, which the garbage collector lets go of: it would go through others
    again and again."""
    status: Status = "succeeded"
    failure: Failure | None = None
    current: str | None = None
    """The stage of which an attempt is running."""
    attempt: int = 1
    """Which attempt at `current` it is."""
    attempts: dict[str, int] = field(default_factory=dict)
    """Attempts already made, by stage id, before the run was resumed as well; a stage that is not here had one."""
    checkpoints: dict[str, set[str]] = field(default_factory=dict)
    """Paths that stages registered as checkpoints, by stage id; the next attempt finds them where they are."""
    unwritten: dict[str, tuple[str, SkipReason]] = field(default_factory=dict)
    """Context paths that a stage would have written, had it not failed or been skipped: its id, and why."""
    failed_for_good: str | None = None
    """The stage whose failure lets no other one run any more (``on_failure: skip_rest``)."""

    @property
    def timings(self) -> tuple[StageTiming, ...]:
        """One entry for each stage that was reached, in order."""
        return tuple(StageTiming(*each) for each in self.ended)


def note_failure(progress: Progress, failure: Failure) -> None:
    """Take note of a failure: the first one is the run's, except that being cancelled comes after all others."""
    if failure.code == "cancelled":
        progress.status, progress.failure = "cancelled", failure
    else:
        progress.status, progress.failure = "failed", progress.failure or failure
