"""What the parts of this room need of each other; for type checkers only, since defining protocols takes time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from crucible_core.runs.codecs.decoder import Read
    from crucible_core.runs.codecs.encoder import Kind
    from crucible_core.runs.codecs.object_ref import ObjectRef

__all__ = ["Kinds", "Place", "Tags", "Writer"]


class Writer(Protocol):
    """The half of a codec that encoding needs."""

    name: str
    suffix: str

    def write(self, value: Any, stream: BinaryIO) -> None:
        """Write a value."""
        ...


class Kinds(Protocol):
    """Knows the types that are not JSON's."""

    def kind_of(self, kind: type) -> Kind | None:
        """Return how values of a type are encoded, None where there is no way."""
        ...

    def write(self, codec: Writer, value: Any) -> dict[str, Any]:
        """Have a codec write a value and return what stands for it."""
        ...

    def forbid_secrets(self, text: str, encoded: Any) -> None:
        """Raise where encoded values, whose JSON text is given too, hold a secret."""
        ...


class Tags(Protocol):
    """Knows the tags that are not this module's."""

    def reader_of(self, tag: str) -> Read | None:
        """Return what reads a tag, None where nothing does."""
        ...

    def read(self, encoded: dict[str, Any], *, pickled: bool) -> Any:
        """Return what a codec wrote."""
        ...


class Place(Protocol):
    """Where a finished object goes: its store."""

    directory: Path

    def holds(self, ref: ObjectRef) -> bool:
        """Tell whether it is there already."""
        ...

    def temporary(self) -> tuple[Path, int]:
        """Make a file beside the objects; return its path and descriptor."""
        ...

    def keep(self, temporary: Path, descriptor: int, ref: ObjectRef) -> None:
        """Give the file the name of its content."""
        ...
