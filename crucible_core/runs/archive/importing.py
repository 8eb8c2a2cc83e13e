"""Take a run in from an archive, which may have been made by anybody."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from crucible_core.runs.archive.contents import LIST, ArchiveError, Contents, Entry
from crucible_core.runs.directory import RunDirectory
from crucible_core.runs.faults import reached
from crucible_core.runs.partial import partial_directory

__all__ = ["Imported", "import_run", "usual_limit"]

_CHUNK = 1 << 20
_LONGEST_LIST = 1 << 26
_ALWAYS_ALLOWED = 1 << 30
_RATIO = 100
_BLOCK = 4096
"""What a file takes beside its bytes: a million empty ones are a bomb, too."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_JOURNAL = "telemetry.jsonl"


@dataclass(frozen=True)
class Imported:
    """A run that was taken in.

    Args:
        run: Which, as ``experiment/run``.
        directory: Where it is.
        files: How many files it has.
        bytes: Their size.
    """

    run: str
    directory: RunDirectory
    files: int
    bytes: int

    def to_dict(self) -> dict[str, Any]:
        """Return what ``crucible runs import --json`` prints."""
        return {
            "schema_version": "1.0",
            "run": self.run,
            "directory": str(self.directory.path),
            "files": self.files,
            "bytes": self.bytes,
        }


def usual_limit(archive: Path) -> int:
    """Return how many bytes an archive may unpack to unless somebody says otherwise: a GiB, or 100 times its size."""
    return max(_ALWAYS_ALLOWED, _RATIO * archive.stat().st_size)


def import_run(archive: Path, output_dir: Path, *, most_bytes: int | None = None) -> Imported:
    """Unpack a run, so that it is there whole and as its checksums say, or not at all.

    Nothing is written outside of ``output_dir / experiment / run``: paths that lead elsewhere, links, devices and files
    that are not listed are refused before anything is unpacked, and so is more than was allowed.

    Args:
        archive: What `export_run` wrote.
        output_dir: Where runs are.
        most_bytes: How much may be unpacked; see `usual_limit`.

    Raises:
        ArchiveError: It is refused, damaged, or cannot be written; nothing of it is left.
    """
    try:
        limit = usual_limit(archive) if most_bytes is None else most_bytes
        with zipfile.ZipFile(archive) as source:
            contents = _checked_contents(source)
            size = sum(entry.bytes for entry in contents.files)
            room = _check_size(archive, contents, limit)
            target = output_dir / contents.experiment / contents.run
            if os.path.lexists(target):
                raise ArchiveError(
                    f"run {contents.label} exists already, in {target}",
                    hint="import it elsewhere with --output-dir, or delete that run",
                )
            with _made(output_dir), partial_directory(output_dir) as place:
                _check_room(output_dir, room)
                _unpack(source, contents, place)
                _put(place / contents.experiment / contents.run, target)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError) as error:
        raise ArchiveError(f"{archive} is no archive of a run, or it is damaged: {error}") from error
    except OSError as error:
        about = f"{error.filename}: " if error.filename and str(error.filename) != str(archive) else ""
        raise ArchiveError(f"cannot import {archive}: {about}{error.strerror or error}") from error
    return Imported(contents.label, RunDirectory(target), len(contents.files), size)


def _checked_contents(source: zipfile.ZipFile) -> Contents:
    """Return the list of an archive, once what is in it is exactly what the list says.

    Raises:
        ArchiveError: It is not.
    """
    members: dict[str, zipfile.ZipInfo] = {}
    for info in source.infolist():
        _check_member(info)
        if info.filename in members:
            raise ArchiveError(f"{info.filename!r:.300} is in the archive twice")
        members[info.filename] = info
    if LIST not in members:
        raise ArchiveError(f"it is no archive of a run: it has no {LIST}", hint="make one with crucible runs export")
    if members[LIST].file_size > _LONGEST_LIST:
        raise ArchiveError(f"{LIST} says it has {members[LIST].file_size} bytes; that is no list of files")
    with source.open(members[LIST]) as stream:
        contents = Contents.from_json(stream.read(_LONGEST_LIST))
    listed = contents.members()
    if f"{contents.label}/{_JOURNAL}" not in listed:
        raise ArchiveError(f"what is in it is no run: it has no {_JOURNAL}")
    more = sorted(members.keys() - listed.keys() - {LIST})
    if more:
        raise ArchiveError(f"{more[0]!r:.300} is in the archive and not in its list")
    for name, entry in listed.items():
        if name not in members:
            raise ArchiveError(f"{entry.path!r:.300} is in the list and not in the archive")
        if members[name].file_size != entry.bytes:
            said = f"{members[name].file_size} bytes in the archive and {entry.bytes} in its list"
            raise ArchiveError(f"{entry.path!r:.300} has {said}")
    return contents


def _check_member(info: zipfile.ZipInfo) -> None:
    """Refuse what is no plain file."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.filename != info.orig_filename:
        raise ArchiveError(f"{info.orig_filename!r:.300} is no name of a file")
    if info.is_dir() or (kind and not stat.S_ISREG(kind)):
        what = "link" if stat.S_ISLNK(kind) else "directory" if info.is_dir() or stat.S_ISDIR(kind) else "device"
        raise ArchiveError(f"{info.filename!r:.300} is a {what}; an archive of a run has files only")
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveError(f"{info.filename!r:.300} is encrypted")
    if info.compress_type not in _METHODS:
        raise ArchiveError(f"{info.filename!r:.300} is compressed in a way that is not used here")


def _check_size(archive: Path, contents: Contents, limit: int) -> int:
    room = sum(entry.bytes + _BLOCK for entry in contents.files)
    if room > limit:
        raise ArchiveError(
            f"{archive} unpacks to {room:,} bytes, and {limit:,} are allowed",
            hint=f"if you trust it: --max-bytes {room}",
        )
    return room


def _check_room(place: Path, size: int) -> None:
    free = shutil.disk_usage(place).free
    if size > free:
        raise ArchiveError(f"it unpacks to {size:,} bytes, and {place} has room for {free:,}", hint="free space")


def _unpack(source: zipfile.ZipFile, contents: Contents, place: Path) -> None:
    """Write every file, and compare it with its checksum."""
    for member, entry in contents.members().items():
        path = place / member
        path.parent.mkdir(parents=True, exist_ok=True)
        with source.open(member) as stream, path.open("xb") as target:
            _copy(stream, target, entry)
        reached("import.file")


def _copy(stream: Any, target: BinaryIO, entry: Entry) -> None:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > entry.bytes:
            raise ArchiveError(f"{entry.path!r:.300} has more bytes than the archive says")
        digest.update(chunk)
        target.write(chunk)
    if digest.hexdigest() != entry.sha256:
        raise ArchiveError(f"{entry.path!r:.300} is damaged: its SHA-256 is not the one in the list")


def _put(made: Path, target: Path) -> None:
    """Give the unpacked run its place, where no other can come between: a directory takes the place of an empty one."""
    with _made(target.parent):
        try:
            target.mkdir()
        except FileExistsError:
            raise ArchiveError(f"a run {target.name} was made in {target.parent} meanwhile") from None
        reached("import.claimed")
        try:
            made.rename(target)
            reached("import.renamed")
        except BaseException:
            target.rmdir()
            raise


@contextmanager
def _made(directory: Path) -> Iterator[None]:
    """Make a directory and those above it; take away again those that are empty when it does not work out."""
    missing = [path for path in (directory, *directory.parents) if not path.exists()]
    directory.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for path in missing:
            with suppress(OSError):
                path.rmdir()
        raise
