"""What happens to the directory of a run between its end and its going on: a clear error, and nothing worse than before."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess

import pytest

from crucible_core.runs import find_run, rebuild_manifest


@pytest.fixture
def stopped(crucible, tmp_path):
    """The directory of a run whose second stage was killed; it is not when the run goes on."""
    spec = crucible.spec("Measure", "Killed", "Measure")
    killed = crucible("run", spec, "--run-id", "r")
    assert killed.returncode == -9
    return find_run("r", tmp_path / "artifacts" / "crucible").path


def test_a_directory_that_was_copied_or_renamed_goes_on(stopped, crucible):
    copied = shutil.copytree(stopped, stopped.with_name("copy"))
    renamed = stopped.rename(stopped.with_name("renamed"))
    for path in (copied, renamed):
        done = crucible("run", "--resume", path)
        assert done.returncode == 0, done.stderr
        assert rebuild_manifest(path)["status"] == "succeeded"


def test_a_clock_that_was_set_back_changes_nothing(stopped, crucible):
    journal = stopped / "telemetry.jsonl"
    journal.write_text(journal.read_text().replace('"timestamp":"20', '"timestamp":"29'))
    done = crucible("run", "--resume", stopped)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))


def test_a_directory_that_is_gone_or_empty(stopped, crucible):
    (stopped / "telemetry.jsonl").unlink()
    done = crucible("run", "--resume", stopped)
    assert done.returncode == 2
    assert "telemetry.jsonl: No such file or directory" in done.stderr
    assert "restore it from a copy" in done.stderr
    shutil.rmtree(stopped)
    done = crucible("run", "--resume", "r")
    assert (done.returncode, "no run 'r'" in done.stderr) == (2, True)


def fill(path):
    """Write a file until there is no room for more."""
    with path.open("wb", buffering=0) as stream, contextlib.suppress(OSError):
        while stream.write(b"0"):
            pass


def test_no_room_to_go_on(stopped, crucible, tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        path = shutil.copytree(stopped, place / "r")
        fill(place / "filling")
        before = (path / "telemetry.jsonl").read_bytes()
        done = crucible("run", "--resume", path)
        assert done.returncode in (1, 2)
        assert "No space left on device" in done.stderr + done.stdout
        assert "Traceback" not in done.stderr + done.stdout
        (place / "filling").unlink()
        assert (path / "telemetry.jsonl").read_bytes().startswith(before[: before.rindex(b"\n") + 1])
        assert crucible("run", "--resume", path).returncode == 0
    finally:
        subprocess.run(["umount", place], check=True)
