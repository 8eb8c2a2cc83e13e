"""The journal of a run: one line an event, in the kernel's hands before the run goes on."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from crucible_core.pipeline.runner import RecordError


class JournalFile:
    """Append lines to ``telemetry.jsonl``; each is written by one system call, so a killed process loses none.

    Args:
        path: The file; made when missing.
    """

    _CHUNK = 1 << 20

    def __init__(self, path: Path) -> None:
        self._path = path
        self._broken: OSError | None = None
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        self._digest = hashlib.sha256()
        if os.fstat(self._descriptor).st_size:
            with path.open("rb") as stream:
                while chunk := stream.read(self._CHUNK):
                    self._digest.update(chunk)

    def append(self, line: str) -> None:
        """Record one line, newline included.

        Raises:
            RecordError: It could not be written; no further line is.
        """
        if self._broken is not None:
            raise self._error(self._broken)
        # Half of a surrogate pair, which JSON and Python's strings may hold, is no UTF-8; its escape is the same JSON.
        data = line.encode("utf-8", "backslashreplace")
        try:
            written = os.write(self._descriptor, data)
            while written < len(data):  # only on a nearly full disk: the next call says why
                written += os.write(self._descriptor, data[written:])
        except OSError as error:
            self._broken = error
            raise self._error(error) from error
        self._digest.update(data)

    @property
    def sha256(self) -> str | None:
        """SHA-256 of everything in the file; None where a line was not written whole."""
        return None if self._broken is not None else self._digest.hexdigest()

    def sync(self) -> None:
        """Wait until every line is on the disk, so that a power cut does not lose it.

        Raises:
            RecordError: The disk failed; no further line is written.
        """
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            self._broken = error
            raise self._error(error) from error

    def close(self) -> None:
        """Close the file; appending ends."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _error(self, error: OSError) -> RecordError:
        reason = error.strerror or str(error)
        return RecordError(
            f"cannot write {self._path}: {reason}; the run stopped, what was recorded before is complete; "
            "free space or choose another --output-dir, then run again"
        )
