"""The name of an object in a store: what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crucible_core.plugins.codec_ref import SUFFIX
from crucible_core.runs.codecs.errors import DamagedObjectError

__all__ = ["ObjectRef", "needed_objects", "objects_in"]

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """An object in a store, by its content.

    Attributes:
        sha256: SHA-256 of its bytes, in hexadecimal.
        bytes: How many there are.
        suffix: How its file's name ends, for whoever opens it: ``.npy``.
    """

    sha256: str
    bytes: int
    suffix: str = ""

    def __post_init__(self) -> None:
        """Refuse what could lead anywhere but to an object; references are read from files.

        Raises:
            DamagedObjectError: It is no name of an object.
        """
        if (
            not isinstance(self.sha256, str)
            or not _SHA256.fullmatch(self.sha256)
            or type(self.bytes) is not int
            or self.bytes < 0
            or not isinstance(self.suffix, str)
            or not SUFFIX.fullmatch(self.suffix)
        ):
            raise DamagedObjectError(f"{self.sha256!r:.90}, {self.bytes!r:.30}, {self.suffix!r:.30} names no object")

    @property
    def path(self) -> str:
        """Where it lies in its store: ``ab/ab12...ef.npy``."""
        return f"{self.sha256[:2]}/{self.sha256}{self.suffix}"

    def to_dict(self) -> dict[str, Any]:
        """Return the reference as JSON values."""
        return {"sha256": self.sha256, "bytes": self.bytes, "suffix": self.suffix}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> ObjectRef:
        """Read a reference.

        Raises:
            DamagedObjectError: It is none.
        """
        return cls(document.get("sha256", ""), document.get("bytes", -1), document.get("suffix", ""))


def objects_in(encoded: Any) -> Iterator[ObjectRef]:
    """Yield every object that an encoded value needs, those that its objects need included; one may come twice.

    Raises:
        DamagedObjectError: It refers to something that cannot be an object.
    """
    left = [encoded]
    while left:
        node = left.pop()
        if isinstance(node, list):
            left.extend(reversed(node))
        elif isinstance(node, dict):
            tag = node.get("$")
            if tag == "object":
                yield ObjectRef.from_dict(node)
            if tag in ("object", "coded"):
                yield from map(ObjectRef.from_dict, node.get("objects", ()))
            else:
                left.extend(reversed(node.values()))


def needed_objects(made: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return references, as JSON values, to the objects that encoded parts of a value are or need; each once."""
    return [ref.to_dict() for ref in dict.fromkeys(ref for each in made for ref in objects_in(each))]
