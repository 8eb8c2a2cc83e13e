"""What is in an archive: the files of a run, and a list of them with size and SHA-256."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crucible_core.ir.errors import CrucibleError

__all__ = ["ID", "LIST", "ArchiveError", "Contents", "Entry", "path_problem"]

LIST = "archive.json"
"""The member that lists the others."""
SCHEMA_VERSION = "1.0"

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST_PART = 255


class ArchiveError(CrucibleError):
    """An archive that cannot be made, or is not taken in; nothing is left of it."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its path in the run directory, its size in bytes and its SHA-256."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Contents:
    """The list in an archive.

    Args:
        experiment: Name of the directory above the run's, the id of the experiment.
        run: Name of the run's directory, its id.
        files: The files, sorted by path.
    """

    experiment: str
    run: str
    files: tuple[Entry, ...]

    @property
    def label(self) -> str:
        """``experiment/run``: the run, and where its files are in the archive."""
        return f"{self.experiment}/{self.run}"

    def members(self) -> dict[str, Entry]:
        """Return the files by the names they have in the archive."""
        return {f"{self.label}/{entry.path}": entry for entry in self.files}

    def to_json(self) -> bytes:
        """Return the list as it is in the archive."""
        files = [{"path": each.path, "bytes": each.bytes, "sha256": each.sha256} for each in self.files]
        document = {
            "schema_version": SCHEMA_VERSION,
            "kind": "crucible run",
            "experiment_id": self.experiment,
            "run_id": self.run,
            "files": files,
        }
        return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_json(cls, data: bytes) -> Contents:
        """Read the list of an archive.

        Raises:
            ArchiveError: It is not what `to_json` returns, or it names a file that must not be written.
        """
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            raise ArchiveError(f"{LIST} is damaged: it is not JSON") from None
        if not isinstance(document, Mapping) or document.get("kind") != "crucible run":
            raise ArchiveError(f"{LIST} is not the list of a run's files")
        version = str(document.get("schema_version"))
        if version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
            raise ArchiveError(f"{LIST} has version {version:.20}, and this Crucible reads {SCHEMA_VERSION}")
        ids = document.get("experiment_id"), document.get("run_id")
        for value in ids:
            if not isinstance(value, str) or not ID.fullmatch(value):
                raise ArchiveError(f"{LIST} names a run {value!r:.140}, which cannot be the name of a directory")
        files = document.get("files")
        if not isinstance(files, list):
            raise ArchiveError(f"{LIST} lists no files")
        entries = tuple(map(_entry, files))
        _check_apart(entries)
        return cls(str(ids[0]), str(ids[1]), entries)


def _entry(document: Any) -> Entry:
    if not isinstance(document, Mapping):
        raise ArchiveError(f"{LIST} lists {document!r:.80}, which is no file")
    path, size, sha256 = (document.get(key) for key in ("path", "bytes", "sha256"))
    if not isinstance(path, str):
        raise ArchiveError(f"{LIST} lists a file without a path")
    problem = path_problem(path)
    if problem:
        raise ArchiveError(f"{path!r:.300}: {problem}")
    if type(size) is not int or size < 0 or not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise ArchiveError(f"{path!r:.300}: {LIST} gives no size and SHA-256 of it")
    return Entry(path, size, sha256)


def path_problem(path: str) -> str | None:
    """Say why a path must not be written below a run's directory, or None.

    Example:
        >>> path_problem("artifacts/../../x"), path_problem("/etc/passwd"), path_problem("artifacts/a.txt")
        ('the path leads out of the run directory', 'the path is absolute', None)
    """
    if not path or "\0" in path:
        return "it is no path"
    if path.startswith("/"):
        return "the path is absolute"
    parts = path.split("/")
    if ".." in parts:
        return "the path leads out of the run directory"
    if "" in parts or "." in parts:
        return "the path is not in its shortest form"
    try:
        longest = max(len(part.encode()) for part in parts)
    except UnicodeEncodeError:
        return "the path is no Unicode text"
    return f"a name in it is longer than {_LONGEST_PART} bytes" if longest > _LONGEST_PART else None


def _check_apart(entries: Iterable[Entry]) -> None:
    """Refuse a path that is listed twice, or is a file and the directory of another."""
    paths: set[str] = set()
    for entry in entries:
        if entry.path in paths:
            raise ArchiveError(f"{entry.path!r:.300} is listed twice")
        paths.add(entry.path)
    for path in paths:
        parent = path.rpartition("/")[0]
        while parent:
            if parent in paths:
                raise ArchiveError(f"{parent!r:.300} is both a file and a directory")
            parent = parent.rpartition("/")[0]
