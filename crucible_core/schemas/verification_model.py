"""What ``crucible runs verify --json`` prints, as published."""

from __future__ import annotations

from typing import Literal

from crucible_core.trace.payloads import Record


class CheckRecord(Record):
    """What became of one thing that the record of a run names."""

    kind: Literal["journal", "manifest", "spec", "tags", "artifact", "object", "checkpoint", "dataset", "input"]
    name: str
    outcome: Literal["ok", "changed", "missing", "not_checkable"]
    reason: str | None


class RunVerification(Record):
    """What ``crucible runs verify --json`` prints; ``sound`` is whether nothing was changed or is missing."""

    schema_version: Literal["1.0"]
    run: str
    directory: str
    status: str
    sound: bool
    checks: list[CheckRecord]
