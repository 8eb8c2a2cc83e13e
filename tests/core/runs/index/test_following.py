"""A run in a shared index while it goes on, and all of it afterwards, whatever happens to the database."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from crucible_core import run
from crucible_core.runs import list_runs, reindex
from crucible_core.runs.index import followers
from crucible_core.runs.index.followers import following

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _stages(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _no_process_is_left():
    yield
    followers._end_all()
    followers._idle.clear()


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


def test_a_killed_run_is_said_to_be_interrupted_without_anybody_looking(url, gate, tmp_path):
    """What pushes a run outlives it by a moment, and what it says is for readers who cannot see the process."""
    with _in_another_process(_spec(gate), url, tmp_path / "out", "killed") as process:
        (gate / "here").read_text()
        _seen(url, lambda runs: "killed" in runs and runs["killed"].stages_done == 1)
        process.send_signal(signal.SIGKILL)
        process.wait()
        found = _seen(url, lambda runs: runs["killed"].details["status"] == "interrupted")
    assert (found["killed"].status, found["killed"].stages_done) == ("interrupted", 1)


def test_a_run_that_is_killed_while_the_database_is_away_comes_with_the_next(own_postgres, gate, tmp_path):
    url, out = own_postgres.new_database(), tmp_path / "out"
    with _in_another_process(_spec(gate), url, out, "killed") as process:
        (gate / "here").read_text()
        _seen(url, lambda runs: "killed" in runs and runs["killed"].stages_done == 1)
        own_postgres.stop()
        process.send_signal(signal.SIGKILL)
        process.communicate()
    _gone(process.pid)
    own_postgres.start()
    assert [each.status for each in list_runs(url)] == ["interrupted"]  # as this host sees for itself
    run(_spec(), index=url, output_dir=out, run_id="next")
    found = {each.run_id: (each.details["status"], each.stages_done) for each in list_runs(url)}
    assert found == {"killed": ("interrupted", 1), "next": ("succeeded", 2)}


def _gone(pid):
    """Wait until no process is left in the session of what a process started; the test's time limit ends it."""
    while any(_parent(int(path.name)) == pid for path in Path("/proc").iterdir() if path.name.isdigit()):
        pass


def _parent(pid):
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


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


def test_runs_in_threads_are_all_pushed(url, tmp_path):
    def one(number):
        return run(_spec(value=number), index=url, output_dir=tmp_path / "out", run_id=f"r{number}").status

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(6))) == ["succeeded"] * 6
    assert {each.run_id: each.status for each in list_runs(url)} == {f"r{number}": "succeeded" for number in range(6)}


def test_one_process_pushes_the_runs_of_a_process_one_after_the_other(url, tmp_path):
    for number in range(3):
        run(_spec(), index=url, output_dir=tmp_path / "out", run_id=f"r{number}")
    (waiting,) = followers._idle[os.getpid(), url]
    assert waiting.is_there()


def test_a_process_that_pushes_and_is_killed_is_told_and_another_takes_its_place(url, tmp_path, gate):
    told = []
    out = tmp_path / "out"
    run(_spec(), index=url, output_dir=out, run_id="a")
    with following(url, out / "exp/a", told.append):
        (busy,) = _children_of(os.getpid())
        os.kill(busy, signal.SIGKILL)
    assert len(told) == 1
    assert told[0].startswith("the process that pushes the run ended (-9); the run is recorded, and")
    run(_spec(), index=url, output_dir=out, run_id="b")
    assert sorted(each.run_id for each in list_runs(url)) == ["a", "b"]


def _children_of(pid):
    found = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [each for each in found if _parent(each) == pid and b"follow_runs" in _command(each)]


def _command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_the_password_is_on_no_command_line(url, tmp_path, gate):
    with _in_another_process(_spec(gate), url, tmp_path / "out") as process:
        (gate / "here").read_text()
        (pushing,) = _children_of(process.pid)
        assert url.encode() not in _command(pushing)
        (gate / "go").write_text("go")
        process.communicate()


def test_a_process_that_was_forked_has_its_own(url, tmp_path):
    out = tmp_path / "out"
    run(_spec(), index=url, output_dir=out, run_id="parent")
    code = (
        "import os, sys; from crucible_core import run\n"
        "spec, url, out = eval(sys.argv[1]), *sys.argv[2:]\n"
        "run(spec, index=url, output_dir=out, run_id='before')\n"
        "child = os.fork()\n"
        "result = run(spec, index=url, output_dir=out, run_id='parent2' if child else 'child')\n"
        "sys.exit(0 if result.ok and (not child or os.waitpid(child, 0)[1] == 0) else 1)"
    )
    environ = {**os.environ, "PYTHONPATH": str(HERE)}
    subprocess.run([sys.executable, "-c", code, repr(_spec()), url, str(out)], env=environ, check=True)
    assert {each.run_id: each.status for each in list_runs(url)} == dict.fromkeys(
        ("parent", "before", "parent2", "child"), "succeeded"
    )


def test_a_resumed_run_is_pushed(url, tmp_path, gate):
    out = tmp_path / "out"
    with _in_another_process(_spec(gate), url, out, "r") as process:
        (gate / "here").read_text()
        process.send_signal(signal.SIGKILL)
        process.wait()
    (gate / "here").unlink()
    (gate / "go").unlink()
    (gate / "go").write_text("go")
    assert run(resume=str(out / "exp/r"), index=url).ok
    assert [(each.status, each.stages_done) for each in list_runs(url)] == [("succeeded", 3)]


def test_an_index_that_refuses_is_told_and_changes_nothing(new_url, tmp_path, capsys):
    import sqlalchemy

    url = new_url()
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"), poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA crucible; CREATE TABLE crucible.runs (a int)")
    result = run(_spec(), index=url, output_dir=tmp_path / "out")
    assert result.ok
    assert 'relation "runs" already exists' in capsys.readouterr().err


def test_an_answer_that_does_not_come_is_not_waited_for(tmp_path):
    """A server that takes a connection and says nothing."""
    result = run(_spec(), output_dir=tmp_path / "out")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / ".s.PGSQL.5432"))
        silent.listen()
        told = []
        with following(f"postgresql://me@/runs?host={tmp_path}", result.run_dir, told.append, patience_s=0.2):
            pass
    assert len(told) == 1
    assert told[0].startswith("the shared index does not answer in time; the run is recorded")
    assert _children_of(os.getpid()) == []


def test_the_settings_name_the_index_of_every_run(url, tmp_path, monkeypatch):
    monkeypatch.setenv("CRUCIBLE_INDEX", url)
    run(_spec(), output_dir=tmp_path / "out", run_id="a")
    run(_spec(), output_dir=tmp_path / "out", run_id="b", index="")
    assert [each.run_id for each in list_runs(url)] == ["a"]
