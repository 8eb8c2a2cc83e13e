"""What is written to standard output meanwhile, counted and not kept."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from crucible_core.testing.recorded_calls import during_import

_KEPT = 500
_CHUNK = 1 << 16


class Printed(io.BufferedIOBase):
    """Take what is written and keep the beginning of it.

    Args:
        imports: Whether what a module prints while it is imported counts.

    Attributes:
        kept: The beginning.
        count: Number of bytes.
        was_closed: Whether ``sys.stdout`` was closed.
    """

    def __init__(self, *, imports: bool = True) -> None:
        super().__init__()
        self.kept = b""
        self.count = 0
        self.was_closed = False
        self._imports = imports

    @property
    def start(self) -> str:
        """The beginning as text."""
        return self.kept.decode("utf-8", "replace")

    def write(self, data: Any) -> int:
        """Count the bytes."""
        written = bytes(data)
        if self._imports or not during_import():
            self.add(written)
        return len(written)

    def add(self, written: bytes) -> None:
        """Count bytes that came another way."""
        self.count += len(written)
        self.kept += written[: max(0, _KEPT - len(self.kept))]

    def fileno(self) -> int:
        """Return the descriptor of standard output, for what a child process of the stage's is to print."""
        return 1

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True


@contextmanager
def captured_output(*, imports: bool = True) -> Iterator[Printed]:
    """Put a `Printed` in the place of ``sys.stdout`` meanwhile; one that was replaced stays replaced, to be seen.

    Args:
        imports: Whether what a module prints while it is imported counts.
    """
    printed, stdout = Printed(imports=imports), sys.stdout
    buffer: Any = printed
    stream = io.TextIOWrapper(buffer, encoding="utf-8", errors="backslashreplace", write_through=True)
    sys.stdout = stream
    try:
        yield printed
    finally:
        printed.was_closed = stream.closed
        if sys.stdout is stream:
            sys.stdout = stdout


@contextmanager
def captured_descriptor() -> Iterator[Printed]:
    """Count meanwhile what is written to file descriptor 1, past ``sys.stdout``, also by child processes."""
    printed = Printed()
    reading, writing = os.pipe()
    saved = os.dup(1)
    os.dup2(writing, 1)
    os.close(writing)
    reader = threading.Thread(target=_drain, args=(reading, printed), daemon=True)
    reader.start()
    try:
        yield printed
    finally:
        os.dup2(saved, 1)
        os.close(saved)
        reader.join(timeout=0.5)  # a process that the stage left behind may hold the other end
        if not reader.is_alive():
            os.close(reading)


def _drain(descriptor: int, printed: Printed) -> None:
    with contextlib.suppress(OSError):
        while chunk := os.read(descriptor, _CHUNK):
            printed.add(chunk)
