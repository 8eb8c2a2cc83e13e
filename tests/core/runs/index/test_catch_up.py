"""The index says what the run directories say, in every database."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time

import pytest

from crucible_core.runs.index.home import Home
from crucible_core.runs.index.shared import shared_home
from crucible_core.runs.tags import change_tags


def _append(run_dir, *events):
    """Append events to a journal as its emitter would."""
    path = run_dir / "telemetry.jsonl"
    lines = path.read_text().splitlines()
    last = json.loads(lines[-1])
    for seq, (name, payload) in enumerate(events, last["seq"] + 1):
        lines.append(
            json.dumps(
                {
                    **last,
                    "seq": seq,
                    "event_name": name,
                    "payload": payload,
                    "timestamp": "2031-01-01T00:00:00.000000+00:00",
                }
            )
        )
    path.write_text("".join(f"{line}\n" for line in lines))


def _resumed(run_dir):
    manifest = json.loads((run_dir / "manifest.json").read_bytes())
    manifest |= {"status": "running", "finished_at": None, "duration_s": None, "failure": None}
    _append(run_dir, ("run_start", {"resumed": True, "manifest": manifest}))


def test_rows_of_every_table(database, out):
    database.catch_up(out)
    rows = database.rows()
    run = database.runs()["exp/two"]
    assert {name: run[name] for name in ("experiment", "run_id", "status", "stages", "stages_done", "seed")} == {
        "experiment": "exp",
        "run_id": "two",
        "status": "succeeded",
        "stages": 2,
        "stages_done": 2,
        "seed": "0",
    }
    assert [(row["id"], row["runs"], row["description"]) for row in rows["experiments"]] == [
        ("exp", 3, None),
        ("other", 1, "Another."),
    ]
    own = {table: [row for row in rows[table] if row.get("run") == run["key"]] for table in rows}
    assert [(row["position"], row["stage"], row["name"], row["version"]) for row in own["stages"]] == [
        (0, "s0", "everything", "1.2.3"),
        (1, "s1", "look", "1.0.0"),
    ]
    assert [(row["path"], row["value"]) for row in own["metrics"]] == [("s0.accuracy", 0.9), ("s0.spread", None)]
    assert [(row["stage"], row["name"], row["bytes"]) for row in own["artifacts"]] == [("s0", "weights/best.bin", 4)]
    assert [(row["name"], row["source"], row["rows"]) for row in own["datasets"]] == [("dataset", "here", 1)]
    assert [row["tag"] for row in own["tags"]] == ["big", "nightly"]
    definitions = {row["sha256"]: row["document"] for row in rows["definitions"]}
    assert definitions[run["definition"]] == json.loads((out / "exp/two/spec.json").read_bytes())
    failed = database.runs()["exp/three"]
    assert (failed["status"], failed["failure_code"], failed["failure_stage"]) == ("failed", "stage_crashed", "s1")


@pytest.mark.usefixtures("settled")
def test_what_did_not_change_is_not_read_again(database, out):
    assert database.catch_up(out)[:2] == (4, 0)
    assert database.catch_up(out)[:2] == (0, 0)


def _tag(out):
    change_tags(out / "exp/one", {}, add=["good"])


def _tag_in_place(out):
    (out / "exp/one/tags.json").write_text('{"added":["best"],"removed":[]}')


def _rename(out):
    (out / "exp/one").rename(out / "exp/uno")


def _rename_experiment(out):
    (out / "other").rename(out / "third")


def _tear(out):
    with (out / "exp/one/telemetry.jsonl").open("a") as stream:
        stream.write('{"schema_ver')


CHANGES = {
    "tags": _tag,
    "tags written in place": _tag_in_place,
    "a run removed": lambda out: shutil.rmtree(out / "exp/one"),
    "an experiment removed": lambda out: shutil.rmtree(out / "other"),
    "a run renamed": _rename,
    "an experiment renamed": _rename_experiment,
    "a run copied": lambda out: shutil.copytree(out / "exp/one", out / "exp/copy"),
    "a run in the place of another": lambda out: (
        shutil.rmtree(out / "exp/one"),
        (out / "exp/two").rename(out / "exp/one"),
    ),
    "a run resumed": lambda out: _resumed(out / "exp/one"),
    "a torn end": _tear,
    "a journal deleted": lambda out: (out / "exp/one/telemetry.jsonl").unlink(),
    "a record deleted": lambda out: [path.unlink() for path in (out / "exp/one").glob("*.json*")],
    "a journal damaged": lambda out: (out / "exp/two/telemetry.jsonl").write_text("{}\nno event\n{}\n"),
    "a definition gone with its last run": lambda out: shutil.rmtree(out / "exp/three"),
    "a directory that is no run": lambda out: (out / "exp/notes").mkdir(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_index_that_catches_up_is_one_made_from_nothing(make_database, out, name):
    (out / "exp/one/tags.json").write_text('{"added":["worst"],"removed":[]}')
    index, other = make_database(), make_database()
    index.catch_up(out)
    before = index.rows()
    CHANGES[name](out)
    index.catch_up(out)
    other.catch_up(out)
    assert index.rows() == other.rows()
    assert (index.rows() == before) is (name in ("a torn end", "a directory that is no run"))


@pytest.mark.usefixtures("settled")
def test_only_what_changed_is_read(database, out):
    database.catch_up(out)
    _resumed(out / "exp/one")
    assert database.catch_up(out)[:2] == (1, 0)
    assert database.runs()["exp/one"]["status"] == "running"


def test_who_read_a_run_later_has_the_last_word(database, out):
    """One catches up and has read a run, which goes on then; another catches up before the first has written."""
    other = threading.Thread(target=database.catch_up, args=[out])

    def the_run_goes_on():
        if other.ident is None:
            _resumed(out / "exp/one")
            other.start()
            other.join(0.5)  # as long as it takes to write before the first does, where nothing keeps it from that
        return False

    database.catch_up(out, first="exp/one", stop=the_run_goes_on)
    other.join()
    assert database.runs()["exp/one"]["status"] == "running"


def test_a_change_within_the_same_tick_of_the_clock_is_noticed(database, out):
    journal = out / "exp/one/telemetry.jsonl"
    database.catch_up(out)
    text = journal.read_text()
    assert text.count('"succeeded"') == 1
    with journal.open("r+") as stream:  # the same size, the same file
        stream.write(text.replace('"succeeded"', '"cancelled"'))
    manifest = out / "exp/one/manifest.json"
    manifest.write_text(manifest.read_text().replace('"status": "succeeded"', '"status": "cancelled"'))
    database.catch_up(out)
    assert database.runs()["exp/one"]["status"] == "cancelled"


@pytest.mark.usefixtures("settled")
def test_a_file_with_its_old_times_is_noticed(database, out):
    journal = out / "exp/one/telemetry.jsonl"
    database.catch_up(out)
    before = journal.stat()
    time.sleep(0.02)  # longer than a tick of the kernel's clock, which is what ctime is taken from
    journal.write_bytes(journal.read_bytes())
    os.utime(journal, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert database.catch_up(out).read == 1


def test_a_clock_that_was_set_back_hides_nothing(database, out):
    """A run that began later says an earlier time; both are there, and what is written then is noticed."""
    later = json.loads((out / "exp/two/manifest.json").read_bytes())
    for name in ("manifest.json", "telemetry.jsonl"):
        path = out / "exp/two" / name
        path.write_text(path.read_text().replace(later["created_at"], "2001-01-01T00:00:00.000000+00:00"))
        os.utime(path, (0, 0))
    database.catch_up(out)
    assert database.runs()["exp/two"]["created_at"] == "2001-01-01T00:00:00.000000+00:00"
    _resumed(out / "exp/two")
    os.utime(out / "exp/two/telemetry.jsonl", (0, 0))
    database.catch_up(out)
    assert database.runs()["exp/two"]["status"] == "running"


def test_a_copy_elsewhere_is_the_same_run_in_a_shared_index(database, out, tmp_path):
    shutil.copytree(out, tmp_path / "copy")
    here, there = Home("1", "a", str(out)), Home("2", "b", str(tmp_path / "copy"))
    database.catch_up(out, here)
    database.catch_up(tmp_path / "copy", there)
    assert [row["host"] for row in database.rows()["runs"]] == ["b"] * 4
    shutil.rmtree(out / "exp/one")
    database.catch_up(out, here)
    assert len(database.rows()["runs"]) == 4  # it is the other host's now
    shutil.rmtree(tmp_path / "copy/exp/one")
    database.catch_up(tmp_path / "copy", there)
    assert len(database.rows()["runs"]) == 3


def test_names_as_long_as_a_file_system_takes(database, out):
    place = f"{'e' * 255}/{'r' * 255}"
    (out / place).parent.mkdir()
    (out / "exp/one").rename(out / place)
    database.catch_up(out, Home("h" * 32, "host", "/".join(["d" * 200] * 10)))
    assert place in database.runs()
    (out / place).rename(out / "exp/short")
    database.catch_up(out, Home("h" * 32, "host", "/".join(["d" * 200] * 10)))
    assert sorted(database.runs()) == ["exp/short", "exp/three", "exp/two", "other/one"]


def test_an_output_directory_keeps_its_id_and_a_copy_gets_its_own(out, tmp_path):
    first = shared_home(out)
    assert (first.host, first.directory) == (os.uname().nodename, str(out))
    assert shared_home(out) == first
    out.rename(tmp_path / "moved")
    assert shared_home(tmp_path / "moved").id == first.id
    shutil.copytree(tmp_path / "moved", tmp_path / "copy")
    copied = shared_home(tmp_path / "copy")
    assert copied.id != first.id
    assert shared_home(tmp_path / "copy") == copied
    (tmp_path / "copy/.index-home.json").write_text("garbage")
    assert shared_home(tmp_path / "copy").id not in (first.id, copied.id)


def test_a_new_directory_in_the_place_of_another_takes_nothing_out(database, out, tmp_path):
    """As each new container of one image has its runs in the same place, and not those of the last."""
    database.catch_up(out, shared_home(out))
    out.rename(tmp_path / "before")
    shutil.copytree(tmp_path / "before/exp/one", out / "exp/one")
    assert database.catch_up(out, shared_home(out)).gone == 0
    assert sorted(database.runs()) == ["exp/one", "exp/three", "exp/two", "other/one"]


def test_a_directory_that_cannot_be_written_is_known_by_its_host_and_path(out, monkeypatch):
    def refuse(path, data):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("crucible_core.runs.index.shared.atomic_write", refuse)
    assert shared_home(out).id == f"{os.uname().nodename}:{out}"


@pytest.mark.usefixtures("settled")
def test_what_there_is_no_time_for_is_left_to_the_next_time(database, out):
    done = database.catch_up(out, first="exp/two", stop=lambda: True)
    assert (done.read, done.left) == (1, 3)
    assert list(database.runs()) == ["exp/two"]
    assert database.catch_up(out).read == 3


@pytest.mark.usefixtures("settled")
def test_files_and_hidden_directories_are_no_runs(database, out):
    (out / "file").write_text("")
    (out / "exp/file").write_text("")
    shutil.copytree(out / "exp/one", out / "exp/.hidden")
    shutil.copytree(out / "exp", out / ".cache")
    assert database.catch_up(out)[:2] == (4, 0)
    assert database.catch_up(out)[:2] == (0, 0)
