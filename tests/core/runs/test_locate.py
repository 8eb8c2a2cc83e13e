"""Finding a run by what a person types."""

from __future__ import annotations

import os
import shutil

import pytest
from click.testing import CliRunner

from crucible_core.cli.main import main
from crucible_core.runs import find_run
from crucible_core.runs.locate import RunNotFoundError


@pytest.fixture
def out(record, tmp_path):
    for run_id in ("abc1", "abd2", "zz"):
        record("Interrupted", run_id=run_id)
    record("Interrupted", run_id="zz", spec={"id": "other"})
    return tmp_path / "out"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("abc1", "exp/abc1"),
        ("abc", "exp/abc1"),
        ("exp/abd2", "exp/abd2"),
        ("exp/abd", "exp/abd2"),
        ("exp/zz", "exp/zz"),
        ("other", "other/zz"),
        ("latest", "other/zz"),
    ],
)
def test_a_run_is_found_by(out, name, found):
    assert find_run(name, out).path == out / found


def test_a_run_is_found_by_its_directory(out):
    assert find_run(str(out / "exp" / "zz")).path == out / "exp" / "zz"


@pytest.mark.parametrize(("name", "said"), [("zz", "2 runs: exp/zz, other/zz"), ("ab", "2 runs: exp/abc1, exp/abd2")])
def test_an_ambiguous_name_lists_what_it_may_be(out, name, said):
    with pytest.raises(RunNotFoundError, match=said):
        find_run(name, out)


@pytest.mark.parametrize("name", ["nope", "", "exp/nope", "../out"])
def test_an_absent_run_names_the_newest_there(out, name):
    with pytest.raises(RunNotFoundError) as caught:
        find_run(name, out)
    assert "other/zz" in caught.value.hint


@pytest.mark.parametrize("name", ["latest", "r"])
def test_where_no_run_is_the_directory_is_named(tmp_path, name):
    with pytest.raises(RunNotFoundError, match=f"there is no run in {tmp_path}") as caught:
        find_run(name, tmp_path)
    assert "--output-dir" in caught.value.hint


def test_a_directory_without_a_journal_is_no_run(tmp_path):
    with pytest.raises(RunNotFoundError, match=r"it has no telemetry\.jsonl"):
        find_run(str(tmp_path), tmp_path / "out")


def test_latest_goes_by_the_journal_not_by_file_times(out):
    for path in (out / "other" / "zz").iterdir():
        os.utime(path, (1, 1))
    shutil.copytree(out / "exp" / "abc1", out / "exp" / "copy")
    assert find_run("latest", out).path == out / "other" / "zz"


def test_a_missing_spec_or_manifest_does_not_hide_a_run(out):
    (out / "other" / "zz" / "spec.json").unlink()
    (out / "other" / "zz" / "manifest.json").unlink()
    assert find_run("latest", out).path == out / "other" / "zz"


def test_a_run_that_lost_its_journal_is_found_by_its_whole_name(out):
    (out / "exp" / "abc1" / "telemetry.jsonl").unlink()
    assert find_run("abc1", out).path == out / "exp" / "abc1"
    assert find_run("exp/abc1", out).path == out / "exp" / "abc1"
    assert find_run(str(out / "exp" / "abc1")).path == out / "exp" / "abc1"
    with pytest.raises(RunNotFoundError):
        find_run("abc", out)


def test_a_run_that_lost_its_journal_is_shown_and_deleted_and_does_not_go_on(out, monkeypatch):
    monkeypatch.chdir(out.parent)
    (out / "exp" / "abc1" / "telemetry.jsonl").unlink()
    where = ["--output-dir", str(out)]
    resumed = CliRunner().invoke(main, ["run", "--resume", "abc1", *where])
    assert "telemetry.jsonl: No such file or directory" in str(resumed.exception)
    assert "restore it from a copy" in resumed.exception.hint
    assert "cancelled" in CliRunner().invoke(main, ["runs", "show", "abc1", *where]).stdout
    assert CliRunner().invoke(main, ["runs", "verify", "abc1", *where]).exit_code == 1
    assert CliRunner().invoke(main, ["runs", "delete", "abc1", "--yes", *where]).exit_code == 0
    assert not (out / "exp" / "abc1").exists()
