"""What came of all checks that a session of pytest ran, in whatever process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crucible_core.testing.check import Finding, all_checks
from crucible_core.testing.outcome import Outcome, Report, Status
from crucible_core.testing.suite import too_few
from crucible_core.testing.target import Target


def summed_up(documents: Iterable[Mapping[str, Any]]) -> Report:
    """Return a report of outcomes, given as JSON values; of a check that ran twice, the last one.

    Its complaints are of stages all checks of which ran, and of which too little was seen.
    """
    latest: dict[tuple[Target, str], Outcome] = {}
    for document in documents:
        outcome = _outcome(document)
        latest[outcome.target, outcome.check.id] = outcome
    targets = tuple(dict.fromkeys(target for target, _ in latest))
    complaints: list[str] = []
    for target in targets:
        of_target = [outcome for outcome in latest.values() if outcome.target == target]
        if len(of_target) == len(all_checks()):
            complaints.extend(too_few(target, of_target))
    return Report(tuple(latest.values()), tuple(complaints), targets)


def _outcome(document: Mapping[str, Any]) -> Outcome:
    target = Target(document["stage"], document["entry_point"], document["distribution"], document["version"])
    findings = tuple(Finding(each["expected"], each["seen"]) for each in document["findings"])
    check = all_checks()[document["check"]]
    return Outcome(target, check, Status(document["status"]), findings, document["note"], document["seconds"])
