"""Indexes in SQLite and in a PostgreSQL that the tests start, and runs to be indexed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crucible_core.runs.index.catch_up import catch_up
from crucible_core.runs.index.fitting import decoded
from crucible_core.runs.index.home import Home
from crucible_core.runs.index.schema import TABLES
from crucible_core.runs.index.sqlite import SqliteConnection


def _server_module() -> ModuleType:
    path = Path(__file__).parents[3] / "postgres_server.py"
    spec = importlib.util.spec_from_file_location("tests_postgres_server", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


serving = _server_module()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server."""
    if serving.postgres_programs() is None:
        pytest.skip("needs PostgreSQL: no initdb on the path or under /usr/lib/postgresql")
    with serving.running_server() as server:
        yield server


@pytest.fixture
def own_postgres() -> Iterator[Any]:
    """A PostgreSQL server that the test may stop."""
    if serving.postgres_programs() is None:
        pytest.skip("needs PostgreSQL: no initdb on the path or under /usr/lib/postgresql")
    with serving.running_server() as server:
        yield server


class Databases:
    """Where an index can be made: a new, empty place for each test, opened as often as wanted."""

    def __init__(self, open_one: Callable[[], Any], url: str | None) -> None:
        self._open_one = open_one
        self.url = url

    @contextmanager
    def open(self) -> Iterator[Any]:
        """Open a connection."""
        connection = self._open_one()
        try:
            yield connection
        finally:
            connection.close()

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Return all rows of all tables but ``looks``, sorted, as every database means them."""
        found = {}
        with self.open() as connection:
            for table in TABLES:
                if table.name != "looks":
                    order = ", ".join(table.key)
                    selected = connection.rows(f"SELECT {', '.join(table.names)} FROM {table.name} ORDER BY {order}")
                    found[table.name] = [decoded(table, row) for row in selected]
        return found

    def catch_up(self, output_dir: Path, home: Home = Home()) -> Any:
        """Bring the index up to date."""
        with self.open() as connection:
            return catch_up(connection, output_dir, home)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Databases:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return Databases(lambda: SqliteConnection(tmp_path / "index.sqlite"), None)
    url = request.getfixturevalue("postgres").new_database()
    from crucible_core.runs.index.postgres import PostgresConnection

    return Databases(lambda: PostgresConnection(url), url)
