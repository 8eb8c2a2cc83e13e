"""A PostgreSQL server of one's own, in a temporary directory, for tests and benchmarks."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SETTINGS = ("fsync=off", "full_page_writes=off", "max_connections=60", "log_min_messages=fatal")


def postgres_programs() -> Path | None:
    """Return the directory of the newest PostgreSQL's programs; None where none is installed."""
    on_path = shutil.which("initdb")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if on_path is not None:
        found.append(Path(on_path).resolve())  # the others lie beside what a link leads to
    return found[-1].parent if found else None


class PostgresServer:
    """A server that listens on a socket in its own directory and keeps nothing when it is gone.

    PostgreSQL refuses to run as root: it runs as the user ``postgres`` then, or ``nobody``.
    """

    def __init__(self) -> None:
        programs = postgres_programs()
        assert programs is not None
        self._programs = programs
        self._names = itertools.count(1)
        self.spare: list[str] = []
        self.directory = Path(tempfile.mkdtemp(prefix="crucible-pg-", dir="/tmp"))
        self._user = _other_user() if os.geteuid() == 0 else None
        if self._user is not None:
            os.chown(self.directory, self._user["user"], self._user["group"])
        self._do("initdb", "-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D", self.data)

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def start(self) -> None:
        """Start, and return when connections are taken."""
        options = " ".join(["-h ''", f"-k {self.directory}", *(f'-c "{each}"' for each in _SETTINGS)])
        self._do("pg_ctl", "-w", "-D", self.data, "-l", self.directory / "log", "-o", options, "start")

    def stop(self) -> None:
        """Stop at once, with every connection cut, as where the machine fails."""
        self._do("pg_ctl", "-w", "-m", "immediate", "-D", self.data, "stop")

    def url(self, database: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://tests@/{database}?host={self.directory}"

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"db{next(self._names)}"
        self._do("createdb", "-h", self.directory, "-U", "tests", name)
        return self.url(name)

    def remove(self) -> None:
        """Stop, if it runs, and leave nothing."""
        if (self.data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _do(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        done = subprocess.run(
            command,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a server that goes on running must not hold a pipe open
            stderr=subprocess.DEVNULL,
            check=False,
            **(self._user or {}),
        )
        if done.returncode:
            log = self.directory / "log"
            raise RuntimeError(f"{command} failed: {log.read_text()[-2000:] if log.exists() else 'no log'}")


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Run a server."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


def _other_user() -> dict[str, Any]:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL does not run as root, and there is no user postgres or nobody")
