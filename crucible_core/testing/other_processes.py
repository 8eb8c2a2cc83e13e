"""Whether a process is this one's affair, and what forks of it were seen to do."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

_GENERATIONS = 12


def is_another_s(pid: int) -> bool:
    """Tell whether a process that is there is neither this one nor one that it started, however indirectly."""
    found = abs(pid)
    for _ in range(_GENERATIONS):
        if found == os.getpid():
            return False
        parent = _parent(found)
        if parent is None:
            return found != abs(pid)
        found = parent
    return True


def _parent(pid: int) -> int | None:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return int(status.rpartition(")")[2].split()[1])


class Notes:
    """A file in which forks of a process note what they do, since they share no memory with it.

    Args:
        file: Where it is; it is made by the first note.
    """

    def __init__(self, file: Path) -> None:
        self._file = str(file)
        self.pid = os.getpid()

    def note(self, kind: str, what: tuple[str, str]) -> None:
        """Add a note; it is one write, so that two processes at a time do not mix theirs."""
        with contextlib.suppress(OSError):
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.write(descriptor, json.dumps([kind, *what]).encode() + b"\n")
            os.close(descriptor)

    def taken(self) -> list[tuple[str, tuple[str, str]]]:
        """Return what was noted so far, and forget it."""
        try:
            lines = Path(self._file).read_text(encoding="utf-8").splitlines()
            Path(self._file).unlink()
        except OSError:
            return []
        return [(kind, (one, other)) for kind, one, other in map(json.loads, lines)]
