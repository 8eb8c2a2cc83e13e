"""Make a value of the JSON values that an `Encoder` made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crucible_core.runs.codecs.errors import UnreadableValueError

if TYPE_CHECKING:
    from crucible_core.runs.codecs.protocols import Tags

__all__ = ["Decoder", "Read"]

Read = Callable[["Decoder", dict[str, Any]], Any]
"""Makes a value of JSON values with a tag."""


class Decoder:
    """Decode one value.

    Args:
        tags: What reads a tag that is not this module's.
        pickled: Whether pickles may be read.
    """

    __slots__ = ("_shared", "pickled", "tags")

    def __init__(self, tags: Tags, *, pickled: bool = False) -> None:
        self.tags = tags
        self.pickled = pickled
        self._shared: dict[int, Any] = {}

    def decode(self, encoded: Any) -> Any:
        """Return the value of JSON values.

        Raises:
            UnreadableValueError: A tag is not known.
        """
        kind = type(encoded)
        if kind is list:
            return self.items(encoded)
        if kind is not dict:
            return encoded
        tag = encoded.get("$")
        if tag is None:
            return self.entries(encoded)
        read = _TAGS.get(tag) or self.tags.reader_of(tag)
        if read is None:
            raise UnreadableValueError(f"a value has the tag {tag!r}, which this version of Crucible does not know")
        return read(self, encoded)

    def items(self, encoded: list[Any]) -> list[Any]:
        """Return the values of a list."""
        if _FLAT.isdisjoint(map(type, encoded)):
            return encoded.copy()
        decoded = []
        for each in encoded:  # no comprehension: it would be one more level of Python's stack
            decoded.append(self.decode(each))  # noqa: PERF401
        return decoded

    def entries(self, encoded: dict[str, Any]) -> dict[str, Any]:
        """Return a dict with the values of a JSON object."""
        if _FLAT.isdisjoint(map(type, encoded.values())):
            return encoded.copy()
        decoded = {}
        for key, each in encoded.items():
            decoded[key] = self.decode(each)
        return decoded

    def pairs(self, encoded: list[list[Any]]) -> dict[Any, Any]:
        """Return a dict with keys of any kind."""
        decoded = {}
        for key, each in encoded:
            decoded[self.decode(key)] = self.decode(each)
        return decoded

    def shared(self, encoded: dict[str, Any]) -> Any:
        """Return a value that others refer to, and remember it."""
        value = self._shared[encoded["label"]] = self.decode(encoded["value"])
        return value

    def same(self, encoded: dict[str, Any]) -> Any:
        """Return a value that was met before."""
        return self._shared[encoded["label"]]


_FLAT = frozenset({dict, list})


def _object(decoder: Decoder, encoded: dict[str, Any]) -> Any:
    return decoder.tags.read(encoded, pickled=decoder.pickled)


_TAGS: dict[str, Read] = {
    "float": lambda _, encoded: float(encoded["value"]),
    "int": lambda _, encoded: int(encoded["hex"], 16),
    "tuple": lambda decoder, encoded: tuple(decoder.items(encoded["items"])),
    "dict": lambda decoder, encoded: decoder.pairs(encoded["items"]),
    "set": lambda decoder, encoded: set(decoder.items(encoded["items"])),
    "frozenset": lambda decoder, encoded: frozenset(decoder.items(encoded["items"])),
    "shared": Decoder.shared,
    "same": Decoder.same,
    "object": _object,
    "coded": _object,
}
