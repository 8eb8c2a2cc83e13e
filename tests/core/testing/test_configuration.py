"""``[tool.crucible.conformance]``: what it may say, when waivers hold, and which checks only advise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import faulty_running
import pytest
from sound import Sound

from crucible_core.testing import Configuration, ConfigurationError, Status, all_checks, run_conformance
from crucible_core.testing.configuration import Waiver, parse_configuration, read_configuration

GIVEN = {"reason": "to be mended", "until": "2.0"}
NEVER = date(9999, 12, 31)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (3, "must be a table"),
        ({"sute": "0.1"}, "unknown key 'sute'; it takes heavy, light, suite, timeout_s, waive"),
        ({"suite": 1}, "suite 1 is of the wrong type"),
        ({"suite": "99.0"}, "give a version that there is: 0.1"),
        ({"suite": "0.0"}, "give a version that there is: 0.1"),
        ({"suite": "0.1.1"}, "give a version that there is: 0.1"),
        ({"suite": "latest"}, "give a version that there is: 0.1"),
        ({"timeout_s": 0}, "give seconds above 0"),
        ({"timeout_s": True}, "give seconds above 0"),
        ({"timeout_s": "30"}, "is of the wrong type"),
        ({"heavy": "torch"}, "is of the wrong type"),
        ({"light": {"torch": " "}}, "light.torch: say why"),
        ({"waive": []}, "is of the wrong type"),
        ({"waive": {"CRU-E01": GIVEN}}, "name it 'stage:CRU-E03'"),
        ({"waive": {"sound:CRU-E77": GIVEN}}, "there is no check 'CRU-E77'"),
        ({"waive": {"sound:E01": GIVEN}}, "there is no check 'E01'"),
        ({"waive": {"sound:CRU-E01": "because"}}, "must be a table"),
        ({"waive": {"sound:CRU-E01": {"until": "2.0"}}}, "it needs a reason"),
        ({"waive": {"sound:CRU-E01": {"reason": " ", "until": "2.0"}}}, "it needs a reason"),
        ({"waive": {"sound:CRU-E01": {"reason": 1, "until": "2.0"}}}, "it needs a reason"),
        ({"waive": {"sound:CRU-E01": {"reason": "so"}}}, "until None: give the last day"),
        ({"waive": {"sound:CRU-E01": {"reason": "so", "until": "some day"}}}, "until 'some day': give the last day"),
        ({"waive": {"sound:CRU-E01": {"reason": "so", "until": 2}}}, "until 2: give the last day"),
        ({"waive": {"sound:CRU-E01": {**GIVEN, "unitl": "3"}}}, "unknown key 'unitl'"),
    ],
)
def test_what_cannot_be_meant_is_an_error_that_says_where(table, said):
    with pytest.raises(ConfigurationError) as caught:
        parse_configuration(table, "pyproject.toml")
    assert str(caught.value).startswith("pyproject.toml: [tool.crucible.conformance")
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["[tool", "\x00", "tool = 3\n[tool.crucible]"])
def test_a_file_that_is_no_toml_is_an_error_that_names_it(tmp_path, text):
    path = tmp_path / "pyproject.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=r"pyproject\.toml: "):
        read_configuration(path)


@pytest.mark.parametrize("text", ["", "tool = 3", "[tool]\ncrucible = 3", "[project]\nname = 'one'"])
def test_a_file_that_says_nothing_to_the_kit_means_the_defaults(tmp_path, text):
    path = tmp_path / "pyproject.toml"
    path.write_text(text)
    assert read_configuration(path) == replace(Configuration(), source=str(path))


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ConfigurationError, match="No such file"):
        read_configuration(tmp_path / "pyproject.toml")


@pytest.mark.parametrize(
    ("until", "version", "today", "expired"),
    [
        (date(2030, 1, 31), "1.0", date(2030, 1, 31), False),
        (date(2030, 1, 31), "1.0", date(2030, 2, 1), True),
        ("1.2", "1.1.9", NEVER, False),
        ("1.2", "1.2", NEVER, True),
        ("1.2", "1.2.0", NEVER, True),
        ("1.2", "1.10", NEVER, True),
        ("1.2", "1.1+local.9", NEVER, False),
        ("1.2", None, NEVER, False),
    ],
)
def test_a_waiver_holds_through_a_day_or_until_a_version(until, version, today, expired):
    assert Waiver("sound", "CRU-E01", "so", until).expired(version, today) is expired


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("2030-01-31", date(2030, 1, 31)),
        (date(2030, 1, 31), date(2030, 1, 31)),
        (datetime(2030, 1, 31, 12, tzinfo=UTC), date(2030, 1, 31)),
        ("1.2", "1.2"),
    ],
)
def test_until_is_a_day_or_a_version(given, read):
    table = {"waive": {"sound:CRU-E01": {"reason": "so", "until": given}}}
    assert parse_configuration(table, "").waivers["sound:CRU-E01"].until == read


def waiving(stage, check="CRU-E01", **given):
    return parse_configuration({"waive": {f"{stage}:{check}": {**GIVEN, **given}}}, "pyproject.toml")


def run(stage, configuration, check="E01"):
    return run_conformance(stage, configuration=configuration, checks=[check])


def test_a_waived_failure_does_not_fail():
    report = run(faulty_running.SaysItFails, waiving("SaysItFails"))
    assert report.passed
    assert report.outcome("E01").status is Status.WAIVED
    assert report.outcome("E01").note == "waived until 2.0: to be mended"
    assert report.outcome("E01").findings


def test_a_waived_check_that_passes_fails():
    report = run(Sound, waiving("Sound"))
    assert not report.passed
    assert "it passes; take the waiver out" in report.outcome("E01").message


def test_an_expired_waiver_waives_nothing_and_is_a_complaint():
    report = run(faulty_running.SaysItFails, waiving("SaysItFails", until="2020-01-01"))
    assert report.outcome("E01").status is Status.FAILED
    assert "it expired (2020-01-01); mend the stage" in report.complaints[0]


def test_a_waiver_of_a_stage_that_is_not_there_is_a_complaint():
    report = run(Sound, waiving("absent"))
    assert "there is no stage 'absent'; there are: Sound" in report.complaints[0]
    assert not report.passed


def test_what_stands_on_a_waived_check_is_blocked_by_it():
    report = run_conformance(faulty_running.SaysItFails, configuration=waiving("SaysItFails"))
    assert {each.note for each in report.of(Status.BLOCKED)} == {"blocked by CRU-E01"}
    assert "CRU-E13, " in report.complaints[0]
    assert "CRU-E12" not in report.complaints[0]  # which is recommended only
    assert "could not run (blocked by CRU-E01), and that is accepted" in report.complaints[0]
    assert "required checks had anything to look at" in report.complaints[1]


def test_one_check_that_cannot_run_is_a_complaint_until_it_is_waived_as_well():
    both = {f"DrawsWithoutSeed:CRU-{each}": GIVEN for each in ("E07", "D07")}
    only, all_of_them = (
        run_conformance(faulty_running.DrawsWithoutSeed, configuration=parse_configuration({"waive": each}, ""))
        for each in ({"DrawsWithoutSeed:CRU-E07": GIVEN}, both)
    )
    said = "CRU-D07 could not run (blocked by CRU-E07), and that is accepted; waive what cannot run as well"
    assert only.complaints == (f"DrawsWithoutSeed: {said}",)
    assert all_of_them.passed, str(all_of_them)
    assert all_of_them.outcome("D07").status is Status.WAIVED
    assert all_of_them.outcome("D07").findings[0].seen == "blocked by CRU-E07"


def test_no_check_at_all_is_a_complaint():
    assert run_conformance(Sound, checks=[]).complaints == ("no check was asked for, so nothing was checked",)


def test_a_check_that_is_newer_than_the_suite_that_is_pinned_only_advises():
    report = run(faulty_running.SaysItFails, Configuration(suite="0.0.9"))
    assert report.passed
    assert report.outcome("E01").status is Status.ADVISED
    assert report.outcome("E01").note == "newer than the suite 0.0.9 that the plugin pins"


@pytest.mark.parametrize(("suite", "newer"), [("0.1", False), ("0.1.0", False), ("0.1.1", False), ("0", True)])
def test_a_pinned_suite_has_the_checks_up_to_its_version(suite, newer):
    assert Configuration(suite=suite).newer("0.1") is newer
    assert all_checks()["CRU-E01"].since == "0.1"
