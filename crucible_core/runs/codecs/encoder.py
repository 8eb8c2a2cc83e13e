"""Turn a value into JSON values, with tags where JSON has no form for something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from crucible_core.runs.codecs.containers import CONTAINERS, SINGLE
from crucible_core.runs.codecs.plain import ATOMS, LONG, NUMBER
from crucible_core.runs.codecs.refusal import Refusal, how_to_keep

if TYPE_CHECKING:
    from crucible_core.runs.codecs.protocols import Kinds, Writer

__all__ = ["MAX_DEPTH", "Encoder", "Kind", "Make"]

Make = Callable[["Encoder", Any, int], Any]
"""Makes JSON values of a value that lies at some depth."""

MAX_DEPTH = 150
"""Containers within containers; each may take three levels of JSON, and Python's reader ends before a thousand."""


class Kind(NamedTuple):
    """How values of a type are encoded.

    Attributes:
        make: Makes JSON values of a value that lies at some depth.
        atomic: Whether it is written each time it is met: cheaper than to ask whether it was met before.
    """

    make: Make
    atomic: bool = False


class Encoder:
    """Encode one value.

    A container that is met twice is written once, with a label, and is one object again when it is read. That there is
    one shows only on the way; the value is gone through a second time then.

    Args:
        kinds: What encodes a type that is not JSON's.
        otherwise: What encodes a type that nothing else does; None to refuse it.

    Attributes:
        kinds: The same.
        size: An upper bound of the characters of the JSON text.
        objects: The objects that were written for parts of the value, by the JSON values that stand for them.
    """

    __slots__ = ("_labels", "_met", "_open", "_otherwise", "_repeated", "_written", "kinds", "objects", "size")

    def __init__(self, kinds: Kinds, otherwise: Kind | None = None) -> None:
        self.kinds = kinds
        self.size = 0
        self.objects: list[dict[str, Any]] = []
        self._otherwise = otherwise
        self._met: dict[int, Any] = {}  # holds what is temporary too, so that no id comes twice
        self._repeated: set[int] = set()
        self._labels: dict[int, int] | None = None
        self._open: set[int] = set()
        self._written: dict[int, Any] = {}

    def whole(self, value: Any, depth: int = 0) -> Any:
        """Encode a value that shares nothing with others.

        Raises:
            Refusal: Something in it cannot be written.
        """
        encoded = self.encode(value, depth)
        if self._repeated:
            self._labels, self.size = {}, 0
            encoded = self.encode(value, depth)
        return encoded

    def part(self) -> Encoder:
        """Return an encoder for a part that shares nothing with the others."""
        return Encoder(self.kinds, self._otherwise)

    def alone(self, value: Any, depth: int) -> Any:
        """Encode a part of the value by itself: its place among the others is not known yet."""
        if type(value) in ATOMS:
            return self._atom(type(value), value)
        part = self.part()
        encoded = part.whole(value, depth)
        self.size += part.size
        self.objects += part.objects
        return encoded

    def encode(self, value: Any, depth: int) -> Any:
        """Encode a part of the value that lies within ``depth`` containers."""
        kind = type(value)
        if kind in ATOMS:
            return self._atom(kind, value)
        self.size += 8
        make = CONTAINERS.get(kind)
        if make is None:
            found = self.kinds.kind_of(kind) or self._otherwise
            if found is None:
                raise Refusal(value, "there is no codec for its type", how_to_keep(kind, self._above(kind)))
            make, atomic = found
            if atomic:
                return make(self, value, depth)
        if depth >= MAX_DEPTH:
            raise Refusal(value, f"it lies within {MAX_DEPTH} containers or more")
        key = id(value)
        if self._labels is not None:
            if key in self._repeated:
                return self._labelled(self._labels, make, value, depth)
        elif key not in self._met:
            self._met[key] = value
        elif kind not in SINGLE or value:
            self._repeated.add(key)
            return None
        return make(self, value, depth + 1)

    def _above(self, kind: type) -> type | None:
        """Return the nearest type above another that can be encoded."""
        above = kind.__mro__[1:]
        return next((each for each in above if each in ATOMS or each in CONTAINERS or self.kinds.kind_of(each)), None)

    def _atom(self, kind: type, value: Any) -> Any:
        if kind is str:
            self.size += 6 * len(value) + 3
            return value
        self.size += NUMBER
        if kind is float and not isfinite(value):
            self.size += NUMBER
            return {"$": "float", "value": str(value)}
        if kind is int and not -LONG < value < LONG:
            self.size += value.bit_length() // 4 + NUMBER
            return {"$": "int", "hex": f"{value:x}"}
        return value

    def _labelled(self, labels: dict[int, int], make: Make, value: Any, depth: int) -> Any:
        key = id(value)
        self.size += 40
        if key in labels:
            return {"$": "same", "label": labels[key]}
        if key in self._open:
            raise Refusal(value, "it contains itself")
        self._open.add(key)
        made = make(self, value, depth + 1)
        labels[key] = len(labels)
        return {"$": "shared", "label": labels[key], "value": made}

    def written(self, codec: Writer, value: Any) -> Any:
        """Return what stands for a value that a codec writes; it is written once, however often it is met."""
        key = id(value)
        if key not in self._written:
            self._met.setdefault(key, value)
            self._written[key] = made = self.kinds.write(codec, value)
            if made["$"] == "object" or "objects" in made:
                self.objects.append(made)
        made = self._written[key]
        self.size += 160 + len(made.get("base64", "")) + 160 * len(made.get("objects", ()))
        return made

    def items(self, values: Any, depth: int) -> list[Any]:
        """Encode the items of a sequence."""
        kinds = set(map(type, values))
        if kinds <= ATOMS and self._plain(kinds, values):
            return list(values)
        encoded: list[Any] = []
        for index, item in enumerate(values):
            try:
                encoded.append(self.encode(item, depth))
            except Refusal as refusal:
                raise refusal.within(index) from None
        return encoded

    def entries(self, mapping: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        """Encode the values of a mapping whose keys are strings, none of them ``$``."""
        values = mapping.values()
        kinds = set(map(type, values))
        self.size += sum(map(len, mapping)) * 6 + 4 * len(mapping)
        if kinds <= ATOMS and self._plain(kinds, values):
            return {**mapping}
        encoded: dict[str, Any] = {}
        for key, item in mapping.items():
            try:
                encoded[key] = self.encode(item, depth)
            except Refusal as refusal:
                raise refusal.within(key) from None
        return encoded

    def _plain(self, kinds: set[type], values: Any) -> bool:
        """Tell whether atoms are as JSON would have them, and count them."""
        if float in kinds:
            floats = values if len(kinds) == 1 else [each for each in values if type(each) is float]
            if not all(map(isfinite, floats)):
                return False
        if int in kinds:
            whole = values if len(kinds) == 1 else [each for each in values if type(each) is int]
            if not -LONG < min(whole) <= max(whole) < LONG:
                return False
        if str in kinds:
            self.size += 6 * sum(
                map(len, values if len(kinds) == 1 else [each for each in values if type(each) is str])
            )
        self.size += NUMBER * len(values)
        return True
