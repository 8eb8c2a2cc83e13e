"""Checks bound to a test function."""

from __future__ import annotations

import pytest

from crucible_core.testing import ConfigurationError, all_checks, conformance

OWN = """
import os
import pytest
from crucible_core import StageExample
from crucible_core.testing import conformance
from faulty_running import SaysItFails
from sound import ROWS, Sound


@pytest.fixture
def variable(monkeypatch):
    monkeypatch.setenv("SOME_VARIABLE", "1")


@conformance(Sound, "faulty_running:SaysItFails", checks=["A01", "E01"])
def test_classes(check, variable):
    assert os.environ["SOME_VARIABLE"]
    assert check().check.id in ("CRU-A01", "CRU-E01")


@conformance(Sound, checks=["E01"], examples=[StageExample("Another.", options={"field": "nosuch"}, outputs=ROWS)])
def test_examples(check):
    check()


@conformance(SaysItFails, checks=["E01"], configuration="pyproject.toml")
def test_configured(check):
    check()


def test_local():
    class Local(Sound):
        pass

    for parameter in conformance(Local, checks=["E01"]).args[1]:
        parameter.values[0]()
"""
WAIVER = '[tool.crucible.conformance.waive."SaysItFails:CRU-E01"]\nreason = "to be mended"\nuntil = "2.0"\n'


@pytest.fixture
def own(repository):
    repository.write("pyproject.toml", WAIVER)
    repository.write("tests/test_own.py", OWN)
    return repository


def test_the_ids_are_of_class_and_check(own):
    assert own.collected("tests/test_own.py") == [
        f"test_own.py::{each}"
        for each in (
            "test_classes[Sound-CRU-A01]",
            "test_classes[Sound-CRU-E01]",
            "test_classes[SaysItFails-CRU-A01]",
            "test_classes[SaysItFails-CRU-E01]",
            "test_examples[Sound-CRU-E01]",
            "test_configured[configuration]",
            "test_configured[SaysItFails-CRU-E01]",
            "test_local",
        )
    ]


@pytest.mark.parametrize("arguments", [[], ["-p", "no:crucible"], ["-n", "2"]], ids=" ".join)
def test_each_check_is_a_test_that_tells_its_message_alone(own, arguments):
    done = own.pytest("-v", "-rA", "-W", "error", "tests/test_own.py", *arguments)
    assert "2 failed, 5 passed, 1 xfailed" in done.stdout.splitlines()[-1]
    failed = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("FAILED ")}
    tests = ("test_classes[SaysItFails-CRU-E01]", "test_examples[Sound-CRU-E01]")
    assert failed == {f"tests/test_own.py::{test}" for test in tests}
    assert "SaysItFails CRU-E01: waived until 2.0: to be mended" in done.stdout
    assert "def test_classes" not in done.stdout
    assert not list((own.site / "tmp").glob("crucible-conformance-*"))


def test_waivers_out_of_date_fail_a_test_of_their_own(own):
    own.write("pyproject.toml", WAIVER.replace("2.0", "2020-01-01") + WAIVER.replace("SaysItFails", "Absent"))
    done = own.pytest("-k", "configuration")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "it expired (2020-01-01)" in done.stdout
    assert "there is no stage 'Absent'" in done.stdout


def test_a_configuration_that_cannot_be_used_fails_a_test_of_its_own(tmp_path):
    path = tmp_path / "pyproject.toml"
    path.write_text("[tool.crucible]\nconformance = 3\n")
    mark = conformance("sound:Sound", configuration=path)
    complaints = mark.args[1][0].values[0]
    assert "must be a table" in complaints.found[0]
    assert ConfigurationError.__name__ not in complaints.found[0]
    assert len(mark.args[1]) == len(all_checks()) + 1


def test_without_a_stage_it_is_refused():
    with pytest.raises(ValueError, match="at least one stage"):
        conformance()


WRONG = """
from crucible_core.testing import conformance


@conformance("no-such-dist")
def test_nothing(check):
    check()


@conformance("sound:Sound", checks=[])
def test_no_check(check):
    check()


@conformance("sound:Sound", checks=["E99"])
def test_unknown_check(check):
    check()


def test_another():
    pass
"""


def test_a_name_of_nothing_and_no_check_are_one_failed_test_each(own):
    own.write("tests/test_own.py", WRONG)
    done = own.pytest("-W", "error", "tests/test_own.py")
    assert "3 failed, 1 passed" in done.stdout.splitlines()[-1]
    assert "no installed plugin or stage is called 'no-such-dist'" in done.stdout
    assert "no check was asked for, so nothing was checked" in done.stdout
    assert "there is no check 'E99'" in done.stdout
