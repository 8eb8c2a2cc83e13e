"""A report as JUnit XML, which continuous integration reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from crucible_core.testing.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crucible_core.testing.outcome import Outcome, Report

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SKIPPED = frozenset({Status.ADVISED, Status.WAIVED, Status.BLOCKED, Status.NOT_APPLICABLE})


def junit_xml(report: Report) -> bytes:
    """Return a report as JUnit XML: a suite for each stage, and one for complaints where there are any.

    A check that is blocked, waived, not applicable or only advises counts as skipped, with its text.
    """
    root = Element("testsuites", name="crucible conformance")
    if report.complaints:
        suite = SubElement(root, "testsuite", name="configuration")
        for number, complaint in enumerate(report.complaints, start=1):
            case = SubElement(suite, "testcase", classname="configuration", name=f"complaint {number}", time="0.000")
            _told(case, "failure", complaint)
        _count(suite, [], failures=len(report.complaints))
    for target in report.targets:
        outcomes = [each for each in report.outcomes if each.target == target]
        suite = SubElement(root, "testsuite", name=_plain(target.name))
        for outcome in outcomes:
            _add_case(suite, outcome)
        failures = sum(each.status is Status.FAILED for each in outcomes)
        _count(suite, outcomes, failures=failures)
    for key in ("tests", "failures", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _add_case(suite: Element, outcome: Outcome) -> None:
    name = f"{outcome.check.id} {outcome.check.title}"
    where = f"crucible.{_plain(outcome.target.name)}"
    case = SubElement(suite, "testcase", classname=where, name=_plain(name), time=f"{outcome.seconds:.3f}")
    if outcome.status is Status.FAILED:
        _told(case, "failure", outcome.message)
    elif outcome.status in _SKIPPED:
        _told(case, "skipped", outcome.message if outcome.findings else outcome.note)


def _told(case: Element, tag: str, text: str) -> None:
    """Add what is to be read: its first line as the message, all of it as the text."""
    told = SubElement(case, tag, message=_plain(text.partition("\n")[0]))
    told.text = _plain(text)


def _count(suite: Element, outcomes: Sequence[Outcome], *, failures: int) -> None:
    skipped = sum(each.status in _SKIPPED for each in outcomes)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(failures))
    suite.set("errors", "0")
    suite.set("skipped", str(skipped))
    suite.set("time", f"{sum(each.seconds for each in outcomes):.3f}")


def _plain(text: str) -> str:
    """Return a text with what XML cannot hold written as Python escapes it."""
    return _FORBIDDEN.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode("ascii"), text)
