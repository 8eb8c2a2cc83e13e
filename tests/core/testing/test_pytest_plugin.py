"""What an author sees who runs pytest in a plugin's repository, without having configured anything."""

from __future__ import annotations

import subprocess
import sys

import pytest

from crucible_core.testing import all_checks

CHECKS = [f"crucible::sound::{each}" for each in all_checks()]
SOME = ("-k", "A01 or E01 or configuration")
FAILING = "faulty_running:SaysItFails"


@pytest.mark.parametrize(
    ("arguments", "cwd"),
    [([], "."), (["tests"], "."), (["tests/test_own.py", "--crucible-conformance"], "."), ([], "tests")],
    ids=str,
)
def test_every_check_of_every_stage_is_an_item_after_the_own_tests(repository, arguments, cwd):
    items = repository.collected(*arguments, cwd=cwd)
    assert items[0] == "test_own.py::test_it"
    assert items[-len(CHECKS) - 1 :] == ["crucible::configuration", *CHECKS]


@pytest.mark.parametrize(
    ("arguments", "cwd"),
    [
        (["tests/test_own.py", "tests/unit/test_unit.py::test_unit"], "."),
        (["tests/unit"], "."),
        (["--no-crucible-conformance"], "."),
        (["-p", "no:crucible"], "."),
        ([], "tests/unit"),
    ],
    ids=str,
)
def test_there_are_none_when_a_part_of_the_tests_is_asked_for_or_they_are_switched_off(repository, arguments, cwd):
    items = repository.collected(*arguments, cwd=cwd)
    assert items
    assert not [each for each in items if each.startswith("crucible::")]


def test_the_directories_in_testpaths_stand_for_all_tests(repository):
    repository.configure('[tool.pytest.ini_options]\ntestpaths = ["checks"]')
    repository.write("checks/test_more.py", "def test_more():\n    pass\n")
    for arguments in ([], ["checks"]):
        assert repository.collected(*arguments)[:2] == ["test_more.py::test_more", "crucible::configuration"]


