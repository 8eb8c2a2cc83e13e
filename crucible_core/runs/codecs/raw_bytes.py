"""Bytes as they are."""

from __future__ import annotations

from typing import BinaryIO

__all__ = ["RawBytearray", "RawBytes"]


class RawBytes:
    """Writes bytes."""

    name = "bytes"
    suffix = ".bin"

    def write(self, value: bytes, stream: BinaryIO) -> None:
        """Write them."""
        stream.write(value)

    def read(self, stream: BinaryIO) -> bytes:
        """Read all there are."""
        return stream.read()


class RawBytearray(RawBytes):
    """Writes bytes that can be changed."""

    name = "bytearray"

    def read(self, stream: BinaryIO) -> bytearray:  # type: ignore[override]  # equal, but of its own type
        """Read all there are."""
        return bytearray(stream.read())
