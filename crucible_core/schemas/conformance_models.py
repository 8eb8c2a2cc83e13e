"""What ``crucible conformance`` prints with ``--json``, as published."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from crucible_core.trace.payloads import Record

LevelName = Literal["required", "recommended", "advisory"]
CheckId = Annotated[str, Field(pattern="^CRU-[A-Z][0-9]{2}$")]
Count = Annotated[int, Field(ge=0)]


class FindingRecord(Record):
    """One way in which a stage departs from what a check asks."""

    expected: str
    seen: str


class OutcomeRecord(Record):
    """What came of one check on one stage; ``note`` says why it was waived, blocked or not applicable."""

    stage: str
    entry_point: str
    distribution: str | None
    version: str | None
    check: CheckId
    title: str
    level: LevelName
    status: Literal["passed", "failed", "advised", "waived", "blocked", "not_applicable"]
    findings: list[FindingRecord]
    note: str
    seconds: Annotated[float, Field(ge=0)]
    reproduce: str
    page: str


class StatusCounts(Record):
    """How many checks ended how."""

    passed: Count
    failed: Count
    advised: Count
    waived: Count
    blocked: Count
    not_applicable: Count


class ConformanceReport(Record):
    """What ``crucible conformance --json`` prints; ``complaints`` fail besides checks, ``notes`` are of weak traits."""

    schema_version: Literal["1.0"]
    suite: str
    passed: bool
    stages: list[str]
    counts: StatusCounts
    complaints: list[str]
    notes: list[str]
    outcomes: list[OutcomeRecord]


class CheckRecord(Record):
    """A check of the kit; ``after`` are those without whose success it is blocked."""

    id: CheckId
    title: str
    group: str
    level: LevelName
    since: str
    after: list[CheckId]
    page: str


class ConformanceChecks(Record):
    """What ``crucible conformance --list --json`` prints."""

    schema_version: Literal["1.0"]
    suite: str
    checks: list[CheckRecord]
