"""Asking about many runs."""

from __future__ import annotations

import math
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crucible_core import run
from crucible_core.runs import RunSummary, change_tags, list_runs
from crucible_core.runs.index.errors import RunIndexError
from crucible_core.runs.index.listing import find_runs
from crucible_core.runs.index.query import QueryError, metric_condition, moment, run_query

HERE = Path(__file__).parent


@pytest.fixture
def places(database, out):
    """Return what says which runs a query finds, in every database."""
    database.catch_up(out)

    def find(**asked):
        with database.open() as connection:
            return [found.place for found in find_runs(connection, run_query(**asked)).runs]

    return find


NEWEST = ["other/one", "exp/three", "exp/two", "exp/one"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, NEWEST),
        ({"reverse": True}, NEWEST[::-1]),
        ({"limit": 2}, NEWEST[:2]),
        ({"limit": 0}, []),
        ({"experiments": ["exp"]}, NEWEST[1:]),
        ({"experiments": ["other", "exp"]}, NEWEST),
        ({"experiments": ["nobody's"]}, []),
        ({"statuses": ["failed"]}, ["exp/three"]),
        ({"statuses": ["failed", "succeeded"]}, NEWEST),
        ({"statuses": ["running"]}, []),
        ({"statuses": ["interrupted", "running", "cancelled"]}, []),
        ({"tags": ["big"]}, ["exp/two"]),
        ({"tags": ["big", "nightly"]}, ["exp/two"]),
        ({"tags": ["big", "small"]}, []),
        ({"metrics": ["s0.accuracy"]}, NEWEST),
        ({"metrics": ["metrics.s0.accuracy>0.8"]}, NEWEST),
        ({"metrics": ["s0.accuracy > 0.9"]}, []),
        ({"metrics": ["s0.accuracy=0.9", "s0.accuracy<1e0"]}, NEWEST),
        ({"metrics": ["s0.accuracy!=0.9"]}, []),
        ({"metrics": ["s0.spread"]}, NEWEST),
        ({"metrics": ["s0.spread<inf"]}, []),  # it is not a number
        ({"metrics": ["s9.accuracy"]}, []),
        ({"since": "1d"}, NEWEST),
        ({"until": "1d"}, []),
        ({"since": "2001-01-01", "until": "2001-01-31"}, []),
        ({"order": "s0.accuracy"}, NEWEST),
        ({"order": "experiment", "reverse": True}, ["exp/one", "exp/two", "exp/three", "other/one"]),
        ({"order": "status"}, ["other/one", "exp/two", "exp/one", "exp/three"]),
    ],
    ids=str,
)
def test_a_query_finds(places, asked, found):
    assert places(**asked) == found


def test_a_metric_sorts_the_largest_first_and_runs_without_it_last(record, database, tmp_path):
    for name, options in {"a": 0.1, "b": 0.3, "c": 0.2}.items():
        record({"module": "record_stages:Everything", "options": {"accuracy": options}}, run_id=name)
    record("Crash", run_id="d")
    record({"module": "record_stages:Everything", "options": {"unbounded": True}}, run_id="e")
    database.catch_up(tmp_path / "out")
    with database.open() as connection:
        for reverse, order in ((False, "ebcad"), (True, "acbed")):
            found = find_runs(connection, run_query(order="s0.accuracy", reverse=reverse)).runs
            assert [each.run_id for each in found] == [*order]
        found = find_runs(connection, run_query(metrics=["s0.accuracy>1e300"]))
        assert ([each.run_id for each in found.runs], found.matching, found.total) == (["e"], 1, 5)
        assert found.runs[0].metrics["s0.accuracy"] == math.inf


def test_a_summary_says_what_the_record_says(out, manifest_of):
    one = next(each for each in list_runs(out) if each.place == "exp/two")
    manifest = manifest_of(out / "exp/two")
    assert isinstance(one, RunSummary)
    assert one.path == out / "exp/two"
    assert (one.host, one.reason, one.tags) == (None, None, ("big", "nightly"))
    assert (one.created_at, one.finished_at, one.duration_s) == (
        manifest["created_at"],
        manifest["finished_at"],
        manifest["duration_s"],
    )
    assert one.metrics == {"s0.accuracy": 0.9, "s0.spread": None}
    told = one.to_dict()
    assert told["metrics"] == {"s0.accuracy": 0.9, "s0.spread": "NaN"}
    assert (told["seed"], told["git_dirty"]) == (0, None)


def test_a_failed_run_says_why(out):
    (failed,) = list_runs(out, status="failed")
    assert failed.reason == "stage_crashed: ZeroDivisionError: nobody foresaw this"
    assert failed.to_dict()["failure_stage"] == "s1"


def test_two_runs_of_one_id_in_two_experiments_are_two(out):
    assert [each.place for each in list_runs(out) if each.run_id == "one"] == ["other/one", "exp/one"]
    change_tags(out / "exp/one", {}, add=["mine"])
    assert [each.place for each in list_runs(out, tag="mine")] == ["exp/one"]


