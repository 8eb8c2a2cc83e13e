"""What ``crucible runs show --json`` prints, as published."""

from __future__ import annotations

from typing import Any, Literal

from crucible_core.trace.payloads import Record


class AttemptRecord(Record):
    """One attempt at a stage, or the skipping of it; times between the run's processes are left out."""

    stage: str
    attempt: int | None
    outcome: Literal["succeeded", "failed", "cancelled", "interrupted", "skipped", "running"]
    session: int
    began_s: float
    duration_s: float
    started_at: str
    reason: str | None


class SessionRecord(Record):
    """One process that worked on the run; ``status`` is null where it did not live to say how it ended."""

    started_at: str
    began_s: float
    duration_s: float
    status: str | None


class RunView(Record):
    """What ``crucible runs show --json`` prints.

    ``status`` is how the run is doing as seen now, ``source`` the file that told the manifest, ``active_s`` how long
    the run's processes worked on it. A manifest of an older version may lack keys of ``run_manifest``.
    """

    schema_version: Literal["1.0"]
    run: str
    directory: str
    status: str
    tags: list[str]
    source: Literal["manifest.json", "telemetry.jsonl"]
    notes: list[str]
    active_s: float
    sessions: list[SessionRecord]
    timeline: list[AttemptRecord]
    manifest: dict[str, Any]
