"""Where a run may lie, and what is said when it may not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crucible_core import CrucibleError
from crucible_core.runs.directory import RunDirectoryError, check_run_id, new_run_id

WRONG_IDS = ["", "../x", "a/b", ".", "..", ".hidden", "-flag", "a b", "é", "a\n", "a" * 129, "latest"]


@pytest.mark.parametrize("run_id", WRONG_IDS)
def test_a_wrong_run_id_is_refused_before_anything_is_written(record, tmp_path, run_id):
    with pytest.raises(RunDirectoryError, match="run id"):
        record("Everything", run_id=run_id)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("run_id", ["a", "A-1_b.c", "0" * 128, "latest2"])
def test_a_right_run_id_is_taken(run_id):
    assert check_run_id(run_id) == run_id


def test_new_ids_sort_by_time_and_do_not_repeat():
    early, late = (new_run_id(datetime(2026, 1, day, tzinfo=UTC)) for day in (9, 10))
    assert early < late
    assert new_run_id() != new_run_id()


def test_a_run_id_that_exists_is_refused_and_what_is_there_stays(record, tmp_path):
    record("Everything")
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    with pytest.raises(RunDirectoryError, match="run 'r' of 'exp' exists already") as caught:
        record("Crash")
    assert "--run-id" in caught.value.hint
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("place", ["file", "file/below", "dangling"])
def test_an_output_dir_that_is_no_directory_is_refused(record, tmp_path, place):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "file" / "nothing")
    with pytest.raises(RunDirectoryError, match=r"cannot make .*: Not a directory"):
        record("Everything", output_dir=tmp_path / place)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_file_in_the_place_of_the_run_is_named(record, tmp_path):
    (tmp_path / "out" / "exp").mkdir(parents=True)
    (tmp_path / "out" / "exp" / "r").write_text("mine")
    with pytest.raises(RunDirectoryError, match="is a file, not a directory"):
        record("Everything")


def test_a_file_system_that_makes_no_directories_is_refused(record):
    with pytest.raises(RunDirectoryError, match="cannot make /proc/out") as caught:
        record("Everything", output_dir="/proc/out")
    assert "--output-dir" in caught.value.hint


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"seed": -1}, "seed -1: give an integer from 0 on"),
        ({"seed": True}, "seed True"),
        ({"seed": "1"}, "seed '1'"),
        ({"validate_options": "strict"}, "validate_options 'strict': choose one of error, warn, off"),
        ({"overrides": {"nobody": {"a": 1}}}, "no stage 'nobody' whose options could be overridden; there are: s0"),
        ({"resume": "r"}, "keeps its id and its record"),
    ],
    ids=lambda value: "" if isinstance(value, str) else next(iter(value)),
)
def test_a_wrong_argument_is_refused_before_anything_is_written(record, tmp_path, arguments, said):
    with pytest.raises(CrucibleError, match=said):
        record("Everything", **arguments)
    assert not (tmp_path / "out").exists()


def test_output_dir_may_be_relative_and_have_any_name(record, tmp_path):
    result = record("Everything", output_dir="mit Leerzeichen é")
    assert result.run_dir.samefile(tmp_path / "mit Leerzeichen é" / "exp" / "r")


def test_an_interrupt_while_a_run_begins_leaves_nothing(record, tmp_path, monkeypatch):
    from crucible_core.runs import record as module

    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "installed_packages", interrupted)
    with pytest.raises(KeyboardInterrupt):
        record("Everything")
    assert not (tmp_path / "out" / "exp" / "r").exists()
