"""The last line of a journal, and whether a manifest was written after it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["is_last_word", "last_line"]

_WINDOW = 1 << 16


def is_last_word(manifest: Mapping[str, Any], last: bytes) -> bool:
    """Tell whether a manifest was written after everything in a journal: both end with the same moment.

    Args:
        manifest: The manifest.
        last: The journal's last whole line.
    """
    if manifest.get("finished_at") is None:
        return False
    try:
        event = json.loads(last)
        return bool(event["event_name"] == "run_stop" and event["timestamp"] == manifest["finished_at"])
    except (ValueError, RecursionError, KeyError, TypeError):
        return False


def last_line(path: Path) -> bytes:
    """Return the last whole line of a file, read from its end; empty where there is none.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as stream:
        end = stream.seek(0, os.SEEK_END)
        window = min(_WINDOW, end)
        while True:
            stream.seek(end - window)
            lines = stream.read(window).split(b"\n")
            if len(lines) > 2 or window == end:  # noqa: PLR2004 - what began before the window, the line, a torn rest
                return lines[-2] if len(lines) > 1 else b""
            window = min(window * 4, end)
