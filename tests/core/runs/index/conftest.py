"""Indexes in SQLite and in a PostgreSQL that the tests start, and runs to be indexed."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crucible_core.runs.index import scan as scanning
from crucible_core.runs.index.catch_up import catch_up
from crucible_core.runs.index.fitting import decoded
from crucible_core.runs.index.home import Home
from crucible_core.runs.index.schema import TABLES
from crucible_core.runs.index.sqlite import SqliteConnection
from crucible_core.runs.index.store import Store

BESIDE = Home()


def _server_module() -> ModuleType:
    path = Path(__file__).parents[3] / "postgres_server.py"
    spec = importlib.util.spec_from_file_location("tests_postgres_server", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


serving = _server_module()


def _server() -> Any:
    if serving.postgres_programs() is None:
        pytest.skip("needs PostgreSQL: no initdb on the path or under /usr/lib/postgresql")
    return serving.running_server()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server."""
    with _server() as server:
        yield server


@pytest.fixture
def own_postgres() -> Iterator[Any]:
    """A PostgreSQL server that the test may stop."""
    with _server() as server:
        yield server


@pytest.fixture
def new_url(postgres: Any) -> Iterator[Callable[[], str]]:
    """Return what gives the URL of a database without an index; it is emptied for the next test.

    Not where a process of a run that was killed is still connected, which would go on writing into the next test.
    """
    import psycopg

    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    lent: list[str] = []

    def lend() -> str:
        lent.append(postgres.spare.pop() if postgres.spare else postgres.new_database())
        return lent[-1]

    yield lend
    for url in lent:
        with psycopg.connect(url) as connection:
            if connection.execute(others).fetchone() == (0,):
                connection.execute("DROP SCHEMA IF EXISTS crucible CASCADE")
                postgres.spare.append(url)


class Database:
    """A place for an index: opened as often as wanted, and looked at."""

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

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Open a store."""
        with self.open() as connection:
            yield Store(connection)

    def catch_up(self, output_dir: Path, home: Home = BESIDE, **options: Any) -> Any:
        """Bring the index up to date."""
        with self.open() as connection:
            return catch_up(connection, output_dir, home, **options)

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

    def runs(self) -> dict[str, dict[str, Any]]:
        """Return the rows of runs, by place."""
        return {row["place"]: row for row in self.rows()["runs"]}


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database."""
    return request.param


@pytest.fixture
def make_database(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Database]:
    """Return what makes empty databases of a kind."""
    made = []

    def make() -> Database:
        made.append(None)
        if kind == "sqlite":
            file = tmp_path / f"index-{len(made)}.sqlite"
            return Database(lambda: SqliteConnection(file), None)
        from crucible_core.runs.index.postgres import PostgresConnection

        url = request.getfixturevalue("new_url")()
        return Database(lambda: PostgresConnection(url), url)

    return make


@pytest.fixture
def database(make_database: Callable[[], Database]) -> Database:
    """An empty database of each kind."""
    return make_database()


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust time stamps from the first moment on, as they may be after two seconds."""
    monkeypatch.setattr(scanning, "_SETTLED_S", -1.0)


@pytest.fixture
def out(record: Callable[..., Any], tmp_path: Path) -> Path:
    """Four runs of two experiments: exp/one, exp/two (tagged), exp/three (failed) and other/one."""
    record("Everything", run_id="one")
    record("Everything", {"module": "record_stages:Look"}, run_id="two", spec={"tags": ["nightly", "big"]})
    record("Everything", "Crash", run_id="three", seed=7)
    record("Everything", run_id="one", spec={"id": "other", "description": "Another."})
    return tmp_path / "out"


@pytest.fixture
def copy_run(out: Path) -> Callable[[str, str], Path]:
    """Copy the directory of a run to another place."""

    def copy(place: str, to: str) -> Path:
        shutil.copytree(out / place, out / to)
        return out / to

    return copy
