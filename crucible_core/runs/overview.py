"""All that is known of one run, for ``crucible runs show``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import as_record
from crucible_core.runs.recorded import RecordedRun, read_run
from crucible_core.runs.tags import TagsError, spec_tags, tags_of
from crucible_core.runs.timeline import Timeline, read_timeline
from crucible_core.trace.jsonl import JournalError

if TYPE_CHECKING:
    from crucible_core.runs.directory import RunDirectory

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True)
class Overview:
    """A run, and when its stages did what.

    Args:
        run: What its record says.
        timeline: Its stages in time; empty where the journal cannot be read.
        notes: What the record lacks.
        tags: Those of its experiment, and what was said about them afterwards.
    """

    run: RecordedRun
    timeline: Timeline
    notes: tuple[str, ...]
    tags: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return what ``crucible runs show --json`` prints."""
        return {
            "schema_version": SCHEMA_VERSION,
            "run": self.run.label,
            "directory": str(self.run.directory.path),
            "status": self.run.status,
            "tags": list(self.tags),
            "source": self.run.source,
            "notes": list(self.notes),
            "active_s": round(self.timeline.duration_s, 6),
            "sessions": [each.to_dict() for each in self.timeline.sessions],
            "timeline": [each.to_dict() for each in self.timeline.attempts],
            "manifest": as_record(self.run.manifest),
        }


def overview(directory: RunDirectory) -> Overview:
    """Read a run and its timeline.

    Raises:
        UnreadableRunError: Neither its manifest nor its journal can be read.
    """
    run = read_run(directory)
    notes, timeline, tags = list(run.notes), Timeline(), spec_tags(run.manifest)
    try:
        timeline = read_timeline(directory.journal, running=run.status == "running")
    except JournalError as error:
        notes.append(f"there is no timeline: {error}")
    try:
        tags = tags_of(directory.path, run.manifest)
    except TagsError as error:
        notes.append(f"its tags are those of its experiment: {error}")
    return Overview(run, timeline, tuple(notes), tuple(tags))
