"""Find the values of secret options in what is about to be written."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

from crucible_core.runs.codecs.encoder import as_text

__all__ = ["SecretFound", "SecretSearch", "SecretSink"]

_WITHIN = 4
"""Characters; a shorter secret is looked for as a whole text only, since every other text would hold it."""
_IN_BYTES = 6
"""Bytes; a shorter one turns up in numbers by chance."""
_TEXTLESS = frozenset({"base64", "class", "codec", "hex", "sha256", "suffix"})
"""Keys of tagged values whose texts are none of the value's."""


class SecretFound(Exception):  # noqa: N818 - not shown to anybody: `SecretValueError` is made of it
    """A secret is in what is about to be written."""


class SecretSearch:
    """The secrets of a run.

    Args:
        texts: Their values in clear.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        found = sorted({text for text in texts if text})
        self._exact = frozenset(found)
        self._within = tuple(text for text in found if len(text) >= _WITHIN)
        self._escaped = tuple({as_text(text)[1:-1] for text in found})
        self.patterns = tuple(
            {
                form
                for text in found
                for encoding in ("utf-8", "utf-16-le", "utf-32-le", "utf-16-be", "utf-32-be")
                if len(form := text.encode(encoding, "surrogatepass")) >= _IN_BYTES
            }
        )

    def __bool__(self) -> bool:
        return bool(self._exact)

    def may_be_in(self, encoded_text: str) -> bool:
        """Tell whether the JSON text of a value holds a secret anywhere; tags and their like count too."""
        return any(secret in encoded_text for secret in self._escaped)

    def in_text(self, text: str) -> bool:
        """Tell whether a text is a secret, or holds one."""
        return text in self._exact or any(secret in text for secret in self._within)

    def in_bytes(self, data: bytes) -> bool:
        """Tell whether bytes hold a secret, as text in a usual encoding."""
        return any(pattern in data for pattern in self.patterns)

    def in_encoded(self, encoded: Any) -> bool:
        """Tell whether a text in an encoded value is a secret, or holds one."""
        return any(map(self.in_text, _texts(encoded)))


def _texts(encoded: Any) -> Iterator[str]:
    """Yield the texts of an encoded value, keys included, without those that tags are made of."""
    left = [encoded]
    while left:
        node = left.pop()
        if type(node) is str:
            yield node
        elif type(node) is list:
            left += node
        elif type(node) is dict:
            if "$" in node:
                left += [each for key, each in node.items() if key != "$" and key not in _TEXTLESS]
            else:
                yield from node
                left += node.values()


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
