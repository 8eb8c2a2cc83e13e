"""A directory of objects named by their content: each written whole, once, and checked when it is read."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from crucible_core.runs import faults
from crucible_core.runs.atomic import sync_directory
from crucible_core.runs.codecs.errors import DamagedObjectError
from crucible_core.runs.codecs.object_ref import ObjectRef
from crucible_core.runs.codecs.object_writer import ObjectWriter

__all__ = ["ObjectStore"]

_CHUNK = 1 << 20
_NAME = 64  # characters of a SHA-256


class ObjectStore:
    """Objects of one run, or of a cache.

    Several processes may write to one directory at once. A writer that is killed leaves a file ``.*.part`` at most,
    which is never taken for an object.

    Args:
        directory: Where they lie; made with the first.
        sync: Wait for the disk, so that what was put survives a power cut.
    """

    def __init__(self, directory: Path, *, sync: bool = False) -> None:
        self.directory = directory
        self._sync = sync
        self._known: set[str] = set()  # paths of objects that this process wrote or read whole
        self._on_disk: set[str] = set()  # and of those it waited for

    def put(self, write: Callable[[BinaryIO], object], suffix: str = "") -> ObjectRef:
        """Write an object and return its name; one that is there already is not written again.

        Args:
            write: Writes the content to the stream it is given, from beginning to end.
            suffix: How the file's name is to end.

        Raises:
            StoreError: It cannot be written; nothing of it is left.
        """
        with self.writer() as writer:
            write(cast("BinaryIO", writer))
            return writer.commit(suffix)

    def writer(self) -> ObjectWriter:
        """Return a stream that becomes an object when it is committed, and nothing when it is not."""
        return ObjectWriter(self)

    def path(self, ref: ObjectRef) -> Path:
        """Return where an object lies, or would."""
        return self.directory / ref.path

    def open(self, ref: ObjectRef) -> BinaryIO:
        """Return a stream of an object's bytes; they were compared with its name before the first is given.

        Raises:
            DamagedObjectError: It is missing, or other than it was written.
        """
        try:
            stream = self.path(ref).open("rb")
        except OSError as error:
            raise _missing(self.path(ref), error) from error
        try:
            return self._checked(ref, stream)
        except OSError as error:
            stream.close()
            raise _missing(self.path(ref), error) from error
        except BaseException:
            stream.close()
            raise

    def verify(self, ref: ObjectRef) -> None:
        """Read an object and compare it with its name.

        Raises:
            DamagedObjectError: It is missing, or other than it was written.
        """
        self.open(ref).close()

    def objects(self) -> Iterator[ObjectRef]:
        """Yield every object there is by its file's name, without reading it; what is still being written is none."""
        for path in self.directory.glob("[0-9a-f][0-9a-f]/*"):
            with contextlib.suppress(DamagedObjectError, OSError):  # something else, or gone by now
                yield ObjectRef(path.name[:_NAME], path.stat().st_size, path.name[_NAME:])

    def _checked(self, ref: ObjectRef, stream: BinaryIO) -> BinaryIO:
        size = os.fstat(stream.fileno()).st_size
        if size != ref.bytes:
            raise DamagedObjectError(f"{self.path(ref)} has {size} bytes instead of {ref.bytes}: it was damaged")
        if size <= _CHUNK:  # what was hashed is what is given, whoever writes to the file meanwhile
            data = stream.read()
            stream.close()
            self._compare(ref, hashlib.sha256(data).hexdigest())
            return BytesIO(data)
        self._compare(ref, hashlib.file_digest(cast("BufferedReader", stream), "sha256").hexdigest())
        stream.seek(0)
        return stream

    def _compare(self, ref: ObjectRef, found: str) -> None:
        if found != ref.sha256:
            raise DamagedObjectError(f"{self.path(ref)} does not hold what its name says: it was damaged")
        self._known.add(ref.path)

    def holds(self, ref: ObjectRef) -> bool:
        """Tell whether an object is there, whole; one of an earlier process is read to find out."""
        try:
            if self.path(ref).stat().st_size != ref.bytes:
                return False
        except OSError:
            return False
        if ref.path not in self._known:
            try:
                self.verify(ref)
            except DamagedObjectError:
                return False
        if self._sync and ref.path not in self._on_disk:  # whoever wrote it may not have waited
            self._wait_for_disk(self.path(ref))
            self._on_disk.add(ref.path)
        return True

    def temporary(self) -> tuple[Path, int]:
        """Make a file for what is still to be named; return its path and descriptor.

        Raises:
            OSError: It cannot be made.
        """
        path = self.directory / f".{secrets.token_hex(8)}.part"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            return path, os.open(path, flags, 0o666)
        except FileNotFoundError:
            self.directory.mkdir(parents=True, exist_ok=True)
            if self._sync:
                sync_directory(self.directory.parent)
            return path, os.open(path, flags, 0o666)

    def keep(self, temporary: Path, descriptor: int, ref: ObjectRef) -> None:
        """Give a written file the name of its content.

        Raises:
            OSError: It cannot be renamed.
        """
        path = self.path(ref)
        if self._sync:
            os.fsync(descriptor)
        faults.reached("object.written")
        try:
            temporary.replace(path)
        except FileNotFoundError:
            path.parent.mkdir(exist_ok=True)
            if self._sync:
                sync_directory(self.directory)
            temporary.replace(path)
        faults.reached("object.renamed")
        self._known.add(ref.path)
        if self._sync:
            sync_directory(path.parent)
            self._on_disk.add(ref.path)

    def _wait_for_disk(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_directory(path.parent)
        sync_directory(self.directory)


def _missing(path: Path, error: OSError) -> DamagedObjectError:
    return DamagedObjectError(f"{path} cannot be read: {error.strerror or error}")
