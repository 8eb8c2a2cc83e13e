"""Whether a file is still the one that was recorded."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from crucible_core.runs.additions import sha256_of

__all__ = ["Check", "check_in_run", "check_source", "find_source"]

Kind = Literal["journal", "manifest", "spec", "tags", "artifact", "object", "checkpoint", "dataset", "input"]
Outcome = Literal["ok", "changed", "missing", "not_checkable"]


@dataclass(frozen=True)
class Check:
    """What became of one thing that the record names.

    Args:
        kind: What it is.
        name: Which: a path within the run directory, or where a dataset came from.
        outcome: Whether it is what it was.
        reason: What is wrong, or why it cannot be said; what is remarkable where it is ok.
    """

    kind: Kind
    name: str
    outcome: Outcome
    reason: str | None = None

    @property
    def wrong(self) -> bool:
        """Whether it is not what was recorded."""
        return self.outcome in ("changed", "missing")


def check_in_run(run_dir: Path, name: str, sha256: Any) -> Check:
    """Check a file that lies in the run directory; a name that leads out of it is not followed."""
    inside = PurePosixPath(name)
    if inside.is_absolute() or ".." in inside.parts:
        return Check("artifact", name, "not_checkable", "its name leads out of the run directory")
    return _file("artifact", name, run_dir / inside, sha256)


def _file(kind: Kind, name: str, path: Path, sha256: Any) -> Check:
    if not isinstance(sha256, str):
        return Check(kind, name, "not_checkable", "no hash of it was recorded")
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return Check(kind, name, "changed", "it is no regular file")
        found = sha256_of(path)
    except (FileNotFoundError, NotADirectoryError):
        return Check(kind, name, "missing", "it leads nowhere" if path.is_symlink() else None)
    except (OSError, ValueError) as error:
        return Check(kind, name, "not_checkable", f"it cannot be read: {getattr(error, 'strerror', None) or error}")
    if found == sha256:
        return Check(kind, name, "ok")
    return Check(kind, name, "changed", f"its SHA-256 is {found}, and was {sha256}")


def check_source(kind: Kind, source: Any, sha256: Any, spec_file: str | None) -> Check:
    """Check the file that data came from, where it is here: it is no part of the run, and may be elsewhere."""
    name = str(source)
    path = find_source(name, spec_file)
    if path is None:
        return Check(kind, name, "not_checkable", "there is no such file here")
    return _file(kind, name, path, sha256)


def find_source(source: str, spec_file: str | None) -> Path | None:
    """Return the file that a source names: relative to where we are, or to the spec file."""
    try:
        given = Path(source).expanduser()
        places = [given]
        if spec_file and not given.is_absolute():
            places.append(Path(spec_file).parent / given)
        return next((path for path in places if path.is_file()), None)
    except (OSError, ValueError, RuntimeError):  # a name that no file system takes, or a home that is not there
        return None
