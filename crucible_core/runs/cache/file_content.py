"""What files and directories hold, as hashes; nothing else about them counts."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from crucible_core.runs.cache.errors import UncacheableError

__all__ = ["FileContents", "TreeEntry", "sha256_of_text", "tree_entries"]

_SETTLED_NS = 2_000_000_000
"""A file that was changed so shortly before it was read may change again without its times telling."""


class _Read(NamedTuple):
    """A file as it was read: what the file system said of it then, whether that tells a change, and its hash."""

    signature: tuple[int, ...]
    settled: bool
    sha256: str


def sha256_of_text(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class FileContents:
    """Hash files, each again only where it may have changed since."""

    def __init__(self) -> None:
        self._read: dict[str, _Read] = {}

    def file(self, path: str) -> str:
        """Return the SHA-256 of a file.

        Raises:
            UncacheableError: It is no regular file, or cannot be read.
        """
        try:
            signature = _signature(path)
            known = self._read.get(path)
            if known is not None and known.settled and known.signature == signature:
                return known.sha256
            began = time.time_ns()
            with open(path, "rb") as stream:  # noqa: PTH123 - called for every module of a package
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise UncacheableError(f"{path} cannot be read: {error.strerror or error}") from error
        self._read[path] = _Read(signature, signature[-1] + _SETTLED_NS < began, sha256)
        return sha256

    def bytes_of(self, path: str, sha256: str) -> bytes:
        """Return what a file holds that was hashed before.

        Raises:
            UncacheableError: It cannot be read, or holds something else by now.
        """
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise UncacheableError(f"{path} cannot be read: {error.strerror or error}") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise UncacheableError(f"{path} changed while it was looked at")
        return data

    def changed_ns(self, path: str) -> int:
        """Return when a file last changed, its content or anything else about it; nobody can set this back.

        Raises:
            UncacheableError: It is not there.
        """
        try:
            return os.stat(path).st_ctime_ns  # noqa: PTH116 - likewise
        except OSError as error:
            raise UncacheableError(f"{path} cannot be read: {error.strerror or error}") from error

    def whatever(self, path: str) -> str:
        """Return a hash of what lies at a path: a file, everything in a directory, or nothing.

        Raises:
            UncacheableError: It is neither, such as a pipe, or cannot be read.
        """
        if not os.path.lexists(path):
            return "nothing there"
        return f"directory {self.tree(path)}" if Path(path).is_dir() else f"file {self.file(path)}"

    def tree(self, root: str) -> str:
        """Return a hash of the names and contents of all that is in a directory.

        Raises:
            UncacheableError: Something in it is neither file nor directory, or cannot be read.
        """
        digest = hashlib.sha256()
        for entry in tree_entries(root):
            content = f"-> {entry.leads_to}" if entry.path is None else self.file(entry.path)
            digest.update(os.fsencode(f"{entry.name}\0{content}\0"))
        return digest.hexdigest()


class TreeEntry(NamedTuple):
    """Something in a directory.

    Attributes:
        name: Where it lies in it, with forward slashes; the name of an empty directory ends with one.
        path: The file, links followed; None where there is none to read.
        leads_to: Where a link leads that leads back, or nowhere.
    """

    name: str
    path: str | None
    leads_to: str = ""


def tree_entries(root: str) -> list[TreeEntry]:
    """Return all files below a directory, and what else is there, in the order of their names.

    Links are followed, except those that lead to a directory they lie in, and those that lead nowhere.

    Raises:
        UncacheableError: A directory cannot be read.
    """
    return sorted(_entries(root, "", (_identity(root),)))


def _entries(directory: str, prefix: str, above: tuple[tuple[int, int], ...]) -> Iterator[TreeEntry]:
    try:
        with os.scandir(directory) as scan:
            found = list(scan)
    except OSError as error:
        raise UncacheableError(f"{directory} cannot be read: {error.strerror or error}") from error
    if prefix and not found:
        yield TreeEntry(prefix, None)
    for entry in found:
        name = prefix + entry.name
        if not entry.is_dir():
            dangling = entry.is_symlink() and not Path(entry.path).exists()
            yield TreeEntry(name, None, str(Path(entry.path).readlink())) if dangling else TreeEntry(name, entry.path)
        elif (identity := _identity(entry.path)) in above:
            yield TreeEntry(name, None, str(Path(entry.path).readlink()))
        else:
            yield from _entries(entry.path, f"{name}/", (*above, identity))


def _identity(path: str) -> tuple[int, int]:
    try:
        found = Path(path).stat()
    except OSError as error:
        raise UncacheableError(f"{path} cannot be read: {error.strerror or error}") from error
    return found.st_dev, found.st_ino


def _signature(path: str) -> tuple[int, ...]:
    found = os.stat(path)  # noqa: PTH116 - called for every module of a package, for every stage
    if not stat.S_ISREG(found.st_mode):
        raise UncacheableError(f"{path} is no regular file: what it holds cannot be asked twice")
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
