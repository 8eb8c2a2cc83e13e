"""What came of checks: an outcome for each stage and check, and a report of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crucible_core.testing.check import Level

if TYPE_CHECKING:
    from crucible_core.testing.check import Check, Finding
    from crucible_core.testing.target import Target

SCHEMA_VERSION = "1.0"


class Status(StrEnum):
    """What came of one check on one stage."""

    PASSED = "passed"
    FAILED = "failed"
    """It fails, and is required."""
    ADVISED = "advised"
    """It fails, and is recommended or advisory, or newer than the suite that the plugin pins."""
    WAIVED = "waived"
    """It fails, and the plugin's configuration says why that is accepted for the time being."""
    BLOCKED = "blocked"
    """It could not run, because another check that it stands on did not pass."""
    NOT_APPLICABLE = "not_applicable"
    """The stage has nothing that it looks at."""


RAN = frozenset({Status.PASSED, Status.FAILED, Status.ADVISED, Status.WAIVED})
"""Statuses of checks that looked at something."""


@dataclass(frozen=True)
class Outcome:
    """What came of one check on one stage.

    Args:
        target: The stage.
        check: The check.
        status: What came of it.
        findings: What it found; empty where it passed.
        note: Why it was blocked, waived or not applicable; else empty.
        seconds: Wall time it took.
    """

    target: Target
    check: Check
    status: Status
    findings: tuple[Finding, ...] = ()
    note: str = ""
    seconds: float = 0.0

    @property
    def message(self) -> str:
        """Everything a person needs to act on it, in several lines."""
        from crucible_core.testing.messages import outcome_message

        return outcome_message(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as JSON values."""
        return {
            "stage": self.target.name,
            "entry_point": self.target.value,
            "distribution": self.target.distribution,
            "version": self.target.version,
            "check": self.check.id,
            "title": self.check.title,
            "level": self.check.level.value,
            "status": self.status.value,
            "findings": [{"expected": each.expected, "seen": each.seen} for each in self.findings],
            "note": self.note,
            "seconds": round(self.seconds, 3),
            "reproduce": self.target.command(self.check.id),
            "page": self.check.page,
        }


@dataclass(frozen=True)
class Report:
    """What came of all checks on all stages.

    Args:
        outcomes: One for each stage and check, in order.
        complaints: What is wrong besides: no stage found, too few checks ran, waivers that are out of date.
        targets: The stages that were to be checked.
        notes: What a user of the stages should know: traits that are weaker than the default, each with its reason.
    """

    outcomes: tuple[Outcome, ...]
    complaints: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every stage conforms and the kit ran as it should."""
        return not self.complaints and not self.failures

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """The required checks that failed."""
        return self.of(Status.FAILED)

    def of(self, *statuses: Status) -> tuple[Outcome, ...]:
        """Return the outcomes with one of these statuses."""
        return tuple(each for each in self.outcomes if each.status in statuses)

    def outcome(self, check_id: str, stage: str | None = None) -> Outcome:
        """Return what came of one check, on the stage of that name or the only one.

        Raises:
            KeyError: It was not among those that ran.
        """
        for each in self.outcomes:
            if each.check.id in (check_id, f"CRU-{check_id}") and stage in (None, each.target.name):
                return each
        raise KeyError(f"no outcome of {check_id} on {stage or 'any stage'}")

    @property
    def summary(self) -> str:
        """One line: how many stages, and how many checks ended how."""
        counts = Counter(each.status for each in self.outcomes)
        parts = [f"{counts[status]} {status.value.replace('_', ' ')}" for status in Status if counts[status]]
        stages = len(self.targets)
        return f"{stages} stage{'' if stages == 1 else 's'}: {', '.join(parts) or 'no check ran'}"

    def raise_for_failures(self) -> Report:
        """Return the report where everything conforms.

        Raises:
            AssertionError: It does not; the message holds every failure.
        """
        if not self.passed:
            raise AssertionError("\n\n".join([*self.complaints, *(each.message for each in self.failures)]))
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values, as in ``docs/schemas/conformance.schema.json``."""
        from crucible_core.testing.check import SUITE_VERSION

        counts = Counter(each.status for each in self.outcomes)
        return {
            "schema_version": SCHEMA_VERSION,
            "suite": SUITE_VERSION,
            "passed": self.passed,
            "stages": [each.name for each in self.targets],
            "counts": {status.value: counts[status] for status in Status},
            "complaints": list(self.complaints),
            "notes": list(self.notes),
            "outcomes": [each.to_dict() for each in self.outcomes],
        }

    def __str__(self) -> str:
        parts = [*self.complaints, *(each.message for each in self.of(Status.FAILED, Status.ADVISED))]
        return "\n\n".join([*parts, "\n".join([*self.notes, self.summary])])


def status_of_failure(check: Check, *, newer: bool) -> Status:
    """Return what a check that found something comes to, where nobody waives it.

    Args:
        check: The check.
        newer: Whether it is newer than the suite that the plugin pins.
    """
    return Status.FAILED if check.level is Level.REQUIRED and not newer else Status.ADVISED


def joined(reports: Iterable[Report]) -> Report:
    """Return one report of several."""
    given = list(reports)
    return Report(
        tuple(outcome for each in given for outcome in each.outcomes),
        tuple(dict.fromkeys(complaint for each in given for complaint in each.complaints)),
        tuple(target for each in given for target in each.targets),
        tuple(note for each in given for note in each.notes),
    )
