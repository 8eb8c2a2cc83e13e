"""Write one run into one file."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.runs.additions import sha256_of
from crucible_core.runs.archive.contents import ID, LIST, ArchiveError, Contents, Entry, path_problem
from crucible_core.runs.faults import reached
from crucible_core.runs.partial import PARTIAL
from crucible_core.runs.recorded import read_run

if TYPE_CHECKING:
    from crucible_core.runs.directory import RunDirectory
    from crucible_core.runs.recorded import RecordedRun

__all__ = ["Exported", "export_run"]

_CHUNK = 1 << 20
_MODE = 0o100644 << 16
_NOT_PART_OF_IT = frozenset({"lock"})


@dataclass(frozen=True)
class Exported:
    """An archive that was written.

    Args:
        run: Whose it is, as ``experiment/run``.
        file: Where it is.
        bytes: Its size.
        sha256: Its SHA-256.
        files: How many files are in it.
        content_bytes: Their size.
        left_out: Path and reason of what is no part of it.
    """

    run: str
    file: Path
    bytes: int
    sha256: str
    files: int
    content_bytes: int
    left_out: tuple[tuple[str, str], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return what ``crucible runs export --json`` prints."""
        return {
            "schema_version": "1.0",
            "run": self.run,
            "file": str(self.file),
            "bytes": self.bytes,
            "sha256": self.sha256,
            "files": self.files,
            "content_bytes": self.content_bytes,
            "left_out": [{"path": path, "reason": reason} for path, reason in self.left_out],
        }


def export_run(directory: RunDirectory, output: Path | None = None) -> Exported:
    """Write a run into a zip archive; the same files give the same bytes, whenever and wherever.

    Args:
        directory: The run.
        output: The file; ``experiment-run.zip`` in the working directory when not given.

    Raises:
        ArchiveError: The run goes on, the file is there already, or something cannot be read or written.
        UnreadableRunError: Neither manifest nor journal of the run can be read.
    """
    run = read_run(directory)
    if run.status == "running":
        process = run.manifest["process"]
        raise ArchiveError(
            f"{run.label} is running, by process {process.get('pid')} on {process.get('host')}",
            hint="export it when it has ended",
        )
    experiment, name = _names(run)
    path = output or Path(f"{experiment}-{name}.zip")
    if os.path.lexists(path):
        raise ArchiveError(f"{path} is there already", hint="choose another --output, or remove it")
    before = _state(directory.journal)
    files, left_out = _files(directory.path)
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        contents = _write(temporary, directory.path, files, experiment, name)
        if _state(directory.journal) != before:
            raise ArchiveError(f"{run.label} went on while it was exported", hint="export it when it has ended")
        reached("export.written")
        temporary.rename(path)
    except OSError as error:
        raise ArchiveError(f"cannot write {path}: {_reason(error)}") from error
    finally:
        temporary.unlink(missing_ok=True)
    size = sum(entry.bytes for entry in contents.files)
    return Exported(run.label, path, path.stat().st_size, sha256_of(path), len(files), size, tuple(left_out))


def _names(run: RecordedRun) -> tuple[str, str]:
    """Return the names of the directories a run lies in; its own ids where those could not be made elsewhere."""
    for names in (run.label.split("/"), [run.manifest["experiment_id"], run.manifest["run_id"]]):
        if all(isinstance(each, str) and ID.fullmatch(each) for each in names):
            return names[0], names[1]
    raise ArchiveError(f"{run.directory.path}: neither its directories nor its record name an experiment and a run")


def _files(root: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the files to take, sorted, and what is left out with the reason."""
    taken, left_out = [], []
    home = root.resolve()
    for path in sorted(_walk(root)):
        full = root / path
        reason = _reason_against(full, home)
        if reason is not None:
            left_out.append((path, reason))
        elif path not in _NOT_PART_OF_IT and not PARTIAL.fullmatch(full.name):
            problem = path_problem(path)
            if problem:
                raise ArchiveError(f"{path!r:.300} cannot be part of an archive: {problem}", hint="rename it")
            taken.append(path)
    return taken, left_out


def _walk(root: Path) -> Iterator[str]:
    def failed(error: OSError) -> None:
        raise ArchiveError(f"cannot read {error.filename}: {_reason(error)}")

    for folder, folders, files in os.walk(root, onerror=failed):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]  # noqa: PTH114, PTH118 - of many
        yield from (os.path.relpath(os.path.join(folder, name), root) for name in [*files, *links])  # noqa: PTH118


def _reason_against(path: Path, home: Path) -> str | None:
    """Say why something in a run directory is no file of it, or None; a link within it stands for what it leads to."""
    try:
        target = path.resolve(strict=True)
        mode = target.stat().st_mode
    except (OSError, RuntimeError):
        return "it is a link that leads nowhere"
    if not target.is_relative_to(home):
        return "it is a link that leads out of the run directory"
    if not stat.S_ISREG(mode):
        return "it is a link to a directory" if stat.S_ISDIR(mode) else "it is no regular file"
    return None


def _write(archive: Path, root: Path, files: list[str], experiment: str, name: str) -> Contents:
    with zipfile.ZipFile(archive, "x") as target:
        entries = [_add(target, root, path, f"{experiment}/{name}/{path}") for path in files]
        contents = Contents(experiment, name, tuple(entries))
        target.writestr(_member(LIST), contents.to_json())
    return contents


def _add(target: zipfile.ZipFile, root: Path, path: str, member: str) -> Entry:
    """Write one file; what is hashed is what is written."""
    try:
        source = (root / path).open("rb")
    except OSError as error:
        raise ArchiveError(f"cannot read {root / path}: {_reason(error)}") from error
    digest, size = hashlib.sha256(), 0
    with source:
        info = _member(member)
        info.file_size = os.fstat(source.fileno()).st_size
        with target.open(info, "w") as stream:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                stream.write(chunk)
    return Entry(path, size, digest.hexdigest())


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)  # of 1980: when the files were made is no part of what they are
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = _MODE
    return info


def _state(path: Path) -> tuple[int, int] | None:
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_size, about.st_mtime_ns


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
