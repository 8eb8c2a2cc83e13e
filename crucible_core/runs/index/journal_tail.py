"""Read a journal while it is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crucible_core.runs.manifest import FOLDED

__all__ = ["JournalTail"]

_NAME = re.compile(rb'"event_name":"([^"\\]*)"')
_HEAD = 200
"""An event's name lies within so many bytes of its line's beginning."""

_CHUNK = 1 << 20


class JournalTail:
    """What was added to a journal since it was last looked at.

    Args:
        path: The journal; it may not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._torn = b""

    def new_events(self) -> Iterator[dict[str, Any]]:
        """Yield the events since the last time, those that a manifest tells of.

        Raises:
            OSError: The journal cannot be read.
            ValueError: A line of it is no event.
        """
        try:
            stream = self._path.open("rb")
        except FileNotFoundError:
            return
        with stream:
            stream.seek(self._offset)
            while chunk := stream.read(_CHUNK):
                self._offset += len(chunk)
                *lines, self._torn = (self._torn + chunk).split(b"\n")
                for line in lines:
                    name = _NAME.search(line, 0, _HEAD)
                    if name is None or name[1].decode("utf-8", "replace") in FOLDED:
                        yield json.loads(line)
