"""Messages between a run and the process of a stage: pickled, each after its length."""

from __future__ import annotations

import os
import pickle
import struct
from collections.abc import Iterator
from typing import Any

_LENGTH = struct.Struct(">Q")
_CHUNK = 1 << 20


def framed(message: Any) -> bytes:
    """Return a message as bytes.

    Raises:
        Exception: It does not pickle; what is raised is up to what is in it.
    """
    return framed_bytes(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))


def framed_bytes(data: bytes) -> bytes:
    """Return bytes after their length."""
    return _LENGTH.pack(len(data)) + data


def read_frame(descriptor: int) -> bytearray | None:
    """Wait for the next message and return it; None where nobody will send one."""
    head = _read_whole(descriptor, _LENGTH.size)
    return None if head is None else _read_whole(descriptor, _LENGTH.unpack(head)[0])


def _read_whole(descriptor: int, length: int) -> bytearray | None:
    data = bytearray(length)
    left = memoryview(data)
    while left:
        count = os.readv(descriptor, [left])
        if not count:
            return None
        left = left[count:]
    return data


class FrameBuffer:
    """Put messages together from the parts in which they come out of a pipe that does not block."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._held = bytearray()

    def read(self) -> bool | None:
        """Read once; tell whether there was anything, None where there will be nothing any more."""
        try:
            chunk = os.read(self._descriptor, _CHUNK)
        except BlockingIOError:
            return False
        self._held += chunk
        return True if chunk else None

    def messages(self) -> Iterator[bytes]:
        """Yield the messages that are whole."""
        while len(self._held) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._held)
            end = _LENGTH.size + length
            if len(self._held) < end:
                return
            message = bytes(memoryview(self._held)[_LENGTH.size : end])
            del self._held[:end]
            yield message
