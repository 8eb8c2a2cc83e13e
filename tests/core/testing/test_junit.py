"""JUnit XML of a report."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from crucible_core.testing import Finding, Outcome, Report, Status, all_checks
from crucible_core.testing.junit import junit_xml
from crucible_core.testing.target import Target

TARGET = Target("named", "module:Named", "owner", "1.0")
CHECK = all_checks()["CRU-E01"]


def parsed(*outcomes, complaints=()):
    return ET.fromstring(junit_xml(Report(tuple(outcomes), complaints, (TARGET,))))


def outcome(status, seen="", note=""):
    return Outcome(TARGET, CHECK, status, (Finding("nothing", seen),) if seen else (), note, seconds=1.5)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x00\x1b[31m", "\\x00\\x1b[31m"),
        ("\ud800", "\\ud800"),
        ("\uffff", "\\uffff"),
        ("<&> ]]> \"'", "<&> ]]> \"'"),
        ("日本 \U0001f600\ttab", "日本 \U0001f600\ttab"),
    ],
)
def test_whatever_a_stage_says_is_valid_xml(text, shown):
    (failure,) = parsed(outcome(Status.FAILED, text)).iter("failure")
    assert f"seen:     {shown}\n" in failure.text


@pytest.mark.parametrize(
    ("status", "failures", "skipped"),
    [
        (Status.PASSED, "0", "0"),
        (Status.FAILED, "1", "0"),
        (Status.ADVISED, "0", "1"),
        (Status.WAIVED, "0", "1"),
        (Status.BLOCKED, "0", "1"),
        (Status.NOT_APPLICABLE, "0", "1"),
    ],
)
def test_what_counts_as_what(status, failures, skipped):
    root = parsed(outcome(status, note="why"))
    for each in (root, root[0]):
        assert (each.get("tests"), each.get("failures"), each.get("skipped")) == ("1", failures, skipped)
    assert root[0].get("time") == "1.500"


def test_complaints_are_failures_of_their_own():
    root = parsed(complaints=("no stage was found",))
    assert root.get("failures") == "1"
    assert next(root.iter("failure")).text == "no stage was found"
