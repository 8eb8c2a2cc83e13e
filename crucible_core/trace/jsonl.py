"""Read a journal of events, whole or cut off in the middle of a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crucible_core.contract.errors import CrucibleError
from crucible_core.trace.event import Event


class JournalError(CrucibleError):
    """A journal that cannot be read."""


def read_events(path: Path) -> Iterator[Event]:
    """Yield the events of a journal in order; a torn last line, all that a killed process can leave, is ignored.

    Raises:
        JournalError: The file is missing, unreadable, or broken before its last line.
    """
    for number, values in read_lines(path):
        try:
            yield Event.from_dict(values)
        except KeyError as error:
            raise JournalError(f"{path}:{number}: the event has no field {error.args[0]!r}") from None


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and content of each whole line of a journal.

    Raises:
        JournalError: The file is missing, unreadable, or broken before its last line.
    """
    torn: int | None = None
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                if torn is not None:
                    raise JournalError(f"{path}:{torn}: not an event; the journal was damaged after it was written")
                values = _parsed(line)
                if values is None:
                    torn = number
                else:
                    yield number, values
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
