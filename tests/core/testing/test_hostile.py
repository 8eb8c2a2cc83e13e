"""Whatever a stage does, the kit says what it was, goes on, and leaves nothing behind."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import hostile
import pytest

from crucible_core import Stage, StageExample
from crucible_core.testing import Status, run_conformance

GOING_ON = [
    pytest.param(check_id, stage, id=f"{check_id}-{stage.__name__}")
    for check_id, stages in hostile.GOING_ON.items()
    for stage in stages
]


@pytest.fixture(autouse=True)
def nothing_left(tmp_path, monkeypatch):
    """Look for temporary directories and processes of the kit's after each test."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield
    assert not list(tmp_path.glob("crucible-conformance-*"))
    assert not list(processes_with(str(tmp_path)))


def processes_with(text):
    """Yield the command lines of processes that got this in their environment or arguments, or that work below it."""
    for directory in Path("/proc").glob("[0-9]*"):
        if directory.name in (str(os.getpid()), str(os.getppid())):
            continue
        try:
            said = (directory / "environ").read_bytes() + (directory / "cmdline").read_bytes()
            said += bytes((directory / "cwd").readlink())
            state = (directory / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if text.encode() in said and state != "Z":
            yield (directory / "cmdline").read_bytes()


def said_once(report):
    """Return what the one failed item says; the others passed or are blocked by it."""
    assert len(report.failures) == 1, str(report)
    (failed,) = report.failures
    assert all(each.note.endswith(failed.check.id) for each in report.of(Status.BLOCKED))
    assert all(finding.expected and finding.seen for finding in failed.findings)
    return failed.findings[0].seen


@pytest.mark.parametrize("stage", hostile.HANGING)
def test_a_stage_that_hangs_is_killed(stage):
    report = run_conformance(stage, timeout_s=4)
    assert "killed" in said_once(report)
    assert report.of(Status.BLOCKED)


def test_a_stage_that_hangs_when_it_is_described_fails_that_alone():
    report = run_conformance(hostile.HangsInDescribe, timeout_s=4)
    assert "killed" in said_once(report)
    assert report.outcome("C01").status is Status.FAILED, str(report)
    assert report.outcome("E01").status is Status.BLOCKED


@pytest.mark.every_interpreter
@pytest.mark.parametrize("stage", hostile.ENDING)
def test_a_stage_that_ends_its_process_ends_nothing_else(stage):
    report = run_conformance(stage)
    assert said_once(report)
    assert report.of(Status.BLOCKED)


@pytest.mark.every_interpreter
@pytest.mark.parametrize("stage", hostile.RAISING)
def test_a_stage_that_raises_anything_is_a_failed_item(stage):
    report = run_conformance(stage)
    assert report.failures
    assert all(failed.findings[0].seen for failed in report.failures)
    assert report.of(Status.BLOCKED)


@pytest.mark.every_interpreter
@pytest.mark.parametrize(("check_id", "stage"), GOING_ON)
def test_a_stage_that_comes_to_an_end_fails_where_it_does_harm(check_id, stage):
    report = run_conformance(stage)
    assert report.outcome("E01").status is Status.PASSED, str(report)
    assert report.outcome(check_id).status is Status.FAILED, str(report)


@pytest.mark.parametrize("stage", [hostile.ForksInDescribe])
def test_a_stage_that_forks_while_it_is_described_is_described_once(stage):
    report = run_conformance(stage, checks=["E01", "E07"])
    assert report.outcome("E01").status is Status.PASSED, str(report)


IMPORTS = {
    "hangs": "import time\ntime.sleep(600)",
    "exits": "import os\nos._exit(0)",
    "exits_politely": "raise SystemExit(0)",
    "raises": "raise ValueError('hostile')",
    "raises_anything": "raise BaseException('hostile')",
    "interrupts": "raise KeyboardInterrupt",
    "crashes": "import ctypes\nctypes.string_at(0)",
    "is_no_python": "class Hostile:\n  def",
    "recurses": "def again(): again()\nagain()",
    "is_gone": "import sys\ndel sys.modules[__name__]",
    "forks": "import os\nos.fork()",
    "changes_the_path": "import sys\nsys.path.clear()",
}


@pytest.mark.parametrize("name", IMPORTS)
def test_a_module_that_harms_when_it_is_imported_is_a_failed_item(name, tmp_path, monkeypatch):
    (tmp_path / f"imports_{name}.py").write_text(f"{IMPORTS[name]}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    report = run_conformance(f"imports_{name}:Hostile", timeout_s=4)
    assert report.outcome("A01").status is Status.FAILED, str(report)
    assert report.outcome("E01").status is Status.BLOCKED


REMOVES_ITSELF = """
import sys
from pathlib import Path
from crucible_core import Stage, StageExample

class Hostile(Stage):
    '''Removes its module, loaded and on the disk.'''
    examples = (StageExample("Nothing."),)

    def run(self, context, options):
        Path(__file__).unlink(missing_ok=True)
        sys.modules.pop(__name__, None)
        return context
"""
REMOVES_ITS_FILE = """
from pathlib import Path
from crucible_core import Stage, StageExample

Path(__file__).unlink()

class Hostile(Stage):
    '''Does nothing; its module is gone once it was imported.'''
    examples = (StageExample("Nothing."),)

    def run(self, context, options):
        return context
"""


def test_a_stage_that_removes_its_own_module_fails(tmp_path, monkeypatch):
    file = tmp_path / "removes_itself.py"
    file.write_text(REMOVES_ITSELF, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    report = run_conformance("removes_itself:Hostile")
    found = {check: report.outcome(check).status for check in ("F01", "F06")}
    assert found == dict.fromkeys(found, Status.FAILED), str(report)


def test_a_module_that_removes_its_own_file_is_one_failed_item(tmp_path, monkeypatch):
    (tmp_path / "removes_its_file.py").write_text(REMOVES_ITS_FILE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    report = run_conformance("removes_its_file:Hostile", checks=["C07", "C08", "E07", "H01"])
    assert {each.check.id for each in report.failures} <= {"CRU-B03"}, str(report)
    assert {each.note for each in report.of(Status.BLOCKED)} == {"blocked by CRU-B03"}, str(report)


def made_in_a_function(run):
    class Local(Stage):
        """A class that no other process can import."""

        examples = (StageExample("Nothing."),)

        def run(self, context, options):
            return run(context)

    return Local


@pytest.mark.parametrize(
    "harm", [lambda context: os._exit(0), lambda context: os.kill(os.getpid(), 9)], ids=["exits", "is_killed"]
)
def test_a_local_class_that_ends_its_process_does_not_end_the_kit(harm):
    assert said_once(run_conformance(made_in_a_function(harm)))


def test_shared_memory_that_is_left_is_found():
    from multiprocessing.shared_memory import SharedMemory

    name = f"crucible-left-{os.getpid()}"

    def leave(context):
        path = Path("/dev/shm", name)
        path.unlink(missing_ok=True)
        SharedMemory(name, create=True, size=8).close()
        return context

    report = run_conformance(made_in_a_function(leave), checks=["F06"])
    Path("/dev/shm", name).unlink(missing_ok=True)
    assert report.outcome("F06").status is Status.FAILED, str(report)
    assert name in report.outcome("F06").findings[0].seen
