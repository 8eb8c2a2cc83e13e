"""One thing that happened in a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

SCHEMA_VERSION = "1.0"


class Event(NamedTuple):
    """An event as observers get it; its payload is made of JSON values and is not to be changed.

    Args:
        seq: Position in the run, from 1; the line number in ``telemetry.jsonl``.
        timestamp: ISO 8601 in UTC, with microseconds.
        event_name: One of `crucible_core.contract.event_names.EVENT_NAMES`, or a plugin's own.
        run_id: Id of the run.
        experiment_id: Id of the experiment.
        stage: Id of the stage, None for events of the run.
        attempt: Which try at the stage, from 1; None for events of the run.
        payload: What happened; one schema per event name.
    """

    seq: int
    timestamp: str
    event_name: str
    run_id: str
    experiment_id: str
    stage: str | None
    attempt: int | None
    payload: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the event as the line of ``telemetry.jsonl`` says it."""
        return {
            "schema_version": SCHEMA_VERSION,
            "seq": self.seq,
            "timestamp": self.timestamp,
            "event_name": self.event_name,
            "run_id": self.run_id,
            "experiment_id": self.experiment_id,
            "stage": self.stage,
            "attempt": self.attempt,
            "payload": dict(self.payload),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Event:
        """Return an event from a parsed line.

        Raises:
            KeyError: The line lacks a field.
        """
        return cls(*(values[name] for name in cls._fields))
