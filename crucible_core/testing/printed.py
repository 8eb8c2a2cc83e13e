"""What is written to standard output meanwhile, counted and not kept."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_KEPT = 500


class Printed(io.BufferedIOBase):
    """Take what is written and keep the beginning of it.

    Attributes:
        kept: The beginning.
        count: Number of bytes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.kept = b""
        self.count = 0

    @property
    def start(self) -> str:
        """The beginning as text."""
        return self.kept.decode("utf-8", "replace")

    def write(self, data: Any) -> int:
        """Count the bytes."""
        written = bytes(data)
        self.count += len(written)
        self.kept += written[: max(0, _KEPT - len(self.kept))]
        return len(written)

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True


@contextmanager
def captured_output() -> Iterator[Printed]:
    """Put a `Printed` in the place of ``sys.stdout`` meanwhile; one that was replaced stays replaced, to be seen."""
    printed, stdout = Printed(), sys.stdout
    buffer: Any = printed
    stream = io.TextIOWrapper(buffer, encoding="utf-8", errors="backslashreplace", write_through=True)
    sys.stdout = stream
    try:
        yield printed
    finally:
        if sys.stdout is stream:
            sys.stdout = stdout
