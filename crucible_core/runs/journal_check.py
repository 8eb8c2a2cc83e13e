"""Whether a journal is whole, and which kept values it refers to; read line by line, whatever its length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.runs.codecs.errors import DamagedObjectError
from crucible_core.runs.codecs.object_ref import objects_in
from crucible_core.trace.event import Event
from crucible_core.trace.jsonl import JournalError, Line, whole_lines

if TYPE_CHECKING:
    from crucible_core.runs.codecs.object_ref import ObjectRef

__all__ = ["JournalCheck", "check_journal"]


@dataclass
class JournalCheck:
    """What a journal is like.

    Args:
        problem: What is wrong with it; None where it is whole.
        note: What is remarkable where nothing is wrong.
        lines: How many whole lines there are.
        ended: Whether the last of them is ``run_stop``.
        spec: The experiment that was run last, where the journal holds it.
        objects: Every object that a line refers to.
    """

    problem: str | None = None
    note: str | None = None
    lines: int = 0
    ended: bool = False
    spec: Mapping[str, Any] | None = None
    objects: Iterable[ObjectRef] = field(default_factory=tuple)


def check_journal(path: Path) -> JournalCheck:
    """Read a journal: every whole line is an event of one run, and its number is that of the line."""
    found = JournalCheck()
    objects: dict[ObjectRef, None] = {}
    ids: tuple[Any, Any] | None = None
    end = 0
    try:
        for line in whole_lines(path):
            ids = ids or _ids(line.values)
            problem = _problem(line, ids)
            if problem:
                found.problem = f"line {line.number}: {problem}"
                break
            found.lines, end = line.number, line.end
            found.ended = line.values["event_name"] == "run_stop"
            _take(line.values, found, objects)
        else:
            found.problem, found.note = _about_end(path, end, found.lines)
    except JournalError as error:
        found.problem = str(error)
    except DamagedObjectError as error:
        found.problem = f"line {found.lines}: {error}"
    found.objects = tuple(objects)
    return found


def _problem(line: Line, ids: tuple[Any, Any]) -> str | None:
    values = line.values
    lacking = [name for name in Event._fields if name not in values]
    if lacking or not isinstance(values["payload"], Mapping):
        return f"the event has no {lacking[0] if lacking else 'payload'}"
    if values["seq"] != line.number:
        return f"it is event number {values['seq']!r:.40}; lines were taken out or put in"
    if _ids(values) != ids:
        return f"it is of another run, {values['experiment_id']!r:.140}/{values['run_id']!r:.140}"
    if line.number == 1 and values["event_name"] != "run_start":
        return "the journal does not begin with run_start"
    return None


def _ids(values: Mapping[str, Any]) -> tuple[Any, Any]:
    return values.get("experiment_id"), values.get("run_id")


def _take(values: Mapping[str, Any], found: JournalCheck, objects: dict[ObjectRef, None]) -> None:
    payload = values["payload"]
    if values["event_name"] == "run_start" and isinstance(payload.get("spec"), Mapping):
        found.spec = payload["spec"]
    if "state" in payload:
        objects.update(dict.fromkeys(objects_in(payload["state"])))


def _about_end(path: Path, end: int, lines: int) -> tuple[str | None, str | None]:
    torn = path.stat().st_size - end
    if not lines:
        return "it holds no event", None
    return (
        None,
        f"{torn} bytes at its end are torn, as a killed process leaves them; they are ignored" if torn else None,
    )
