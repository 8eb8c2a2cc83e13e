"""Write a file whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


def atomic_write(path: Path, data: bytes, *, sync: bool = False) -> None:
    """Write ``data`` to ``path``: a reader sees the old file or the new one, never a part.

    A symbolic link stays one, and what it leads to is written. What is there and is no regular file, such as
    ``/dev/stdout`` or a pipe, cannot be replaced and is written to as it is.

    Args:
        path: The file.
        data: What it is to hold.
        sync: Wait for the disk, so that the file survives a power cut.

    Raises:
        OSError: It cannot be written; what was there before is as it was.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path = path.resolve()
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with os.fdopen(os.open(temporary, _NEW, 0o666), "wb") as stream:
            stream.write(data)
            if sync:
                stream.flush()
                os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if sync:
        sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Wait until the disk knows which files a directory holds.

    Raises:
        OSError: It cannot be opened, or the disk failed.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
