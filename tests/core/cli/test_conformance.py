"""``crucible conformance``: what it takes, prints, writes, and ends with."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree as ET

import pytest

from crucible_core.schemas.conformance_models import ConformanceChecks, ConformanceReport
from crucible_core.testing import all_checks
from crucible_core.testing.documentation import page

SOUND = """
    from crucible_core import Stage, StageExample

    class Fine(Stage):
        "Do nothing, well."

        name = "fine"
        version = "1.0.0"
        examples = (StageExample("Nothing."),)

        def run(self, context, options):
            return context

    class Wrong(Fine):
        "Say that it fails."

        name = "wrong"
        errors = {"never": "It does not happen."}
        examples = (StageExample("Nothing."), StageExample("A failure.", raises="never"))
"""
SOME = ("--check", "E01")


@pytest.fixture
def plugged(install, project):
    """A distribution of two stages, installed, whose pyproject.toml is in the working directory."""
    stages = {"fine": "plug_in:Fine", "wrong": "plug_in:Wrong"}
    install("plug-in", SOUND, stages=stages)
    lines = [f'{name} = "{value}"' for name, value in stages.items()]
    declared = '[project]\nname = "Plug_In"\n[project.entry-points."crucible.stages"]\n' + "\n".join(lines)
    (project / "pyproject.toml").write_text(f"{declared}\n")
    return project / "pyproject.toml"


@pytest.mark.parametrize(
    ("targets", "code", "summary"),
    [
        (["fine"], 0, "1 stage: 1 passed"),
        (["plug-in:fine"], 0, "1 stage: 1 passed"),
        (["plug_in:Fine"], 0, "1 stage: 1 passed"),
        (["wrong"], 5, "1 stage: 1 failed"),
        (["plug-in"], 5, "2 stages: 1 passed, 1 failed"),
        (["fine", "report"], 0, "2 stages: 2 passed"),
        ([], 5, "2 stages: 1 passed, 1 failed"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_target_is_a_stage_a_distribution_a_class_or_what_is_here(crucible, plugged, targets, code, summary):
    done = crucible("conformance", *targets, *SOME)
    assert (done.code, done.err) == (code, "")
    assert done.out.splitlines()[-1] == summary


def test_a_failure_is_told_in_full(crucible, plugged):
    said = crucible("conformance", "wrong", *SOME).out
    assert said.startswith(
        f"CRU-E01 failed: {all_checks()['CRU-E01'].title}\n  stage:    wrong (plug_in:Wrong, plug-in 1.0)"
    )
    assert "  expected: the example 'A failure.' to fail with 'never'\n  seen:     it succeeds\n" in said
    assert "  again:    crucible conformance wrong --check CRU-E01\n" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nosuch"], "no installed plugin or stage is called 'nosuch'"),
        (["nosuch.stages:Thing"], "no installed plugin or stage is called 'nosuch.stages:Thing'"),
        (["fine", "--check", "Q1"], "there is no check 'Q1'"),
        (["--explain", "CRU-Q01"], "there is no check 'CRU-Q01'"),
        (["fine", "--config", "nosuch.toml"], "nosuch.toml"),
        (["fine", "--config", "other.toml"], "other.toml"),
        (["fine", "--timeout", "0"], "--timeout"),
        (["fine", "--jobs", "0"], "--jobs"),
        (["fine", "--junit", "nowhere/report.xml"], "cannot write nowhere/report.xml"),
        (["fine", "--junit", "."], "--junit"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_meant_is_a_usage_error_and_runs_nothing(crucible, plugged, arguments, said):
    (plugged.parent / "other.toml").write_text("[tool.crucible.conformance]\nsuite = 3\n")
    done = crucible("conformance", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    told = crucible("conformance", *arguments, "--json")
    assert (told.code, told.err) == (2, "")
    assert said in told.json["error"]["message"]


def test_without_a_target_and_a_distribution_it_says_what_to_give(crucible, project):
    done = crucible("conformance")
    assert done.code == 2
    assert "give a stage, a distribution or module:Class" in done.err


def test_what_is_declared_here_and_not_installed_fails(crucible, plugged):
    with plugged.open("a") as file:
        file.write('more = "plug_in:More"\n')
    done = crucible("conformance", *SOME)
    assert done.code == 5
    assert "more: plug_in:More in pyproject.toml, not a stage in what is installed" in done.out


WAIVER = '[tool.crucible.conformance.waive."wrong:CRU-E01"]\nreason = "to be mended"\nuntil = "2.0"\n'


def test_a_class_of_no_distribution_goes_by_the_pyproject_of_none(crucible, plugged):
    waiver = WAIVER.replace("wrong:", "Wrong:")
    (plugged.parent / "unplugged.py").write_text(dedent(SOUND))
    plugged.write_text(waiver)
    done = crucible("conformance", "unplugged:Wrong", *SOME)
    assert done.code == 0, done.out
    assert "waived until 2.0: to be mended" in done.out
    plugged.write_text(f'[project]\nname = "another"\n{waiver}')
    assert crucible("conformance", "unplugged:Wrong", *SOME).code == 5


def test_waivers_come_from_the_pyproject_of_the_stages_distribution(crucible, plugged):
    with plugged.open("a") as file:
        file.write(WAIVER)
    for targets in (["wrong"], ["plug-in"], []):
        done = crucible("conformance", *targets, *SOME)
        assert done.code == 0, done.out
        assert "waived until 2.0: to be mended" in done.out


def test_waivers_of_the_distributions_other_stages_are_no_complaint(crucible, plugged):
    with plugged.open("a") as file:
        file.write(WAIVER)
    assert crucible("conformance", "fine", *SOME).code == 0


def test_the_configuration_of_an_editable_install_is_found_from_elsewhere(crucible, plugged, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    plugged.rename(source / "pyproject.toml")
    with (source / "pyproject.toml").open("a") as file:
        file.write(WAIVER)
    assert crucible("conformance", "wrong", *SOME).code == 5
    origin = {"url": source.as_uri(), "dir_info": {"editable": True}}
    (tmp_path / "site" / "plug_in-1.0.dist-info" / "direct_url.json").write_text(json.dumps(origin))
    assert crucible("conformance", "wrong", *SOME).code == 0


def test_config_goes_before_what_is_found(crucible, plugged):
    (plugged.parent / "other.toml").write_text(WAIVER)
    assert crucible("conformance", "wrong", *SOME, "--config", "other.toml").code == 0
    assert crucible("conformance", *SOME, "--config", "other.toml").code == 0


def test_a_waiver_is_strict(crucible, plugged):
    with plugged.open("a") as file:
        file.write(WAIVER.replace("wrong", "fine"))
    done = crucible("conformance", "fine", *SOME)
    assert done.code == 5
    assert "it passes; take the waiver out" in done.out


def test_what_a_check_stands_on_is_told_when_it_fails(crucible, plugged):
    done = crucible("conformance", "plug_in:Missing", *SOME)
    assert done.code == 5
    assert "CRU-A01 failed" in done.out
    assert "blocked by CRU-A01" in done.out


def test_a_check_that_is_blocked_by_what_is_waived_is_not_taken_for_passed(crucible, plugged):
    (plugged.parent / "other.toml").write_text(WAIVER.replace("wrong", "Missing").replace("E01", "A01"))
    done = crucible("conformance", "plug_in:Missing", *SOME, "--config", "other.toml")
    assert done.code == 5
    assert "CRU-E01 could not run" in done.out


def test_json_is_as_published(crucible, plugged):
    done = crucible("conformance", "plug-in", *SOME, "--json")
    assert (done.code, done.err) == (5, "")
    report = ConformanceReport.model_validate_json(done.out)
    assert (report.passed, report.stages, report.counts.failed) == (False, ["fine", "wrong"], 1)
    (failed,) = [each for each in report.outcomes if each.status == "failed"]
    assert (failed.stage, failed.findings[0].seen) == ("wrong", "it succeeds")


def test_the_list_of_checks(crucible):
    lines = crucible("conformance", "--list").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == sorted(all_checks())
    document = ConformanceChecks.model_validate_json(crucible("conformance", "--list", "--json").out)
    assert [each.id for each in document.checks] == sorted(all_checks())


@pytest.mark.parametrize("name", ["CRU-E01", "e01"])
def test_explain_prints_the_page(crucible, name):
    done = crucible("conformance", "--explain", name)
    assert (done.code, done.out) == (0, page(all_checks()["CRU-E01"]))


def test_junit_has_a_suite_for_each_stage_and_a_case_for_each_check(crucible, plugged, tmp_path):
    (tmp_path / "site" / "raising.py").write_text("raise RuntimeError('\\x00 <&>')\n")
    done = crucible("conformance", "plug-in", "raising:Stage", *SOME, "--junit", "report.xml")
    assert done.code == 5
    suites = {suite.get("name"): suite for suite in ET.parse("report.xml").getroot()}
    assert {name: suite.get("failures") for name, suite in suites.items()} == {"fine": "0", "wrong": "1", "Stage": "1"}
    (failure,) = suites["wrong"].iter("failure")
    assert "it succeeds" in failure.text
    assert [case.get("name").split()[0] for case in suites["Stage"]] == ["CRU-A01", "CRU-E01"]
    assert next(suites["Stage"].iter("skipped")).text == "blocked by CRU-A01"
    assert all(float(case.get("time")) >= 0 for suite in suites.values() for case in suite)


def test_a_report_that_cannot_be_written_leaves_what_was_there(crucible, plugged):
    Path("report.xml").write_text("before")
    crucible("conformance", "nosuch", "--junit", "report.xml")
    assert Path("report.xml").read_text() == "before"


HANGS = """
    import time

    class Hangs:
        def describe(self, options=None):
            open("began", "w").close()
            time.sleep(600)

        def run(self, context, options):
            return context
"""


def test_a_stage_that_hangs_fails_in_the_time_given(crucible, install):
    install("slow", HANGS, stages={"hangs": "slow:Hangs"})
    done = crucible("conformance", "hangs", "--check", "C01", "--timeout", "1")
    assert done.code == 5
    assert "it was not done after 1 s and was killed" in done.out


def test_an_interrupt_ends_it_at_once_and_leaves_no_process(project, install, tmp_path):
    install("slow", HANGS, stages={"hangs": "slow:Hangs"})
    tmp = tmp_path / "tmp"
    tmp.mkdir()
    running = subprocess.Popen(
        [sys.executable, "-m", "crucible_core", "conformance", "hangs", "--check", "C01"],
        env={"PATH": "", "PYTHONPATH": str(tmp_path / "site"), "TMPDIR": str(tmp)},
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not list(tmp.rglob("began")):
        assert time.monotonic() < deadline
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=20)
    assert (running.returncode, said.strip().splitlines()[-1]) == (130, "crucible: interrupted")
    assert not list(tmp.glob("crucible-conformance-*"))
