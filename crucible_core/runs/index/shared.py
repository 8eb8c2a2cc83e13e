"""Open the shared index that a URL names; what it takes is an extra, and is imported only here."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from crucible_core.runs.index.errors import RunIndexError
from crucible_core.runs.index.fitting import storable
from crucible_core.runs.index.home import Home
from crucible_core.runs.index.url import is_postgresql, without_password

if TYPE_CHECKING:
    from crucible_core.runs.index.postgres import PostgresConnection

__all__ = ["check_shared", "open_shared", "shared_home"]

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
    """Return how a shared index calls an output directory of this host."""
    return Home(storable(socket.gethostname()), storable(os.path.realpath(output_dir)))
