"""What ``crucible runs delete --json`` and ``gc --json`` print, as published."""

from __future__ import annotations

from typing import Literal

from crucible_core.trace.payloads import Record


class DeletedRun(Record):
    """One run that was deleted."""

    run: str
    directory: str
    bytes: int


class RunDeletion(Record):
    """What ``crucible runs delete --json`` prints."""

    schema_version: Literal["1.0"]
    deleted: list[DeletedRun]
    bytes: int


class RemovedRecord(Record):
    """Something that was removed: what a killed process left, a value that nothing refers to, or a run."""

    kind: Literal["leftover", "object", "run"]
    path: str
    bytes: int
    reason: str


class NotRemoved(Record):
    """Something that could not be removed."""

    path: str
    reason: str


class RunCollection(Record):
    """What ``crucible runs gc --json`` prints; with ``dry_run`` what would be removed."""

    schema_version: Literal["1.0"]
    dry_run: bool
    removed: list[RemovedRecord]
    bytes: int
    failed: list[NotRemoved]
    notes: list[str]