def test_a_distribution_below_the_root_directory_is_found_where_pytest_is_run(repository, tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    assert "crucible::configuration" in repository.collected()
    assert "crucible::configuration" not in repository.collected(cwd="..")


def test_k_and_m_select_checks(repository):
    assert repository.collected("-k", "sound and E01") == ["crucible::sound::CRU-E01"]
    assert repository.collected("-m", "crucible_conformance", "--strict-markers")[1:] == CHECKS


def test_a_node_id_runs_that_check_alone_and_one_that_there_is_not_is_a_usage_error(repository):
    done = repository.pytest("-v", "crucible::sound::CRU-E01")
    assert (done.returncode, done.stdout.count("PASSED")) == (0, 1)
    wrong = repository.pytest("crucible::sound::CRU-E77")
    assert wrong.returncode == pytest.ExitCode.USAGE_ERROR
    assert "no check is called crucible::sound::CRU-E77" in wrong.stderr
    both = repository.collected("tests/test_own.py", "crucible::sound")
    assert both == ["test_own.py::test_it", *CHECKS]


@pytest.mark.parametrize(
    "arguments",
    [
        ["-W", "error", "-x", "--import-mode=importlib", "--strict-markers", "--strict-config"],
        ["-n", "2", "--dist", "worksteal", "-W", "error"],
        ["--cov", "--cov-report="],
    ],
    ids=" ".join,
)
def test_a_sound_stage_passes_and_a_line_sums_up(repository, arguments):
    done = repository.pytest(*SOME, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "conformance: 1 stage: 2 passed\n" in done.stdout
    assert "arning" not in done.stdout + done.stderr


def test_processes_of_a_stage_are_gone_when_its_last_check_is_done(repository):
    repository.write(
        "conftest.py",
        "import pathlib, tempfile\n\n"
        "def pytest_runtest_logfinish(nodeid):\n"
        "    left = list(pathlib.Path(tempfile.gettempdir()).glob('crucible-conformance-*'))\n"
        "    print(nodeid, 'leaves', len(left))\n",
    )
    done = repository.pytest("-s", *SOME)
    assert "crucible::sound::CRU-A01 leaves 1" in done.stdout
    assert "crucible::sound::CRU-E01 leaves 0" in done.stdout


@pytest.mark.parametrize("parallel", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_a_failure_is_its_message_and_nothing_else(repository, parallel):
    repository.declare(FAILING)
    done = repository.pytest("-k", "E01", *parallel)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "Traceback" not in done.stdout
    assert "bound_check" not in done.stdout
    assert "  again:    crucible conformance sound --check CRU-E01" in done.stdout
    assert "conformance: 1 stage: 1 failed\n" in done.stdout


def test_a_module_that_raises_on_import_is_one_failed_item_that_blocks_others(repository):
    (repository.site / "raising.py").write_text("raise RuntimeError('broken')\n")
    repository.declare("raising:Stage")
    done = repository.pytest(*SOME, "-ra")
    assert "CRU-A01 failed" in done.stdout
    assert "broken" in done.stdout
    assert "sound CRU-E01: blocked by CRU-A01" in done.stdout
    assert "1 failed, 1 passed, 1 skipped" in done.stdout.splitlines()[-1]


def test_a_suite_that_there_never_was_does_not_turn_the_checks_off(repository):
    repository.declare(FAILING)
    repository.configure('[tool.crucible.conformance]\nsuite = "0"')
    done = repository.pytest("-k", "configuration or CRU-E01")
    assert "suite '0': give a version that there is: 0.1" in done.stdout
    assert "2 failed" in done.stdout.splitlines()[-1]


WAIVER = '[tool.crucible.conformance.waive."sound:CRU-E01"]\nreason = "to be mended"\nuntil = "2.0"\n'


def test_a_waived_failure_is_expected_with_its_reason(repository):
    repository.declare(FAILING)
    repository.configure(WAIVER)
    done = repository.pytest(*SOME, "-rx")
    assert done.returncode == 0
    assert "sound CRU-E01: waived until 2.0: to be mended" in done.stdout
    assert "1 waived" in done.stdout


def test_a_waived_check_that_passes_fails(repository):
    repository.configure(WAIVER)
    done = repository.pytest(*SOME)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "it passes; take the waiver out" in done.stdout


def test_the_item_configuration_fails_when_waivers_or_what_is_installed_are_out_of_date(repository):
    repository.install(sound="sound:Another")
    repository.configure(WAIVER.replace("2.0", "1.0"))
    done = repository.pytest("-k", "configuration")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "run: pip install -e ." in done.stdout
    assert "it expired (1.0)" in done.stdout


def test_a_stage_of_which_too_little_is_seen_fails_the_session(repository):
    """A waived failure blocks everything that stands on it: nothing fails, and nothing is looked at."""
    repository.declare("sound:Missing")
    repository.configure(WAIVER.replace("E01", "A01"))
    done = repository.pytest("tests")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "required checks had anything to look at" in done.stdout
    assert repository.pytest("-k", "A01").returncode == 0


@pytest.mark.parametrize("pyproject", [None, '[project]\nname = "other"\n'])
def test_elsewhere_nothing_of_the_core_is_imported(tmp_path, pyproject):
    if pyproject is not None:
        (tmp_path / "pyproject.toml").write_text(pyproject)
    (tmp_path / "test_other.py").write_text(
        "import sys\n\ndef test_it():\n"
        "    loaded = {name for name in sys.modules if name.startswith('crucible_core.')}\n"
        "    assert loaded <= {'crucible_core.testing', 'crucible_core.testing.pytest_plugin',\n"
        "                      'crucible_core.testing.pytest_arguments'}\n"
        "    assert 'pydantic' not in sys.modules\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "conformance" not in done.stdout


def test_titles_are_shown_in_the_tree_and_kept_in_junit_xml(repository):
    title = all_checks()["CRU-A01"].title
    assert f"<Check CRU-A01: {title}>" in repository.pytest("--collect-only", "-k", "A01").stdout
    repository.pytest("-k", "A01", "--junit-xml", "report.xml")
    assert f'<property name="title" value="{title}"' in (repository.directory / "report.xml").read_text()
