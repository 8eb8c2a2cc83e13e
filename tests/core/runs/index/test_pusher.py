"""A run in a shared index while it goes on, and all of it afterwards, whatever happens to the database."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from crucible_core import run
from crucible_core.runs import list_runs, reindex
from crucible_core.runs.index.pusher import IndexPusher

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _stages(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def gate(tmp_path):
    """A directory with two named pipes: a run says at one that it is here, and waits at the other."""
    directory = tmp_path / "gate"
    directory.mkdir()
    os.mkfifo(directory / "here")
    os.mkfifo(directory / "go")
    return directory


def _spec(gate=None, experiment="exp", value=0.5):
    waiting = [{"module": "index_stages:Gate", "options": {"directory": str(gate)}}] if gate else []
    score = {"module": "index_stages:Score", "options": {"value": value}}
    return {"id": experiment, "pipeline": [score, *waiting, {**score, "id": "last"}]}


@contextmanager
def _in_another_process(spec, url, out, run_id="r"):
    code = (
        "import json, sys; from crucible_core import run\n"
        "spec, url, out, run_id = sys.argv[1:]\n"
        "result = run(json.loads(spec), index=url, output_dir=out, run_id=run_id); sys.exit(0 if result.ok else 1)"
    )
    environ = {**os.environ, "PYTHONPATH": str(HERE)}
    command = [sys.executable, "-c", code, json.dumps(spec), url, str(out), run_id]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _seen(url, wanted):
    """Ask a shared index until it says of its runs what is wanted; the test's time limit ends it."""
    while True:
        found = {each.run_id: each for each in list_runs(url)}
        if wanted(found):
            return found


@pytest.fixture
def url(new_url):
    return new_url()


def test_a_run_is_in_the_index_when_it_has_ended(url, tmp_path):
    result = run(_spec(), index=url, output_dir=tmp_path / "out", run_id="r")
    (found,) = list_runs(url)
    assert (found.status, found.stages_done, dict(found.metrics)) == (
        "succeeded",
        2,
        {"last.value": 0.5, "score.value": 0.5},
    )
    assert found.path == result.run_dir
    assert found.host == os.uname().nodename


def test_the_rows_are_those_of_an_index_made_from_nothing(url, new_url, tmp_path):
    out = tmp_path / "out"
    for number in range(3):
        run(_spec(value=number), index=url, output_dir=out, run_id=f"r{number}")
    other = new_url()
    assert reindex(out, index=other).read == 3
    assert _rows(url) == _rows(other)


def _rows(url):
    from crucible_core.runs.index.postgres import PostgresConnection
    from crucible_core.runs.index.schema import TABLES

    connection = PostgresConnection(url)
    try:
        return {table.name: connection.rows(f"SELECT * FROM {table.name} ORDER BY 1, 2") for table in TABLES[:-1]}
    finally:
        connection.close()


def test_a_run_is_seen_while_it_goes_on(url, gate, tmp_path):
    with _in_another_process(_spec(gate), url, tmp_path / "out") as process:
        (gate / "here").read_text()
        found = _seen(url, lambda runs: "r" in runs and runs["r"].stages_done == 1)
        assert found["r"].status == "running"
        assert dict(found["r"].metrics) == {"score.value": 0.5}
        (gate / "go").write_text("go")
        assert process.communicate()[1] == ""
    assert process.returncode == 0
    assert [(each.status, each.stages_done) for each in list_runs(url)] == [("succeeded", 3)]


def test_a_connection_that_is_lost_while_a_run_goes_on_loses_nothing(own_postgres, gate, tmp_path):
    url = own_postgres.new_database()
    with _in_another_process(_spec(gate), url, tmp_path / "out") as process:
        (gate / "here").read_text()
        _seen(url, lambda runs: "r" in runs and runs["r"].stages_done == 1)
        own_postgres.stop()
        own_postgres.start()
        (gate / "go").write_text("go")
        assert process.communicate()[1] == ""
    assert process.returncode == 0
    assert [(each.status, each.stages_done) for each in list_runs(url)] == [("succeeded", 3)]


def test_what_ends_while_the_database_is_away_comes_with_the_next_run(own_postgres, gate, tmp_path):
    url, out = own_postgres.new_database(), tmp_path / "out"
    with _in_another_process(_spec(gate), url, out, "first") as process:
        (gate / "here").read_text()
        _seen(url, lambda runs: "first" in runs)
        own_postgres.stop()
        (gate / "go").write_text("go")
        said = process.communicate()[1]
    assert process.returncode == 0
    assert said.startswith("crucible: cannot reach postgresql://tests@/")
    assert f"the run is recorded in {out}/exp/first, and `crucible runs reindex --index URL`, or the next run" in said
    assert [each.status for each in list_runs(out)] == ["succeeded"]
    own_postgres.start()
    run(_spec(experiment="other"), index=url, output_dir=out, run_id="second")
    assert {each.run_id: (each.status, each.stages_done) for each in list_runs(url)} == {
        "first": ("succeeded", 3),
        "second": ("succeeded", 2),
    }


