"""A stream that becomes an object of a store once it is whole."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from typing import TYPE_CHECKING, Any, BinaryIO

from crucible_core.runs.codecs.errors import StoreError
from crucible_core.runs.codecs.object_ref import ObjectRef

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from crucible_core.runs.codecs.protocols import Place

__all__ = ["ObjectWriter"]

_IN_MEMORY = 1 << 20
"""Bytes; what is smaller reaches the disk only when it is new."""


class ObjectWriter(io.RawIOBase):
    """Take the bytes of one object; leaving the ``with`` block without `commit` leaves nothing.

    Args:
        place: The store.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._hash = hashlib.sha256()
        self._size = 0
        self._buffer = bytearray()
        self._path: Path | None = None
        self._descriptor = -1
        self._failed: StoreError | None = None

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._size

    def write(self, data: Any, /) -> int:
        """Write bytes.

        Raises:
            StoreError: The disk did not take them.
        """
        view = memoryview(data)
        if view.ndim != 1 or view.itemsize != 1 or not view.c_contiguous:
            view = view.cast("B")
        with self._disk():
            self._size += len(view)
            if self._path is None and self._size <= _IN_MEMORY:
                self._buffer += view
                return len(view)
            self._spill()
            self._append(view)
        return len(view)

    def small(self, limit: int) -> bytes | None:
        """Return what was written if that is ``limit`` bytes at most, else None."""
        return bytes(self._buffer) if self._size <= limit else None

    def reader(self) -> BinaryIO:
        """Return a stream of what was written so far.

        Raises:
            StoreError: It cannot be read back.
        """
        if self._path is None:
            return io.BytesIO(self._buffer)
        with self._disk():
            return self._path.open("rb")

    def raise_failure(self) -> None:
        """Raise again what the disk said when it did not take something, lest whoever wrote has swallowed it.

        Raises:
            StoreError: That.
        """
        if self._failed is not None:
            raise self._failed

    def commit(self, suffix: str = "") -> ObjectRef:
        """Make an object of what was written and return its name.

        Raises:
            StoreError: The disk did not take it, now or before.
        """
        self.raise_failure()
        with self._disk():
            self._hash.update(self._buffer)
            ref = ObjectRef(self._hash.hexdigest(), self._size, suffix)
            if not self._place.holds(ref):
                self._spill(hashed=True)
                assert self._path is not None
                self._place.keep(self._path, self._descriptor, ref)
                self._path = None
            return ref

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Take away what was not committed."""
        if self._path is not None:
            with contextlib.suppress(OSError):  # one that cannot be removed counts for nothing
                self._path.unlink()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        self._buffer.clear()
        self.close()

    def _spill(self, *, hashed: bool = False) -> None:
        """Go from memory to a file."""
        if self._path is None:
            self._path, self._descriptor = self._place.temporary()
            data, self._buffer = self._buffer, bytearray()
            self._append(memoryview(data), hashed=hashed)

    def _append(self, view: memoryview, *, hashed: bool = False) -> None:
        if not hashed:
            self._hash.update(view)
        while len(view):
            view = view[os.write(self._descriptor, view) :]

    @contextlib.contextmanager
    def _disk(self) -> Any:
        try:
            yield
        except OSError as error:
            self._failed = StoreError(
                f"cannot write into {self._place.directory}: {error.strerror or error}; what was recorded before is "
                "complete",
                hint="free space, or choose another --output-dir",
            )
            raise self._failed from error
