"""``crucible runs delete`` and ``gc``: what goes, and what never does."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from crucible_core.runs.codecs import ObjectStore
from crucible_core.runs.lock import RunLock
from crucible_core.runs.partial import partial_directory
from crucible_core.runs.provenance import process_identity

SCHEMAS = Path(__file__).parents[4] / "docs" / "schemas"
PART = ".0123456789abcdef.part"


def validate(name, document):
    Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_bytes())).validate(document)


@pytest.fixture
def runs(project):
    return project / "artifacts/crucible"


@pytest.fixture
def ran(crucible, spec):
    """Run something under some ids."""

    def run(*names, experiment="exp"):
        for name in names:
            assert crucible("run", spec("Measure", id=experiment), "--run-id", name).code == 0

    return run


@pytest.fixture
def answering(monkeypatch):
    """Answer what is asked."""

    def answer(text):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    return answer


def names(runs):
    return sorted(path.relative_to(runs).as_posix() for path in runs.glob("*/*"))


class TestDelete:
    def test_a_run_goes_with_all_of_its_files(self, crucible, ran, runs):
        ran("a", "b")
        done = crucible("runs", "delete", "a", "--yes", "--json")
        validate("runs_delete", done.json)
        assert (done.code, done.err, done.json["deleted"][0]["run"]) == (0, "", "exp/a")
        assert names(runs) == ["exp/b"]

    def test_the_last_run_of_an_experiment_takes_its_directory_along(self, crucible, ran, runs):
        ran("a", "b")
        assert crucible("runs", "delete", "a", "exp/b", "a", "--yes").out.count("deleted") == 2
        assert list(runs.iterdir()) == []

    @pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 2), ("\n", 2), ("", 2)])
    def test_it_asks_first(self, crucible, ran, runs, answering, answer, code):
        ran("a")
        answering(answer)
        done = crucible("runs", "delete", "a")
        assert done.code == code
        assert "exp/a, succeeded, began 20" in done.err
        assert "Delete this run? [y/N]" in done.err
        assert (runs / "exp/a").exists() == (code != 0)

    def test_nothing_goes_where_one_is_not_there(self, crucible, ran, runs):
        ran("a")
        assert crucible("runs", "delete", "a", "nope", "--yes").code == 2
        assert names(runs) == ["exp/a"]

    def test_a_run_that_goes_on_is_refused(self, crucible, ran, hand_made):
        ran("a")
        going_on = hand_made(where="project/artifacts/crucible/exp/b", process=process_identity())
        done = crucible("runs", "delete", "a", "b", "--yes")
        assert done.code == 2
        assert f"exp/b is running, by process {os.getpid()} on " in done.err
        assert going_on.exists()
        assert (going_on.parent / "a").exists()

    def test_so_is_one_on_a_host_that_cannot_be_seen(self, crucible, hand_made):
        run_dir = hand_made(process={"host": "elsewhere", "pid": 1, "boot_id": "x", "started_at": 1})
        done = crucible("runs", "delete", run_dir, "--yes")
        assert (done.code, run_dir.exists()) == (2, True)
        assert "if that host is gone, remove the directory by hand" in done.err

    def test_one_that_was_killed_is_not(self, crucible, hand_made):
        run_dir = hand_made(process={**process_identity(), "boot_id": "another"})
        assert crucible("runs", "delete", run_dir, "--yes").code == 0
        assert not run_dir.exists()

    def test_a_run_that_somebody_holds_is_refused(self, crucible, ran, runs):
        ran("a")
        script = (
            "import sys, time; from pathlib import Path; from crucible_core.runs.lock import RunLock;"
            "lock = RunLock(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
        )
        holder = subprocess.Popen(
            [sys.executable, "-c", script, runs / "exp/a/lock"], stdout=subprocess.PIPE, text=True
        )
        try:
            assert holder.stdout.readline() == "held\n"
            done = crucible("runs", "delete", "a", "--yes")
        finally:
            holder.kill()
            holder.wait()
            holder.stdout.close()
        assert done.code == 2
        assert f"is being written by process {holder.pid}" in done.err
        assert (runs / "exp/a/manifest.json").exists()

    def test_a_damaged_run_can_be_deleted(self, crucible, hand_made):
        run_dir = hand_made(final="{")
        (run_dir / "telemetry.jsonl").write_text("damage\n{}\n")
        assert crucible("runs", "delete", run_dir, "--yes").code == 0
        assert not run_dir.exists()

    def test_a_link_to_a_run_is_refused(self, crucible, ran, runs):
        ran("a")
        (runs / "exp/link").symlink_to("a")
        done = crucible("runs", "delete", "link", "--yes")
        assert done.code == 2
        assert names(runs) == ["exp/a", "exp/link"]

    def test_what_a_run_links_to_stays(self, crucible, ran, runs, project):
        ran("a")
        (project / "precious").mkdir()
        (project / "precious/file").write_text("precious")
        (runs / "exp/a/artifacts/link").symlink_to(project / "precious")
        assert crucible("runs", "delete", "a", "--yes").code == 0
        assert (project / "precious/file").read_text() == "precious"

    def test_a_deletion_that_is_killed_leaves_no_half_run(self, crucible, ran, runs, project):
        ran("a")
        command = [sys.executable, "-m", "crucible_core", "runs", "delete", "a", "--yes"]
        env = {**os.environ, "CRUCIBLE_FAULT_POINT": "delete.moved"}
        assert subprocess.run(command, cwd=project, env=env, check=False).returncode == -9
        assert not list(runs.glob("*/*/telemetry.jsonl"))
        assert "there is no run in" in crucible("runs", "show", "latest").err
        done = crucible("runs", "gc")
        assert "an import or a deletion that was killed left it" in done.out
        assert list(runs.glob("*/*")) == []


class TestGc:
    def gone(self, done):
        validate("runs_gc", done.json)
        assert done.json["bytes"] == sum(each["bytes"] for each in done.json["removed"])
        return sorted((each["kind"], each["path"].partition("crucible/")[2]) for each in done.json["removed"])

    def test_where_everything_is_needed_nothing_goes(self, crucible, ran, runs):
        ran("a")
        before = sorted(runs.rglob("*"))
        assert crucible("runs", "gc").out == "nothing to remove\n"
        assert sorted(runs.rglob("*")) == before

    def test_there_may_be_nothing_at_all(self, crucible):
        assert crucible("runs", "gc").out == "nothing to remove\n"

    def test_what_no_journal_refers_to_goes(self, crucible, hand_made, runs):
        where = "project/artifacts/crucible/exp/r"
        store = ObjectStore(runs / "exp/r/checkpoints")
        needed, inner, lost = (store.put(lambda stream, data=data: stream.write(data)) for data in (b"a", b"b", b"c"))
        tag = {"$": "object", "codec": "x", **needed.to_dict(), "objects": [inner.to_dict()]}
        run_dir = hand_made(
            (1, "stage_stop", "a", {"duration_s": 1.0, "state": {"assigns": {"a": [tag]}}}),
            where=where,
            status="failed",
        )
        (run_dir / "checkpoints" / PART).write_text("half")
        (run_dir / PART).write_text("half")
        (run_dir / "checkpoints/notes.txt").write_text("somebody's")
        expected = [
            ("leftover", f"exp/r/{PART}"),
            ("leftover", f"exp/r/checkpoints/{PART}"),
            ("object", f"exp/r/checkpoints/{lost.path}"),
        ]
        assert self.gone(crucible("runs", "gc", "--dry-run", "--json")) == expected
        assert store.path(lost).exists()
        assert self.gone(crucible("runs", "gc", "--json")) == expected
        left = sorted(path.name for path in run_dir.rglob("*") if path.is_file())
        assert left == sorted([needed.sha256, inner.sha256, "lock", "notes.txt", "telemetry.jsonl"])
        assert not store.path(lost).parent.exists()

    def test_a_run_with_real_values_keeps_all_of_them(self, crucible, ran, project):
        (project / "large.py").write_text(
            "from crucible_core import Stage\n\n\nclass Large(Stage):\n    '''Leave much.'''\n\n    name = 'large'\n"
            "    version = '1.0.0'\n\n    def run(self, context, options):\n"
            "        return context.assign(large=['x' * 100] * 200).add_outputs([{'id': i} for i in range(500)])\n"
        )
        steps = [{"id": "large", "module": "large:Large"}, {"id": "crash", "module": "own_stages:Crash"}]
        (project / "spec.yaml").write_text(json.dumps({"id": "exp", "pipeline": steps}))
        assert crucible("run", "spec.yaml", "--run-id", "r").code == 1
        assert crucible("runs", "gc").out == "nothing to remove\n"
        assert crucible("runs", "verify", "r").code == 0

    def test_what_killed_processes_left_goes(self, crucible, ran, runs):
        ran("a")
        (runs / PART / "exp/r").mkdir(parents=True)
        (runs / PART / "exp/r/telemetry.jsonl").write_text("{}")
        (runs / "exp" / PART / "r").mkdir(parents=True)
        for place in ("claimed", "begun", "young"):
            (runs / "exp" / place).mkdir()
        (runs / "exp/begun/spec.json").write_text("{}")
        for place in ("claimed", "begun"):
            os.utime(runs / "exp" / place, (time.time() - 7200, time.time() - 7200))
        (runs / "exp/foreign").mkdir()
        (runs / "exp/foreign/file").write_text("somebody's")
        os.utime(runs / "exp/foreign", (0, 0))
        assert self.gone(crucible("runs", "gc", "--json")) == [
            ("leftover", PART),
            ("leftover", f"exp/{PART}"),
            ("leftover", "exp/begun"),
            ("leftover", "exp/claimed"),
        ]
        assert names(runs) == ["exp/a", "exp/foreign", "exp/young"]

    def test_what_is_being_filled_stays(self, crucible, ran, runs):
        ran("a")
        with partial_directory(runs) as place:
            assert crucible("runs", "gc").out == "nothing to remove\n"
            assert place.exists()

    def test_nothing_of_a_run_that_goes_on_is_touched(self, crucible, hand_made, runs):
        where = "project/artifacts/crucible/exp/r"
        run_dir = hand_made(where=where, process=process_identity(), started_at="2020-01-01T00:00:00+00:00")
        (run_dir / PART).write_text("half")
        done = crucible("runs", "gc", "--keep", "0", "--older-than", "1h", "--yes")
        assert done.out == "nothing to remove\n"
        assert (run_dir / PART).exists()

    def test_nor_of_one_that_somebody_goes_on_with_meanwhile(self, crucible, ran, runs):
        ran("a")
        (runs / "exp/a" / PART).write_text("half")
        lock = RunLock(runs / "exp/a/lock")
        try:
            done = crucible("runs", "gc", "--json")
        finally:
            lock.release()
        assert done.code == 1
        assert "is being written by" in done.json["failed"][0]["reason"]
        assert (runs / "exp/a" / PART).exists()

    def test_a_damaged_run_is_left_alone(self, crucible, hand_made, runs):
        run_dir = hand_made(where="project/artifacts/crucible/exp/r", final="{")
        (run_dir / "telemetry.jsonl").write_text("damage\n{}\n")
        (run_dir / PART).write_text("half")
        done = crucible("runs", "gc", "--keep", "0", "--yes")
        assert "left alone" in done.err
        assert (run_dir / PART).exists()

    @pytest.fixture
    def aged(self, hand_made, runs):
        """Runs of two experiments, a day apart; the newest began an hour ago."""
        for experiment in ("exp", "other"):
            for days in range(4):
                began = (datetime.now(UTC) - timedelta(days=days, hours=1)).isoformat()
                status = "failed" if days % 2 else "succeeded"
                where = f"project/artifacts/crucible/{experiment}/r{days}"
                tags = ["old", *(["bad"] if days % 2 else [])] if days else []
                hand_made(where=where, status=status, started_at=began, tags=tags)
        return runs

    @pytest.mark.parametrize(
        ("arguments", "gone"),
        [
            (["--keep", "2"], ["exp/r2", "exp/r3", "other/r2", "other/r3"]),
            (["--older-than", "36h"], ["exp/r2", "exp/r3", "other/r2", "other/r3"]),
            (["--older-than", "2d", "--experiment", "exp"], ["exp/r2", "exp/r3"]),
            (["--keep", "1", "--status", "failed"], ["exp/r3", "other/r3"]),
            (["--keep", "1", "--status", "failed", "-e", "other"], ["other/r3"]),
            (["--keep", "1", "--older-than", "60h"], ["exp/r3", "other/r3"]),
            (["--keep", "3", "--older-than", "1h"], ["exp/r3", "other/r3"]),
            (["--keep", "0", "-e", "exp"], ["exp/r0", "exp/r1", "exp/r2", "exp/r3"]),
            (["--keep", "1", "--tag", "old"], ["exp/r2", "exp/r3", "other/r2", "other/r3"]),
            (["--keep", "0", "--tag", "old", "--tag", "bad", "-e", "exp"], ["exp/r1", "exp/r3"]),
            (["--keep", "9"], []),
            (["--older-than", "9w"], []),
        ],
        ids=str,
    )
    def test_runs_go_by_number_and_age(self, crucible, aged, arguments, gone):
        expected = [("run", each) for each in gone]
        assert self.gone(crucible("runs", "gc", *arguments, "--dry-run", "--json")) == expected
        assert len(names(aged)) == 8
        assert self.gone(crucible("runs", "gc", *arguments, "--yes", "--json")) == expected
        assert len(names(aged)) == 8 - len(gone)

    @pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 2), ("", 2)])
    def test_it_asks_before_runs_go(self, crucible, aged, answering, answer, code):
        answering(answer)
        done = crucible("runs", "gc", "--keep", "3")
        assert done.code == code
        assert "Delete 2 runs? [y/N]" in done.err
        assert len(names(aged)) == (6 if code == 0 else 8)

    @pytest.mark.parametrize("began", ["", "yesterday", "2020-01-01T00:00:00"])
    def test_a_run_that_does_not_say_when_it_began_stays(self, crucible, hand_made, runs, began):
        run_dir = hand_made(where="project/artifacts/crucible/exp/r", status="failed", started_at=began or None)
        journal = run_dir / "telemetry.jsonl"
        journal.write_text(journal.read_text().replace("2026-11-24T07:43:12.000000+00:00", began))
        assert crucible("runs", "gc", "--keep", "0", "--yes").out == "nothing to remove\n"
        assert run_dir.exists()

    @pytest.mark.parametrize(
        "arguments", [["-e", "exp"], ["-s", "failed"], ["-t", "old"], ["--older-than", "soon"], ["--keep", "-1"]]
    )
    def test_what_makes_no_sense_is_refused(self, crucible, aged, arguments):
        assert crucible("runs", "gc", *arguments, "--yes").code == 2
        assert len(names(aged)) == 8

    def test_links_are_not_followed(self, crucible, aged, tmp_path):
        (aged / "exp/r3").rename(tmp_path / "kept")
        (aged / "exp/r3").symlink_to(tmp_path / "kept")
        (aged / PART).symlink_to(tmp_path / "kept")
        crucible("runs", "gc", "--keep", "0", "--yes")
        assert (tmp_path / "kept/telemetry.jsonl").exists()
        assert not (aged / PART).is_symlink()
