"""Find the values of secret options in what is about to be written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from crucible_core.runs.codecs.plain import as_text

__all__ = ["SecretFound", "SecretSearch"]

_WITHIN = 4
"""Characters; a shorter secret is looked for as a whole text only, since every other text would hold it."""
_IN_BYTES = 6
"""Bytes; a shorter one turns up in numbers by chance."""
_ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-32-le", "utf-16-be", "utf-32-be")
_TEXTLESS = frozenset({"$", "base64", "class", "codec", "fields", "hex", "sha256", "suffix"})
"""Keys of tagged values whose texts are none of the value's; fields are looked at without their names."""


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
                for text in (*found, *self._escaped, *(repr(text)[1:-1] for text in found))
                for encoding in _ENCODINGS
                if len(form := _encoded(text, encoding)) >= _IN_BYTES
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


def _encoded(text: str, encoding: str) -> bytes:
    """Return a text in an encoding; nothing where that has not all of its characters."""
    try:
        return text.encode(encoding, "strict" if encoding == "latin-1" else "surrogatepass")
    except UnicodeEncodeError:
        return b""


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
                left += [each for key, each in node.items() if key not in _TEXTLESS]
                left += node.get("fields", {}).values()
            else:
                yield from node
                left += node.values()
