"""What a run was made with: code, interpreter, packages and process."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SEPARATORS = re.compile(r"[-_.]+")
_GIT_PATIENCE_S = 30.0


def python_facts() -> dict[str, str]:
    """Return version and implementation of the interpreter."""
    return {"version": platform.python_version(), "implementation": platform.python_implementation()}


def installed_packages() -> dict[str, str]:
    """Return name and version of every installed distribution, from the names of their metadata directories.

    Reading two hundred metadata files takes a tenth of a second; their names are enough.
    """
    found: dict[str, str] = {}
    for directory in sys.path:
        try:
            names = os.listdir(directory or ".")  # noqa: PTH208 - a Path for each of a thousand names costs milliseconds
        except OSError:
            continue
        for name in names:
            stem, dot, suffix = name.rpartition(".")
            if dot and suffix in ("dist-info", "egg-info") and "-" in stem:
                distribution, _, version = stem.partition("-")
                found.setdefault(_SEPARATORS.sub("-", distribution).lower(), version.partition("-py")[0])
    return dict(sorted(found.items()))


def process_identity() -> dict[str, Any]:
    """Return what tells this process from every other, also after it is gone.

    A process id is used again; with the host, its boot and the start time it is not. ``started_at`` is in clock ticks
    since the boot (Linux); None where the system does not say.
    """
    return {
        "host": platform.node(),
        "boot_id": _text("/proc/sys/kernel/random/boot_id"),
        "pid": os.getpid(),
        "started_at": process_start(os.getpid()),
    }


def process_start(pid: int) -> int | None:
    """Return when a process began, in clock ticks since the boot; None where there is none, or only its zombie."""
    line = _text(f"/proc/{pid}/stat")
    if line is None:
        return None
    fields = line.rpartition(")")[2].split()  # from the third on; the second, a name, may hold anything
    return None if fields[0] in "ZX" else int(fields[19])


def process_alive(identity: Mapping[str, Any], here: Mapping[str, Any] | None = None) -> bool | None:
    """Tell whether the process that left this identity still runs; None where that cannot be known from here.

    Args:
        identity: What the process left.
        here: The identity of this process, for who asks about many.
    """
    here = here or process_identity()
    if identity.get("host") != here["host"] or None in (here["boot_id"], identity.get("started_at")):
        return None
    if identity.get("boot_id") != here["boot_id"]:
        return False
    return bool(process_start(int(identity["pid"])) == identity["started_at"])


class GitLook:
    """Ask git for the revision and whether tracked files differ from it, without waiting for the answer.

    In a large repository git takes seconds; a run need not wait for it to begin.

    Args:
        directory: Where to ask; the working directory when not given.
    """

    def __init__(self, directory: Path | None = None) -> None:
        command = ["git", "--no-optional-locks", "status", "--porcelain=v2", "--branch", "--untracked-files=no"]
        self._process: subprocess.Popen[bytes] | None = None
        self._answer: dict[str, Any] | None = None
        with contextlib.suppress(OSError):  # no git, or no working directory: recorded without a revision
            where = directory or Path.cwd()
            if _in_repository(where):
                self._process = subprocess.Popen(  # noqa: S603 - fixed arguments
                    command,
                    cwd=where,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    process_group=0,  # Ctrl-C is for the run; its record still says what it was made from
                )

    def facts(self, *, wait: bool) -> dict[str, Any] | None:
        """Return ``{"revision", "dirty"}``; None outside a repository, or where git is not done and is not waited for.

        What git prints fits the pipe's buffer unless thousands of files changed; then only waiting drains it. A git
        that hangs, say on a network drive, is waited for half a minute.
        """
        if self._process is None or (not wait and self._process.poll() is None):
            return self._answer
        try:
            output, _ = self._process.communicate(timeout=_GIT_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.close()
            return None
        if self._process.returncode == 0:
            self._answer = _status(output.decode(errors="replace").splitlines())
        self._process = None
        return self._answer

    def close(self) -> None:
        """Stop asking."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _status(lines: list[str]) -> dict[str, Any]:
    revision = next((line.split()[-1] for line in lines if line.startswith("# branch.oid")), None)
    dirty = any(not line.startswith("#") for line in lines)
    return {"revision": None if revision == "(initial)" else revision, "dirty": dirty}


def _in_repository(directory: Path) -> bool:
    return any((each / ".git").exists() for each in (directory, *directory.parents))


def _text(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
