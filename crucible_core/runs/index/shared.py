"""Open the shared index that a URL names; what it takes is an extra, and is imported only here."""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from crucible_core.runs.atomic import atomic_write
from crucible_core.runs.index.errors import RunIndexError
from crucible_core.runs.index.fitting import storable
from crucible_core.runs.index.home import Home
from crucible_core.runs.index.url import is_postgresql, without_password

if TYPE_CHECKING:
    from crucible_core.runs.index.postgres import PostgresConnection

__all__ = ["check_shared", "open_shared", "shared_home"]

HOME_FILE = ".index-home.json"
"""Says in an output directory by which id shared indexes know it."""

_NEEDED = ("sqlalchemy", "alembic", "psycopg")


def check_shared(url: str) -> None:
    """See that an index can be where a URL says, without going there.

    Raises:
        RunIndexError: It is no URL of a PostgreSQL database, or a package is not installed that is needed for one.
    """
    if not is_postgresql(url):
        raise RunIndexError(
            f"{without_password(url)} names no index: a shared one is in PostgreSQL",
            hint="write postgresql://user@host:5432/database",
        )
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise RunIndexError(
            f"an index in PostgreSQL needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not"
            " installed: the extra crucible-core[postgres]",
            hint="pip install '.[postgres]'   # in a checkout of Crucible",
        )


@contextmanager
def open_shared(url: str) -> Iterator[PostgresConnection]:
    """Open a shared index, and close it in the end.

    Raises:
        IndexUnreachableError: It cannot be reached now.
        RunIndexError: As for `check_shared`; or its tables cannot be made or are of a newer version than this one.
    """
    check_shared(url)
    from crucible_core.runs.index.postgres import PostgresConnection

    connection = PostgresConnection(url)
    try:
        yield connection
    finally:
        connection.close()


def shared_home(output_dir: Path) -> Home:
    """Return how a shared index calls an output directory of this host.

    Its id lies in it, so that it is the same from whichever host or container it is seen. Beside the id stands the
    directory's inode: a copy, which has another, gets an id of its own. Where it cannot be written, host and path must
    do.
    """
    host, directory = storable(socket.gethostname()), storable(os.path.realpath(output_dir))
    try:
        return Home(_id_in(output_dir), host, directory)
    except OSError:
        return Home(f"{host}:{directory}", host, directory)


def _id_in(output_dir: Path) -> str:
    """Return the id that lies in a directory, made where there is none.

    Raises:
        OSError: There is none, and it cannot be written.
    """
    file, inode = output_dir / HOME_FILE, output_dir.stat().st_ino
    found = _read_id(file, inode)
    if found is None:
        found = secrets.token_hex(16)
        atomic_write(file, json.dumps({"id": found, "inode": inode}).encode() + b"\n")
        found = _read_id(file, inode) or found  # another process may have been later, and then its id stands
    return found


def _read_id(file: Path, inode: int) -> str | None:
    try:
        document = json.loads(file.read_bytes())
        return str(document["id"]) if document["inode"] == inode else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
