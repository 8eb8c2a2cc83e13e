"""Read those events of a journal that somebody asks for, and of the others the time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from crucible_core.trace.jsonl import JournalError, check_torn, event_of, is_torn, parsed_line

if TYPE_CHECKING:
    from pathlib import Path

    from crucible_core.trace.event import Event

__all__ = ["skim_events"]

_HEAD = re.compile(rb'\{"schema_version":"[^"]*","seq":\d+,"timestamp":"([^"\\]*)","event_name":"([^"\\]*)","run_id":')
"""How the emitter begins a line: time and name can be told without parsing the rest."""


def skim_events(path: Path, names: frozenset[str]) -> Iterator[tuple[str, Event | None]]:
    """Yield the time of every event, with the event itself where it has one of these names.

    The others are not parsed, so that a journal of a million metrics is read in a second; damage in them goes
    unnoticed.

    Raises:
        JournalError: The file is missing, unreadable, or broken before its end.
    """
    wanted = frozenset(name.encode() for name in names)
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                head = _HEAD.match(line)
                if head is not None and head[2] not in wanted and line.endswith(b"\n"):
                    yield head[1].decode("utf-8", "replace"), None
                    continue
                values = parsed_line(line)
                if values is None or is_torn(values, number):
                    check_torn(path, number, stream)
                    return
                event = event_of(values, f"{path}:{number}")
                yield event.timestamp, event if event.event_name in names else None
    except OSError as error:
        raise JournalError(f"cannot read {path}: {error.strerror or error}") from error
