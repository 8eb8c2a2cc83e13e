"""What a run did in earlier processes, read from its journal when it is resumed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crucible_otel.facts import resumes_in
from crucible_otel.timestamps import nanoseconds

_TIMESTAMP = re.compile(r'"timestamp":\s*"([^"]+)"')
_TELLING = ('"run_start"', '"run_stop"', '"stage_start"', '"stage_stop"', '"stage_error"')


@dataclass
class Begun:
    """Something that began, and of which there is a span with this number."""

    seq: int
    at: int


@dataclass
class Session:
    """What one process did for the run, as far as it was recorded.

    Args:
        start: When it began.
        resumes: How often the run had been taken up again by then.
        last: The last moment at which it is known to have lived, in nanoseconds.
        stopped: Whether it came to its end; else it was killed.
        open: The attempts it did not finish, by stage.
    """

    start: Begun
    resumes: int
    last: int
    stopped: bool = False
    open: dict[str, Begun] = field(default_factory=dict)


def earlier_sessions(run_dir: Path | None, before: int) -> list[Session]:
    """Return what was done before the event of this number; nothing where there is no journal to be read."""
    sessions: list[Session] = []
    for line in _lines(run_dir):
        at = _moment(line)
        event = _event(line) if any(name in line for name in _TELLING) else {}
        if event.get("seq", 0) >= before:
            break
        if at is None:
            continue
        if event.get("event_name") == "run_start":
            resumes = resumes_in(event["payload"]["manifest"])
            another = not sessions or sessions[-1].resumes != resumes
            if another:  # else a process that found on its way that less stands than it thought
                sessions.append(Session(Begun(event["seq"], at), resumes, at))
        if sessions:
            _follow(sessions[-1], event, at)
    return sessions


def _follow(session: Session, event: dict[str, Any], at: int) -> None:
    session.last = max(session.last, at)  # clocks are set back
    name, stage = event.get("event_name"), event.get("stage")
    if name == "run_stop":
        session.stopped = True
    elif name == "stage_start":
        session.open[str(stage)] = Begun(event["seq"], at)
    elif name in ("stage_stop", "stage_error"):
        session.open.pop(str(stage), None)


def _lines(run_dir: Path | None) -> Iterator[str]:
    if run_dir is None:
        return
    try:
        with (run_dir / "telemetry.jsonl").open(encoding="utf-8", errors="replace") as journal:
            yield from journal
    except OSError:  # moved since, or never recorded
        return


def _moment(line: str) -> int | None:
    """Return when a line was written; None for one that does not say."""
    found = _TIMESTAMP.search(line)
    try:
        return nanoseconds(found[1]) if found else None
    except (ValueError, TypeError):  # no time, or one without a zone
        return None


def _event(line: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:  # what a process wrote last may be torn
        return {}
    return event if isinstance(event, dict) else {}
