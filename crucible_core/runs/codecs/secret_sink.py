"""A stream in which secrets are looked for, and nothing else happens."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_core.runs.codecs.secret_search import SecretSearch

__all__ = ["SecretSink"]


class SecretSink(io.RawIOBase):
    """A stream that only looks at what is written to it.

    Args:
        search: What it looks for.

    Attributes:
        found: Whether it was there.
    """

    def __init__(self, search: SecretSearch) -> None:
        self.found = False
        self._search = search
        self._tail = b""
        self._overlap = max(map(len, search.patterns), default=1) - 1

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def write(self, data: Any, /) -> int:
        """Look at some bytes, and at those around the boundary to the ones before."""
        seen = self._tail + bytes(data)
        self.found = self.found or self._search.in_bytes(seen)
        self._tail = seen[-self._overlap :] if self._overlap else b""
        return len(seen)
