"""Read a journal of events, whole or cut off in the middle of a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from crucible_core.contract.errors import CrucibleError
from crucible_core.trace.event import Event

_MARKS = frozenset({"seq", "event_name"})
"""What tells the line of an event, even of one that lacks something, from other JSON."""


class JournalError(CrucibleError):
    """A journal that cannot be read."""


class Line(NamedTuple):
    """One whole line of a journal.

    Args:
        number: Its number, from 1.
        end: Where it ends, in bytes from the beginning of the file.
        values: What it says.
    """

    number: int
    end: int
    values: dict[str, Any]


def read_events(path: Path) -> Iterator[Event]:
    """Yield the events of a journal in order; a torn end, all that a killed process can leave, is ignored.

    Raises:
        JournalError: The file is missing, unreadable, or broken before its end.
    """
    for number, values in read_lines(path):
        yield event_of(values, f"{path}:{number}")


def event_of(values: dict[str, Any], where: str) -> Event:
    """Return the event that a line holds.

    Raises:
        JournalError: It lacks a field; the message says where the line is.
    """
    try:
        return Event.from_dict(values)
    except KeyError as error:
        raise JournalError(f"{where}: the event has no field {error.args[0]!r}") from None


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and content of each whole line of a journal.

    Raises:
        JournalError: The file is missing, unreadable, or broken before its end.
    """
    for line in whole_lines(path):
        yield line.number, line.values


def whole_lines(path: Path) -> Iterator[Line]:
    """Yield each whole line of a journal, up to its torn end: a power cut may leave more than one line of garbage.

    Raises:
        JournalError: The file is missing, unreadable, or broken before its end: a whole line follows the damage.
    """
    end = 0
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                values = parsed_line(line)
                if values is None or is_torn(values, number):
                    check_torn(path, number, stream)
                    return
                end += len(line)
                yield Line(number, end, values)
    except OSError as error:
        hint = "restore it from a copy; without it a run tells no events and cannot go on"
        raise JournalError(f"cannot read {path}: {error.strerror or error}", hint=hint) from error


def check_torn(path: Path, number: int, rest: BinaryIO) -> None:
    """Make sure that nothing which was recorded follows a broken line."""
    if any(not is_torn(parsed_line(line), number + 1) for line in rest):
        raise JournalError(
            f"{path}:{number}: not an event; the journal was damaged after it was written",
            hint="restore the file from a copy; what precedes that line is sound",
        )


def parsed_line(line: bytes) -> dict[str, Any] | None:
    """Return what a line says; None where it is torn or damaged."""
    if not line.endswith(b"\n"):
        return None
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def is_torn(values: dict[str, Any] | None, number: int) -> bool:
    """Tell whether a line is damaged or says nothing of an event; as a first line that may be another journal's."""
    return values is None or (number > 1 and _MARKS.isdisjoint(values))
