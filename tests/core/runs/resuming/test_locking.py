import multiprocessing
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from crucible_core import CrucibleError, run
from crucible_core.runs.lock import RunLock, RunLockedError

HOLD = """
import sys
from pathlib import Path
from crucible_core.runs.lock import RunLock

RunLock(Path(sys.argv[1]))
print("held", flush=True)
input()
"""


@pytest.fixture
def stopped(spec, place):
    """A run that crashed in its second stage."""
    (place / "crash-b").touch()
    result = run(spec("a", "b"), run_id="r")
    (place / "crash-b").unlink()
    return result.run_dir


@contextmanager
def held(path):
    """Hold a lock in another process, which is then killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process.pid
        process.kill()


def test_two_processes_cannot_go_on_with_one_run(stopped, crucible):
    before = (stopped / "telemetry.jsonl").read_bytes()
    with held(stopped / "lock") as pid:
        refused = crucible("run", "--resume", "r")
        assert refused.returncode == 2
        assert f"is being written by process {pid}" in refused.stderr
        assert (stopped / "telemetry.jsonl").read_bytes() == before
    assert crucible("run", "--resume", "r").returncode == 0


def test_a_process_that_forked_leaves_no_lock_with_its_child(tmp_path):
    lock = RunLock(tmp_path / "lock")
    child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
    child.start()
    lock.release()
    with held(tmp_path / "lock"):
        child.kill()
    child.join()


def test_two_threads_cannot_either(tmp_path):
    lock = RunLock(tmp_path / "lock")
    caught = []

    def second():
        try:
            RunLock(tmp_path / "lock")
        except RunLockedError as error:
            caught.append(str(error))

    thread = threading.Thread(target=second)
    thread.start()
    thread.join()
    assert "is being written by this very process" in caught[0]
    assert_others_are_kept_out(tmp_path / "lock")
    lock.release()
    RunLock(tmp_path / "lock").release()


def assert_others_are_kept_out(path):
    tried = subprocess.run(
        [sys.executable, "-c", HOLD, str(path)], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert "RunLockedError" in tried.stderr


def test_a_run_of_another_host_is_left_alone_unless_taken_over(spec, place, crucible):
    (place / "kill-b").touch()
    crucible("run", str(spec("a", "b")), "--run-id", "r")
    (place / "kill-b").unlink()
    journal = place / "artifacts/crucible/exp/r/telemetry.jsonl"
    journal.write_text(journal.read_text().replace(f'"host":"{socket.gethostname()}"', '"host":"elsewhere"'))
    with pytest.raises(CrucibleError, match=r"of process \d+ on elsewhere"):
        run(resume="r")
    assert run(resume="r", take_over=True).ok
