"""A description that the core cannot use: the check of that fault fails, and those that stand on it say so."""

from __future__ import annotations

import pytest
from plain import Plain, said

from crucible_core.testing import Status, run_conformance
from crucible_core.testing.check import BlockedError
from crucible_core.testing.configuration import Configuration
from crucible_core.testing.suite import StageRun
from crucible_core.testing.target import find_targets


class TwoFaults(Plain):
    def describe(self, options=None):
        return said(version="", types={"bound": "float"}, description="TODO")


def test_every_fault_of_a_description_is_found_at_once():
    report = run_conformance("faulty_descriptions:OptionWithoutType", checks=["C"])
    assert [each.check.id for each in report.failures] == ["CRU-C04"]
    report = run_conformance(TwoFaults, checks=["C02", "C03", "C04", "C10"])
    assert {each.check.id for each in report.failures} == {"CRU-C03", "CRU-C04", "CRU-C10"}


@pytest.mark.parametrize(
    ("stage", "owner"),
    [
        ("faulty_descriptions:SaysNothing", "CRU-C03"),
        ("faulty_descriptions:OptionListedTwice", "CRU-C04"),
        ("faulty_descriptions:DefaultOfAnotherType", "CRU-C05"),
        ("faulty_descriptions:UnknownTrait", "CRU-C02"),
    ],
)
def test_what_needs_the_description_is_blocked_by_the_check_of_its_fault(stage, owner):
    found = run_conformance(stage, checks=["E01"]).outcome("E01")
    assert (found.status, found.note) == (Status.BLOCKED, f"blocked by {owner}")


def test_a_check_that_is_in_the_way_of_itself_fails():
    (target,) = find_targets("plain:Plain")
    run = StageRun(target, Configuration())
    try:
        error = BlockedError("something nobody knows", ["C02", "C04"])
        status, (finding,), _ = run._blocked(run_check("E01"), error.by, str(error))
    finally:
        run.close()
    assert status is Status.FAILED
    assert finding.seen == "something nobody knows"


def run_check(number):
    from crucible_core.testing import all_checks

    return all_checks()[f"CRU-{number}"]
