"""Writing into an index, from one process and from many."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from crucible_core.runs.index.errors import RunIndexError
from crucible_core.runs.index.home import Home
from crucible_core.runs.index.listing import find_runs
from crucible_core.runs.index.query import run_query
from crucible_core.runs.index.rows import RunRecord, rows_of
from crucible_core.runs.index.schema import PARTS

WRITER = Path(__file__).with_name("write_runs.py")
PROCESSES, EACH = 8, 5


def _record(run_id="r", **fields):
    manifest = {"experiment_id": "exp", "run_id": run_id, "status": "succeeded", "created_at": "2026-11-24T00:00:00Z"}
    return RunRecord(f"exp/{run_id}", {**manifest, **fields}, definition={"id": "exp"})


def test_a_run_from_its_start_to_its_end(database):
    with database.store() as store:
        store.upsert_experiment("exp", definition={"id": "exp", "pipeline": []}, description="An experiment.")
        run = store.start_run(
            {"experiment_id": "exp", "run_id": "r", "seed": 3}, definition={"id": "exp"}, tags=["a", "b"]
        )
        assert database.runs()["exp/r"]["status"] == "running"
        store.record_artifact(run, {"name": "model.bin", "stage": "train", "bytes": 5})
        store.record_artifact(run, {"name": "model.bin", "stage": "train", "bytes": 6})
        store.finish_run(run, "failed", metrics={"a": {"b": 1, "c": "x"}}, outputs=4, metadata={"failure_code": "bad"})
    row = database.runs()["exp/r"]
    assert (row["status"], row["failure_code"], row["outputs"], row["seed"]) == ("failed", "bad", 4, "3")
    assert row["finished_at"] >= row["created_at"]
    rows = database.rows()
    assert [(each["position"], each["name"], each["bytes"]) for each in rows["artifacts"]] == [
        (0, "model.bin", 5),
        (1, "model.bin", 6),
    ]
    assert [(each["path"], each["value"]) for each in rows["metrics"]] == [("a.b", 1.0)]
    assert [each["tag"] for each in rows["tags"]] == ["a", "b"]
    assert [(each["id"], each["runs"]) for each in rows["experiments"]] == [("exp", 1)]


def test_an_experiment_is_replaced(database):
    with database.store() as store:
        for definition, description in (({"a": 1}, "First."), ({"a": 2}, None)):
            store.upsert_experiment("exp", definition=definition, description=description)
    rows = database.rows()
    assert [(row["id"], row["description"], row["runs"]) for row in rows["experiments"]] == [("exp", None, 0)]
    assert {"a": 2} in [row["document"] for row in rows["definitions"]]


def test_a_stage_is_done_when_nothing_is_left_to_do_for_it():
    statuses = [("succeeded", None), ("skipped", "cached"), ("skipped", "disabled"), ("skipped", "condition")]
    statuses += [("skipped", "earlier_failure: s1 failed"), ("failed", "x: y"), ("running", None), ("pending", None)]
    stages = [{"id": f"s{n}", "status": status, "reason": reason} for n, (status, reason) in enumerate(statuses)]
    row = rows_of(_record(stages=stages), Home()).run
    assert (row["stages"], row["stages_done"]) == (8, 4)


def test_ending_a_run_leaves_what_is_not_given(database):
    with database.store() as store:
        run = store.start_run({"experiment_id": "exp", "run_id": "r", "metrics": {"a": 1}, "outputs": 2})
        store.finish_run(run, "succeeded")
    assert database.runs()["exp/r"]["outputs"] == 2
    assert [row["path"] for row in database.rows()["metrics"]] == ["a"]


def test_what_is_not_there_is_said(database):
    with database.store() as store:
        for do in (lambda: store.record_artifact("nope", {"name": "a"}), lambda: store.finish_run("nope", "failed")):
            with pytest.raises(RunIndexError, match="there is no run 'nope' in "):
                do()
        run = store.start_run({"experiment_id": "exp", "run_id": "r"})
        with pytest.raises(RunIndexError, match="runs in an index have no 'colour' to set; they have experiment"):
            store.finish_run(run, "failed", metadata={"colour": "red"})
    assert database.runs()["exp/r"]["status"] == "running"


def test_a_transaction_that_fails_leaves_nothing(database):
    class StopError(Exception):
        pass

    with database.store() as store:
        store.write([rows_of(_record("kept"), Home())])
        before = database.rows()

        def work():
            store._write([rows_of(_record("lost"), Home())], [])
            raise StopError

        with pytest.raises(StopError):
            store.connection.writing(work)
    assert database.rows() == before


def test_the_parts_of_a_run_go_with_it(database):
    artifact = {"name": "a", "stage": "s", "path": "p", "bytes": 1, "sha256": "0"}
    parts = {
        "stages": [{"id": "s", "name": "s", "status": "succeeded"}],
        "metrics": {"a": 1},
        "artifacts": [artifact],
        "datasets": {"d": {"source": "here", "sha256": "1", "rows": 1}},
    }
    record = RunRecord("exp/r", {**_record().manifest, **parts}, tags=["t"], definition={"id": "exp"})
    with database.store() as store:
        store.write([rows_of(record, Home())])
        assert [len(database.rows()[table.name]) for table in PARTS] == [1] * 5
        store.forget(Home(), ["exp/r"])
    assert {name: rows for name, rows in database.rows().items() if rows} == {}


def test_a_question_sees_one_state(database):
    """What another writes while a question is answered is in all of the answer or in none of it."""
    with database.store() as store, database.store() as other:
        store.write([rows_of(_record("a", metrics={"m": 1}), Home())])

        def look():
            before = store.connection.rows("SELECT count(*) FROM metrics")
            other.write([rows_of(_record("b", metrics={"m": 2}), Home())])
            return before, store.connection.rows("SELECT count(*) FROM metrics")

        before, after = store.connection.reading(look)
        assert before == after == [(1,)]
        assert len(find_runs(store.connection, run_query()).runs) == 2


def test_processes_that_write_at_once_lose_nothing_and_double_nothing(database, tmp_path):
    where = database.url or str(tmp_path / "index-1.sqlite")  # made by whoever comes first
    writers = [
        subprocess.Popen([sys.executable, WRITER, where, f"w{number}", str(EACH)], stderr=subprocess.PIPE, text=True)
        for number in range(PROCESSES)
    ]
    errors = [writer.communicate()[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * PROCESSES, errors
    rows = database.rows()
    expected = {f"w{writer}-{number}": number for writer in range(PROCESSES) for number in range(EACH)}
    assert {row["run_id"]: row["outputs"] for row in rows["runs"]} == expected
    assert len(rows["runs"]) == len(expected)
    assert {row["status"] for row in rows["runs"]} == {"succeeded"}
    assert [(row["id"], row["runs"]) for row in rows["experiments"]] == [("shared", len(expected))]
    for table, each in (("artifacts", 2), ("metrics", 1), ("tags", 1)):
        counted = Counter(row["run"] for row in rows[table])
        assert set(counted.values()) == {each}, table
        assert len(counted) == len(expected), table
    assert {row["position"] for row in rows["artifacts"]} == {0, 1}
    used = {row["definition"] for row in rows["runs"]}
    assert used <= {row["sha256"] for row in rows["definitions"]}


def test_processes_that_catch_up_at_once_agree(database, out, tmp_path):
    where = database.url or str(tmp_path / "index-1.sqlite")
    code = (
        "import sys; from pathlib import Path; from crucible_core.runs.index.catch_up import catch_up\n"
        "from crucible_core.runs.index.home import Home\n"
        "if '://' in sys.argv[1]:\n"
        "    from crucible_core.runs.index.postgres import PostgresConnection as Open; where = sys.argv[1]\n"
        "else:\n"
        "    from crucible_core.runs.index.sqlite import SqliteConnection as Open; where = Path(sys.argv[1])\n"
        "connection = Open(where)\n"
        "for _ in range(5): catch_up(connection, Path(sys.argv[2]), Home())\n"
    )
    asking = [
        subprocess.Popen([sys.executable, "-c", code, where, out], stderr=subprocess.PIPE, text=True) for _ in range(6)
    ]
    errors = [each.communicate()[1] for each in asking]
    assert [each.returncode for each in asking] == [0] * 6, errors
    assert sorted(database.runs()) == ["exp/one", "exp/three", "exp/two", "other/one"]
    assert [row["runs"] for row in database.rows()["experiments"]] == [3, 1]