def test_the_default_directory_may_not_be_there_yet(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert list_runs() == []
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_is_named_has_to_be_there(tmp_path):
    with pytest.raises(RunIndexError, match=r"cannot read .*nowhere: No such file"):
        list_runs(tmp_path / "nowhere")


def test_a_run_sees_itself_as_it_is_now(record, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    asking = {"module": "index_stages:Ask", "options": {"directory": str(tmp_path / "out")}}
    done = record("Everything", asking, "Crash").context.assigns["seen"]
    assert [(each.status, each.stages_done, each.stages, dict(each.metrics)) for each in done] == [
        ("running", 1, 3, {"s0.accuracy": 0.9, "s0.spread": None})
    ]
    assert [(each.status, each.stages_done) for each in list_runs(tmp_path / "out")] == [("failed", 2)]


def _killed(out, run_id="killed"):
    code = (
        f"import sys; sys.path.insert(0, {str(HERE)!r}); from crucible_core import run\n"
        "run({'id': 'exp', 'pipeline': [{'module': 'index_stages:Score'}, {'module': 'index_stages:Die'}]},"
        f" run_id={run_id!r}, output_dir={str(out)!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=out.parent)
    assert done.returncode == -signal.SIGKILL


def test_a_killed_run_is_interrupted_at_the_next_look_and_not_for_ever(database, out):
    database.catch_up(out)
    _killed(out)
    database.catch_up(out)
    assert database.runs()["exp/killed"]["status"] == "running"  # as recorded; what became of it is seen, not kept
    with database.open() as connection:
        (found,) = find_runs(connection, run_query(statuses=["interrupted"])).runs
        assert (found.status, found.run_id, dict(found.metrics)) == ("interrupted", "killed", {"score.value": 1.0})
        assert find_runs(connection, run_query(statuses=["running"])).runs == []
        both = find_runs(connection, run_query(statuses=["running", "interrupted"])).runs
        assert [each.status for each in both] == ["interrupted"]
        newest = find_runs(connection, run_query(limit=1)).runs
        assert [each.status for each in newest] == ["interrupted"]


def test_a_run_on_another_host_is_taken_at_its_word(out):
    _killed(out)
    for path in (out / "exp/killed").glob("*.json*"):
        path.write_text(path.read_text().replace(f'"host":"{os.uname().nodename}"', '"host":"elsewhere"'))
    (found,) = list_runs(out, status="running")
    assert found.run_id == "killed"


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("a.b>0.5", ("a.b", ">", 0.5)),
        ("metrics.a.b >= -1e-3", ("a.b", ">=", -0.001)),
        ("a=3", ("a", "==", 3.0)),
        ("a==3", ("a", "==", 3.0)),
        ("a != 3", ("a", "!=", 3.0)),
        ("a<inf", ("a", "<", math.inf)),
        ("F1 score (macro)<=1", ("F1 score (macro)", "<=", 1.0)),
        ("acc@k=5>0.9", ("acc@k=5", ">", 0.9)),
        ("a.b", ("a.b", None, 0.0)),
    ],
)
def test_a_condition(written, means):
    assert metric_condition(written) == means


@pytest.mark.parametrize("written", ["", "a>", ">1", "a>b", "a>nan", "a><1", "a=>1", "a>1 2"])
def test_a_condition_that_is_none_says_how_to_write_one(written):
    with pytest.raises(QueryError, match=r"write a path, one of .* and a number") as caught:
        metric_condition(written)
    assert caught.value.hint == "e.g. eval.accuracy>0.9"


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("2026-11-24T10:00+02:00", "2026-11-24T08:00:00.000000+00:00"),
        ("2026-11-24 10:00", "2026-11-24T10:00:00.000000+00:00"),
        (NOW, "2026-11-24T12:00:00.000000+00:00"),
        (NOW.replace(tzinfo=None), "2026-11-24T12:00:00.000000+00:00"),
        ("90s", (NOW - timedelta(seconds=90)).isoformat(timespec="microseconds")),
        ("2w", (NOW - timedelta(weeks=2)).isoformat(timespec="microseconds")),
    ],
)
def test_a_time(written, means):
    assert moment(written, now=NOW) == means


def test_a_date_as_an_end_includes_the_day():
    assert moment("2026-12-31", end=True) == "2027-01-01T00:00:00.000000+00:00"
    assert moment("2026-12-31T00:00", end=True) == "2026-12-31T00:00:00.000000+00:00"


@pytest.mark.parametrize("written", ["", "yesterday", "2026-13-01", "5", "99999999999w", "9999-12-31"])
def test_a_time_that_is_none_says_how_to_write_one(written):
    with pytest.raises(QueryError, match="is no time") as caught:
        moment(written, end=True)
    assert "7d" in caught.value.hint


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"statuses": ["done"]}, "no run has the status 'done'; choose one of running, succeeded"),
        ({"limit": -1}, "limit -1: give a number from 0 on"),
    ],
)
def test_a_query_that_is_none(asked, said):
    with pytest.raises(QueryError, match=said):
        run_query(**asked)


def test_a_run_directory_that_is_removed_is_gone_from_the_list(out):
    assert len(list_runs(out)) == 4
    shutil.rmtree(out / "exp/one")
    assert len(list_runs(out)) == 3


def test_an_unrecorded_run_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.chdir(tmp_path)
    run({"id": "exp", "pipeline": [{"module": "index_stages:Score"}]}, persist=False)
    assert list_runs() == []
