"""What the journal of a run says happened, as far as a run that goes on from there needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crucible_core.contract.event_names import REASONING_EVENTS
from crucible_core.trace.event import Event
from crucible_core.trace.jsonl import JournalError, whole_lines

if TYPE_CHECKING:
    from pathlib import Path

_KEPT = frozenset({"artifact", "checkpoint", "verdict", *REASONING_EVENTS})
"""What a stage told that its record, or the context, still holds when it is done."""


@dataclass
class StageHistory:
    """What became of one stage.

    Args:
        attempts: How often it was tried.
        done: The event that completed it, or that said it need not run (``cached``); None where there is none.
        told: What it told in the attempt that completed it, in order.
        open: Whether its last attempt has no end: the process died in it.
        skipped: Why it was passed over last; None where it was not.
        checkpoints: Paths that it registered as checkpoints, in any attempt.
    """

    attempts: int = 0
    done: Event | None = None
    told: list[Event] = field(default_factory=list)
    open: bool = False
    skipped: str | None = None
    checkpoints: set[str] = field(default_factory=set)
    _telling: list[Event] = field(default_factory=list)

    @property
    def state(self) -> Mapping[str, Any]:
        """What the stage changed in the context, as the event that completed it says it."""
        state: Mapping[str, Any] = self.done.payload.get("state", {}) if self.done else {}
        return state

    def add(self, event: Event) -> None:
        """Take one of its events into account."""
        name = event.event_name
        if name == "stage_start":
            self.attempts, self.open, self._telling = max(self.attempts + 1, event.attempt or 0), True, []
        elif name in _KEPT:
            self._telling.append(event)
            if name == "checkpoint" and "path" in event.payload:
                self.checkpoints.add(str(event.payload["path"]))
        elif name == "stage_stop":
            self.done, self.told, self.open, self.skipped = event, self._telling, False, None
        elif name == "stage_error":  # one that ran again although it was done is done still
            self.open = False
        elif name == "stage_skip":
            self.skipped = str(event.payload.get("reason"))
            if self.skipped == "cached":
                self.done, self.told = event, self._telling


@dataclass
class RunHistory:
    """What the journal of a run says happened.

    Args:
        beginning: What ``run_start`` says, the last one's; None where the journal does not say it.
        started_at: When the run began.
        stages: Stage id to what became of it.
        lines: How many whole lines there are.
        end: Where the last of them ends, in bytes; what follows is torn.
        stopped: What the last ``run_stop`` says, where the run ended in an orderly way.
        resumes: How often the run has gone on already.
    """

    beginning: Mapping[str, Any] | None = None
    started_at: str | None = None
    stages: dict[str, StageHistory] = field(default_factory=dict)
    lines: int = 0
    end: int = 0
    stopped: Mapping[str, Any] | None = None
    resumes: int = 0

    def stage(self, stage_id: str) -> StageHistory:
        """Return what became of a stage; nothing, where the journal does not name it."""
        return self.stages.get(stage_id) or StageHistory()

    def _add(self, event: Event) -> None:
        if event.event_name == "run_start":
            self._begin(event)
        elif event.event_name == "run_stop":
            self.stopped = event.payload
        elif event.stage is not None:
            self.stages.setdefault(event.stage, StageHistory()).add(event)

    def _begin(self, event: Event) -> None:
        self.beginning, self.stopped = event.payload, None
        self.started_at = self.started_at or event.timestamp
        if event.payload.get("resumed"):
            self.resumes += 1
            kept = set(event.payload.get("kept", ()))
            for stage_id, stage in self.stages.items():
                if stage_id not in kept:
                    stage.done, stage.told, stage.skipped = None, [], None


def read_history(journal: Path) -> RunHistory:
    """Return what a journal says happened; its torn end is left out.

    A run of a million metric events is read line by line; none of those is held.

    Raises:
        JournalError: The file is missing, unreadable, or damaged before its end.
    """
    history = RunHistory()
    for line in whole_lines(journal):
        if line.values.get("seq") != line.number:
            raise JournalError(
                f"{journal}:{line.number}: event number {line.values.get('seq')}; lines were taken out or put in",
                hint="restore the file from a copy",
            )
        if line.values.get("event_name") != "metric":
            history._add(Event.from_dict(line.values))
        history.lines, history.end = line.number, line.end
    return history
