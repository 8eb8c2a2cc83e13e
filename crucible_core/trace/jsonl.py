"""Read a journal of events, whole or cut off in the middle of a line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from crucible_core.contract.errors import CrucibleError
from crucible_core.trace.event import Event

Parsed = TypeVar("Parsed")

_HEAD = re.compile(rb'\{"schema_version":"[^"]*","seq":\d+,"timestamp":"([^"\\]*)","event_name":"([^"\\]*)","run_id":')
"""How the emitter begins a line: time and name can be told without parsing the rest."""


class JournalError(CrucibleError):
    """A journal that cannot be read."""


def read_events(path: Path) -> Iterator[Event]:
    """Yield the events of a journal in order; a torn last line, all that a killed process can leave, is ignored.

    Raises:
        JournalError: The file is missing, unreadable, or broken before its last line.
    """
    for number, values in read_lines(path):
        yield _event(values, f"{path}:{number}")


def skim_events(path: Path, names: frozenset[str]) -> Iterator[tuple[str, Event | None]]:
    """Yield the time of every event, with the event itself where it has one of these names.

    The others are not parsed, so that a journal of a million metrics is read in a second; damage in them goes
    unnoticed.

    Raises:
        JournalError: As for `read_events`.
    """
    wanted = frozenset(name.encode() for name in names)

    def skim(line: bytes) -> tuple[str, dict[str, Any] | None] | None:
        head = _HEAD.match(line)
        if head is not None and head[2] not in wanted and line.endswith(b"\n"):
            return head[1].decode("utf-8", "replace"), None
        values = _parsed(line)
        return None if values is None else ("", values)

    for number, (timestamp, values) in _whole_lines(path, skim):
        if values is None:
            yield timestamp, None
        else:
            event = _event(values, f"{path}:{number}")
            yield event.timestamp, event if event.event_name in names else None


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and content of each whole line of a journal.

    Raises:
        JournalError: The file is missing, unreadable, or broken before its last line.
    """
    return _whole_lines(path, _parsed)


def _whole_lines(path: Path, parse: Callable[[bytes], Parsed | None]) -> Iterator[tuple[int, Parsed]]:
    """Yield number and content of each line; the last may be torn, which is where there is nothing to parse."""
    torn: int | None = None
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                if torn is not None:
                    raise JournalError(f"{path}:{torn}: not an event; the journal was damaged after it was written")
                found = parse(line)
                if found is None:
                    torn = number
                else:
                    yield number, found
    except OSError as error:
        raise JournalError(f"cannot read {path}: {error.strerror or error}") from error


def _parsed(line: bytes) -> dict[str, Any] | None:
    if not line.endswith(b"\n"):
        return None
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _event(values: dict[str, Any], where: str) -> Event:
    try:
        return Event.from_dict(values)
    except KeyError as error:
        raise JournalError(f"{where}: the event has no field {error.args[0]!r}") from None
