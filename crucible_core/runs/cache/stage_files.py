"""The files of a stage: into the cache, and back into another run."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from crucible_core.runs.cache.entry import CachedFile
from crucible_core.runs.cache.errors import UncacheableError
from crucible_core.runs.codecs import DamagedObjectError

if TYPE_CHECKING:
    from crucible_core.runs.codecs import ObjectStore

__all__ = ["kept_files", "restore_files"]

_CHUNK = 1 << 20


def kept_files(directory: Path, store: ObjectStore) -> tuple[CachedFile, ...]:
    """Copy the files of a stage into a store; a copy, since whoever has the run may change its files.

    Raises:
        UncacheableError: There is something else than files and directories.
        OSError: A file cannot be read.
        StoreError: A file cannot be written.
    """
    if not directory.is_dir():
        return ()
    return tuple(_kept(path, directory, store) for path in sorted(directory.rglob("*")) if not _is_directory(path))


def _is_directory(path: Path) -> bool:
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode) or stat.S_ISREG(mode):
        return stat.S_ISDIR(mode)
    raise UncacheableError(f"{path.name} among its files is a link, or something else that cannot be copied")


def _kept(path: Path, directory: Path, store: ObjectStore) -> CachedFile:
    with path.open("rb") as source:
        ref = store.put(lambda stream: shutil.copyfileobj(source, stream, _CHUNK))
    executable = bool(path.stat().st_mode & stat.S_IXUSR)
    return CachedFile(path.relative_to(directory).as_posix(), ref.sha256, ref.bytes, executable)


def restore_files(files: Iterable[CachedFile], store: ObjectStore, directory: Path) -> None:
    """Write files into a stage's directory, which holds nothing else then; each was compared with its hash.

    Raises:
        DamagedObjectError: One is not what was written; the directory is empty.
        OSError: One cannot be written; likewise.
    """
    shutil.rmtree(directory, ignore_errors=True)
    try:
        for file in files:
            path = directory / _inside(file.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with store.open(file.object) as source, path.open("xb") as target:
                shutil.copyfileobj(source, target, _CHUNK)
            if file.executable:
                path.chmod(path.stat().st_mode | 0o111)
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise


def _inside(name: str) -> str:
    if ".." in PurePosixPath(name).parts or PurePosixPath(name).is_absolute():
        raise DamagedObjectError(f"the file {name!r} would lie outside the stage's directory")
    return name
