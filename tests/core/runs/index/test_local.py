"""The index beside the runs: made, made again, and done without where it cannot be."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys

import pytest

from crucible_core.runs import list_runs, reindex
from crucible_core.runs.index import location
from crucible_core.runs.index.asking import ask
from crucible_core.runs.index.errors import RunIndexError
from crucible_core.runs.index.location import file_system, index_location
from crucible_core.runs.index.query import run_query


@pytest.fixture
def asked(out):
    """Ask, and return how many runs there are and what was told."""

    def ask_now():
        told = []
        return len(ask(out, run_query(), told.append).runs), told

    return ask_now


def test_it_lies_beside_the_runs_and_may_be_deleted(out, asked):
    assert asked() == (4, [])
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == [".index.sqlite"]
    (out / ".index.sqlite").unlink()
    assert asked() == (4, [])


GARBAGE = {
    "text": lambda path: path.write_text("no database, but long enough to be one\n" * 500),
    "its middle": lambda path: path.write_bytes(path.read_bytes()[:5000] + b"\xff" * 60_000),
    "its end cut off": lambda path: path.write_bytes(path.read_bytes()[:5000]),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_one_that_is_damaged_is_made_again_and_that_is_told(out, asked, name):
    asked()
    GARBAGE[name](out / ".index.sqlite")
    found, (note,) = asked()
    assert found == 4
    assert "was damaged" in note
    assert "made again from the run directories" in note
    assert asked() == (4, [])


def test_one_with_other_tables_is_told_and_not_taken_for_damage(out):
    raw = sqlite3.connect(out / ".index.sqlite")
    raw.execute("CREATE TABLE runs (a)")
    raw.close()
    found, (note,) = len(list_runs(out)), _told(out)
    assert found == 4
    assert "is made again in memory" in note


def _told(out):
    told = []
    ask(out, run_query(), told.append)
    return told


def test_reindex_makes_it_again_whatever_it_is(out, asked):
    asked()
    (out / ".index.sqlite").write_text("garbage")
    done = reindex(out)
    assert (done.read, done.gone, done.notes) == (4, 0, ())
    assert asked() == (4, [])


def test_reindex_needs_a_directory(tmp_path):
    with pytest.raises(RunIndexError, match=r"there is no directory .*nowhere"):
        reindex(tmp_path / "nowhere")


@pytest.fixture
def unwritable(out, monkeypatch, tmp_path):
    """Make the output directory one that cannot be written, also for root."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    may = os.access
    monkeypatch.setattr(location.os, "access", lambda path, mode: path != out and may(path, mode))


@pytest.mark.usefixtures("unwritable")
def test_in_a_directory_that_cannot_be_written_it_lies_in_the_cache(out, asked, tmp_path):
    found, (note,) = asked()
    assert found == 4
    assert note == f"{out} cannot be written: its index is kept in {tmp_path / 'cache' / 'crucible' / 'indexes'}"
    assert asked() == (4, [])  # told once
    assert not list(out.glob(".*"))


@pytest.mark.usefixtures("unwritable")
def test_without_a_cache_it_lies_in_memory(out, asked, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    found, (note,) = asked()
    assert found == 4
    assert note == f"{out} cannot be written, nor can /proc/nowhere/crucible/indexes: the index is made again each time"


def test_on_a_network_file_system_it_lies_in_the_cache(out, monkeypatch, tmp_path):
    mounts = tmp_path / "mountinfo"
    line = "36 35 98:0 / {} rw,noatime master:1 - {} server:/runs rw\n"
    mounts.write_text(line.format("/", "ext4") + line.format(str(out).replace(" ", "\\040"), "nfs4"))
    monkeypatch.setattr(location, "_MOUNTS", str(mounts))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert file_system(out / "exp") == "nfs4"
    assert file_system(tmp_path) == "ext4"
    found = index_location(out)
    assert found.file.parent == tmp_path / "cache" / "crucible" / "indexes"
    assert found.note.startswith(f"{out} lies on a network file system (nfs4): its index is kept in")
    assert len(list_runs(out)) == 4
    assert not list(out.glob(".*"))


def test_a_full_disk_is_told_and_the_answer_is_given_all_the_same(out, tmp_path):
    """A limit on the size of files stands for the disk: SQLite cannot make its file larger, as on a full one."""
    code = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))\n"
        "from crucible_core.runs.index.asking import ask; from crucible_core.runs.index.query import run_query\n"
        f"from pathlib import Path; told = []; print(len(ask(Path({str(out)!r}), run_query(), told.append).runs), told)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("4 ")
    assert "is made again in memory" in done.stdout
    assert len(list_runs(out)) == 4


def test_a_writer_that_holds_it_long_is_waited_for(out, tmp_path):
    list_runs(out)
    code = (
        "import sqlite3, sys; held = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "held.execute('BEGIN IMMEDIATE'); print('held', flush=True); input(); held.execute('COMMIT')"
    )
    command = [sys.executable, "-c", code, str(out / ".index.sqlite")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        (out / "exp/one/tags.json").write_text('{"added":["new"],"removed":[]}')
        waiting = subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"from crucible_core.runs import list_runs; print(len(list_runs({str(out)!r}, tag='new')))",
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        holder.communicate("\n")
    assert waiting.communicate()[0] == "1\n"


def test_an_output_directory_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunIndexError, match=os.strerror(errno.ENOTDIR)):
        list_runs(tmp_path / "file")