def test_what_ends_while_the_database_is_away_comes_with_reindex(own_postgres, tmp_path, capsys):
    url, out = own_postgres.new_database(), tmp_path / "out"
    own_postgres.stop()
    result = run(_spec(), index=url, output_dir=out, run_id="r")
    assert result.ok
    assert "cannot reach" in capsys.readouterr().err
    own_postgres.start()
    assert reindex(out, index=url).read == 1
    assert [(each.run_id, each.status) for each in list_runs(url)] == [("r", "succeeded")]


def test_a_killed_run_comes_with_the_next_one_as_what_it_is(url, gate, tmp_path):
    out = tmp_path / "out"
    with _in_another_process(_spec(gate), url, out, "killed") as process:
        (gate / "here").read_text()
        _seen(url, lambda runs: "killed" in runs and runs["killed"].stages_done == 1)
        process.send_signal(signal.SIGKILL)
        process.wait()
    run(_spec(), index=url, output_dir=out, run_id="next")
    found = {each.run_id: each for each in list_runs(url)}
    assert {name: (each.status, each.stages_done) for name, each in found.items()} == {
        "killed": ("interrupted", 1),
        "next": ("succeeded", 2),
    }
    assert found["killed"].details["status"] == "interrupted"  # kept, for readers elsewhere who cannot see the process


def test_a_run_that_is_removed_is_taken_out_by_the_next(url, tmp_path):
    out = tmp_path / "out"
    run(_spec(), index=url, output_dir=out, run_id="a")
    shutil.rmtree(out / "exp/a")
    run(_spec(), index=url, output_dir=out, run_id="b")
    assert [each.run_id for each in list_runs(url)] == ["b"]


def test_runs_of_two_output_directories_are_all_there(url, tmp_path):
    run(_spec(), index=url, output_dir=tmp_path / "one", run_id="r")
    run(_spec(), index=url, output_dir=tmp_path / "two", run_id="r")
    assert [each.path.parent.parent.name for each in list_runs(url)] == ["two", "one"]
    reindex(tmp_path / "one", index=url)
    assert len(list_runs(url)) == 2


def test_a_run_that_is_not_recorded_is_not_pushed(url, tmp_path):
    pusher = IndexPusher(url, pytest.fail)
    run(_spec(), persist=False, observers=[pusher])
    pusher.close()
    assert list_runs(url) == []


def test_a_pusher_works_as_any_observer(url, tmp_path):
    pusher = IndexPusher(url, pytest.fail)
    run(_spec(), observers=[pusher], output_dir=tmp_path / "out")
    pusher.close()
    assert [each.status for each in list_runs(url)] == ["succeeded"]


def test_more_events_than_can_wait_are_read_from_the_journal(url, tmp_path, monkeypatch):
    monkeypatch.setattr("crucible_core.runs.index.pusher._WAITING", 1)
    spec = {"id": "exp", "pipeline": [{"id": f"s{number}", "module": "index_stages:Score"} for number in range(200)]}
    run(spec, index=url, output_dir=tmp_path / "out")
    assert [(each.status, each.stages_done) for each in list_runs(url)] == [("succeeded", 200)]


def test_an_index_that_refuses_is_told_and_changes_nothing(new_url, tmp_path, capsys):
    import sqlalchemy

    url = new_url()
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"), poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA crucible; CREATE TABLE crucible.runs (a int)")
    result = run(_spec(), index=url, output_dir=tmp_path / "out")
    assert result.ok
    assert 'relation "runs" already exists' in capsys.readouterr().err


def test_an_answer_that_does_not_come_is_not_waited_for(tmp_path, capsys):
    """A server that takes a connection and says nothing."""
    import socket

    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / ".s.PGSQL.5432"))
        silent.listen()
        told = []
        pusher = IndexPusher(f"postgresql://me@/runs?host={tmp_path}", told.append)
        result = run(_spec(), observers=[pusher], output_dir=tmp_path / "out")
        assert result.ok
        pusher.close(patience_s=0.2)
    assert len(told) == 1
    assert told[0].startswith("the shared index does not answer in time; the run is recorded")


def test_the_settings_name_the_index_of_every_run(url, tmp_path, monkeypatch):
    monkeypatch.setenv("CRUCIBLE_INDEX", url)
    run(_spec(), output_dir=tmp_path / "out", run_id="a")
    run(_spec(), output_dir=tmp_path / "out", run_id="b", index="")
    assert [each.run_id for each in list_runs(url)] == ["a"]
