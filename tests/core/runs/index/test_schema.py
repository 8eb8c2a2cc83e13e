"""The tables that migrations make are those of the one definition."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from crucible_core.runs.index import postgres_schema, sqlite_migrations
from crucible_core.runs.index.errors import RunIndexError
from crucible_core.runs.index.schema import TABLES
from crucible_core.runs.index.sqlite import SqliteConnection

_SQLITE = {
    "text": "TEXT",
    "whole": "TEXT",
    "integer": "INTEGER",
    "number": "REAL",
    "boolean": "INTEGER",
    "time": "TEXT",
    "json": "TEXT",
}


@pytest.fixture
def sqlite(tmp_path):
    connection = SqliteConnection(tmp_path / "index.sqlite")
    yield connection
    connection.close()


def test_sqlite_has_the_tables_of_the_definition(sqlite):
    made = {name for (name,) in sqlite.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert made == {table.name for table in TABLES}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_in_sqlite(sqlite, table):
    found = sqlite.rows(f"PRAGMA table_info({table.name})")
    assert [(name, kind, bool(required)) for _, name, kind, required, _, _ in found] == [
        (column.name, _SQLITE[column.kind], column.required or column.name in table.key) for column in table.columns
    ]
    assert [row[1] for row in sorted(found, key=lambda row: row[5]) if row[5]] == list(table.key)
    indexes = [
        tuple(row[2] for row in sqlite.rows(f"PRAGMA index_info({name})"))
        for (name,) in sqlite.rows(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = :t", {"t": table.name}
        )
        if not name.startswith("sqlite_")
    ]
    assert sorted(indexes) == sorted(table.indexes)
    foreign = sqlite.rows(f"PRAGMA foreign_key_list({table.name})")
    assert [(row[2], row[3], row[6]) for row in foreign] == ([("runs", "run", "CASCADE")] if table.part_of_run else [])


def test_sqlite_logs_ahead_and_counts_its_migrations(sqlite):
    assert sqlite.rows("PRAGMA journal_mode") == [("wal",)]
    assert sqlite.rows("PRAGMA user_version") == [(len(sqlite_migrations.MIGRATIONS),)]
    assert sqlite.rows("PRAGMA foreign_keys") == [(1,)]


def test_sqlite_runs_the_migrations_it_lacks_in_order(tmp_path, monkeypatch):
    SqliteConnection(tmp_path / "i").close()
    more = ("CREATE TABLE more (a TEXT); INSERT INTO more VALUES ('1')", "UPDATE more SET a = a || '2'")
    monkeypatch.setattr("crucible_core.runs.index.sqlite.MIGRATIONS", (*sqlite_migrations.MIGRATIONS, *more))
    for _ in range(2):
        connection = SqliteConnection(tmp_path / "i")
        assert connection.rows("SELECT a FROM more") == [("12",)]
        connection.close()


def test_a_migration_that_fails_leaves_the_version_before_it(tmp_path, monkeypatch):
    SqliteConnection(tmp_path / "i").close()
    more = ("CREATE TABLE more (a TEXT)", "CREATE TABLE again (a TEXT); SELECT nonsense")
    monkeypatch.setattr("crucible_core.runs.index.sqlite.MIGRATIONS", (*sqlite_migrations.MIGRATIONS, *more))
    with pytest.raises(sqlite3.OperationalError, match="nonsense"):
        SqliteConnection(tmp_path / "i")
    monkeypatch.undo()
    connection = SqliteConnection(tmp_path / "i")
    assert connection.rows("SELECT count(*) FROM sqlite_master WHERE name IN ('more', 'again')") == [(0,)]
    connection.close()


def test_sqlite_of_a_newer_version_is_refused_and_left_alone(tmp_path):
    SqliteConnection(tmp_path / "i").close()
    raw = sqlite3.connect(tmp_path / "i")
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    before = (tmp_path / "i").read_bytes()
    with pytest.raises(RunIndexError, match="was written by a newer version") as caught:
        SqliteConnection(tmp_path / "i")
    assert "delete the file" in caught.value.hint
    assert (tmp_path / "i").read_bytes() == before


@pytest.fixture
def engine(new_url):
    import sqlalchemy

    from crucible_core.runs.index.postgres import PostgresConnection

    url = new_url()
    PostgresConnection(url).close()
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"), poolclass=sqlalchemy.NullPool)
    yield engine
    engine.dispose()


def test_postgresql_has_the_tables_of_the_definition(engine):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with engine.connect() as connection:
        connection.exec_driver_sql("SET search_path TO crucible")
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, postgres_schema.metadata()) == []


def test_postgresql_sorts_texts_as_sqlite_does(engine):
    with engine.connect() as connection:
        texts = connection.exec_driver_sql(
            "SELECT table_name, column_name, collation_name FROM information_schema.columns"
            " WHERE table_schema = 'crucible' AND data_type = 'text'"
        ).fetchall()
    assert len(texts) > 30
    assert {collation for _, _, collation in texts} == {"C"}


def test_the_migrations_end_at_the_current_revision():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(postgres_schema.__file__).with_name("migrations")))
    scripts = ScriptDirectory.from_config(config)
    assert tuple(reversed([each.revision for each in scripts.walk_revisions()])) == postgres_schema.REVISIONS


def test_postgresql_of_a_newer_version_is_refused(engine):
    from crucible_core.runs.index.postgres import PostgresConnection

    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE crucible.alembic_version SET version_num = '9999'")
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with pytest.raises(RunIndexError, match=r"newer version of Crucible \(9999\)") as caught:
        PostgresConnection(url)
    assert caught.value.hint == "upgrade crucible-core"


def test_who_may_not_make_tables_is_told(engine):
    from crucible_core.runs.index.postgres import PostgresConnection

    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA crucible CASCADE")
        connection.exec_driver_sql("CREATE ROLE guest LOGIN")
    url = engine.url.set(drivername="postgresql", username="guest").render_as_string(hide_password=False)
    with pytest.raises(RunIndexError, match="permission denied for database"):
        PostgresConnection(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP ROLE guest")


def test_alembic_is_imported_only_where_there_is_something_to_do(engine):
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    code = (
        "import sys; from crucible_core.runs import list_runs\n"
        f"assert list_runs({url!r}) == []; print('alembic' in sys.modules, 'sqlalchemy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False True\n"


def test_the_index_beside_the_runs_imports_nothing_of_the_shared_one(out):
    heavy = ("sqlalchemy", "alembic", "psycopg", "pydantic", "yaml", "rich")
    code = (
        "import sys; from crucible_core.runs import list_runs\n"
        f"assert len(list_runs({str(out)!r})) == 4; print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
