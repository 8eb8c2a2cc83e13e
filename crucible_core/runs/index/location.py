"""Where the index of an output directory lies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

FILE = ".index.sqlite"

_MOUNTS = "/proc/self/mountinfo"
_NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "glusterfs", "lustre", "gpfs", "beegfs", "ncpfs", "fuse.sshfs")


class Location(NamedTuple):
    """A file for the index, or None where there can be none, and why it does not lie beside the runs."""

    file: Path | None
    note: str | None = None


def index_location(output_dir: Path) -> Location:
    """Return where the index of the runs in a directory lies: in it, or in the user's cache.

    In a directory that cannot be written there is no place for it, and on a network file system SQLite's write-ahead
    log does not work: hosts do not share memory.
    """
    kind = file_system(output_dir)
    if kind.startswith(_NETWORK):
        why = f"{output_dir} lies on a network file system ({kind})"
    elif not os.access(output_dir, os.W_OK):
        why = f"{output_dir} cannot be written"
    else:
        return Location(output_dir / FILE)
    import hashlib

    cache = _cache()
    name = hashlib.sha256(os.fsencode(output_dir.resolve())).hexdigest()[:16]
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Location(None, f"{why}, nor can {cache}: the index is made again each time")
    if not os.access(cache, os.W_OK) or file_system(cache).startswith(_NETWORK):
        return Location(None, f"{why}, and so it is with {cache}: the index is made again each time")
    return Location(cache / f"{name}.sqlite", f"{why}: its index is kept in {cache}")


def file_system(path: Path) -> str:
    """Return the type of the file system a directory lies on, as Linux calls it; empty where that is not known."""
    best, kind = -1, ""
    whole = os.path.realpath(path)
    try:
        lines = Path(_MOUNTS).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    for line in lines:
        fields, _, rest = line.partition(" - ")
        mounted = fields.split(" ")[4].replace("\\040", " ")
        within = whole == mounted or whole.startswith(mounted.rstrip("/") + "/")
        if within and len(mounted) >= best:
            best, kind = len(mounted), rest.split(" ")[0]
    return kind


def _cache() -> Path:
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (given if given.is_absolute() else Path("~/.cache").expanduser()) / "crucible" / "indexes"
