"""When each attempt at each stage of a run began and how long it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.trace.skimming import skim_events

if TYPE_CHECKING:
    from crucible_core.trace.event import Event

_NAMES = frozenset({"run_start", "run_stop", "stage_start", "stage_stop", "stage_error", "stage_skip"})


@dataclass
class Attempt:
    """One attempt at a stage, or the skipping of it.

    Args:
        stage: Id of the stage.
        attempt: Which try, from 1; None where it was skipped.
        outcome: ``succeeded``, ``failed``, ``cancelled``, ``interrupted``, ``skipped``, or ``running``.
        session: Which of the run's processes made it, from 1.
        began_s: Seconds from the run's start, times between its processes left out.
        duration_s: Seconds it took, or has taken so far.
        started_at: When it began.
        reason: Why it failed or was skipped.
    """

    stage: str
    attempt: int | None
    outcome: str
    session: int
    began_s: float
    duration_s: float
    started_at: str
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the attempt as JSON values."""
        return asdict(self)


@dataclass
class Session:
    """One process that worked on the run: when it began, how long it is known to have gone on, and how it ended.

    ``status`` is None where the process did not live to say it.
    """

    started_at: str
    began_s: float
    duration_s: float = 0.0
    status: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the session as JSON values."""
        return asdict(self)


@dataclass
class Timeline:
    """What a run's journal tells of its stages, in the order of their beginnings."""

    attempts: list[Attempt] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

    @property
    def duration_s(self) -> float:
        """Seconds that the run's processes worked on it."""
        last = self.sessions[-1] if self.sessions else None
        return last.began_s + last.duration_s if last else 0.0


def read_timeline(journal: Path, *, running: bool) -> Timeline:
    """Return the timeline that a journal tells.

    Args:
        journal: The file.
        running: Whether the run goes on: an attempt without an end is ``running`` then, else ``interrupted``.

    Raises:
        JournalError: It cannot be read, or is damaged before its last line.
    """
    reader = _Reader()
    for timestamp, event in skim_events(journal, _NAMES):
        if event is None:
            reader.last = timestamp
        else:
            reader.take(event)
    reader.leave("running" if running else "interrupted")
    return reader.timeline


class _Reader:
    """Follow a journal. Clocks may be set back: no event is earlier here than the one before it.

    Attributes:
        timeline: What it told so far.
        last: The time of the last event of the process at work.
    """

    def __init__(self) -> None:
        self.timeline = Timeline()
        self.last = ""
        self._open: dict[str, Attempt] = {}
        self._left: dict[str, Attempt] = {}
        self._zero: float | None = None

    def take(self, event: Event) -> None:
        """Take one event into account."""
        payload = event.payload if isinstance(event.payload, Mapping) else {}
        if event.event_name == "run_start" or not self.timeline.sessions:
            self.leave("interrupted")
            self._begin(str(event.timestamp))
        self.last = str(event.timestamp)
        now = self._reach()
        if event.event_name == "run_stop":
            self.timeline.sessions[-1].status = _text(payload.get("status"))
        elif event.event_name == "stage_start" and isinstance(event.stage, str):
            self._start(event, "running", now)
        elif isinstance(event.stage, str):
            self._end(event, payload, now)

    def leave(self, outcome: str) -> None:
        """End what a process left open at the last moment it is known to have lived."""
        if not self.timeline.sessions:
            return
        now = self._reach()
        for attempt in self._open.values():
            attempt.outcome, attempt.duration_s = outcome, max(0.0, now - attempt.began_s)
        self._left, self._open = self._open, {}

    def _begin(self, timestamp: str) -> None:
        self.timeline.sessions.append(Session(timestamp, self.timeline.duration_s))
        self._zero = _seconds(timestamp)

    def _reach(self) -> float:
        """Return the last event's place on the axis, and let the session last until there."""
        session, seconds = self.timeline.sessions[-1], _seconds(self.last)
        if seconds is not None and self._zero is not None:
            session.duration_s = max(session.duration_s, seconds - self._zero)
        return session.began_s + session.duration_s

    def _start(self, event: Event, outcome: str, began: float, duration: float = 0.0) -> Attempt:
        assert event.stage is not None
        number = event.attempt if isinstance(event.attempt, int) else None
        session = len(self.timeline.sessions)
        attempt = Attempt(event.stage, number, outcome, session, began, duration, str(event.timestamp))
        self.timeline.attempts.append(attempt)
        if outcome == "running":
            self._open[event.stage] = attempt
        return attempt

    def _end(self, event: Event, payload: Mapping[str, Any], now: float) -> None:
        stage = str(event.stage)
        if event.event_name == "stage_skip":
            told = (_text(payload.get(key)) for key in ("reason", "detail"))
            self._start(event, "skipped", now).reason = ": ".join(filter(None, told)) or None
            return
        took = _duration(payload.get("duration_s"))
        attempt = self._open.pop(stage, None)
        if attempt is not None:
            attempt.duration_s = max(0.0, now - attempt.began_s) if took is None else took
        else:  # of a process that was killed; the one that went on tells of its end
            attempt = self._left.get(stage)
        if attempt is not None:
            attempt.outcome = _outcome(event.event_name, payload)
            attempt.reason = _reason(payload) if event.event_name == "stage_error" else None


def _outcome(event_name: str, payload: Mapping[str, Any]) -> str:
    if event_name == "stage_stop":
        return "succeeded"
    code = payload.get("code")
    return code if code in ("cancelled", "interrupted") else "failed"


def _reason(payload: Mapping[str, Any]) -> str:
    return f"{payload.get('code')}: {payload.get('message')}"


def _seconds(timestamp: str) -> float | None:
    try:
        return datetime.fromisoformat(timestamp).timestamp()
    except (ValueError, OverflowError):
        return None


def _duration(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and value >= 0 else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
