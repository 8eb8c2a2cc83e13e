"""A trace event to try observers with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crucible_core.trace.event import Event

__all__ = ["sample_event"]


def sample_event() -> Event:
    """Return an event that says what it is and does the least harm where an observer passes it on: a ``log`` event."""
    from crucible_core.trace.event import Event

    return Event(
        seq=1,
        timestamp="2026-01-31T12:00:00.000000+00:00",
        event_name="log",
        run_id="plugins-doctor",
        experiment_id="plugins-doctor",
        stage=None,
        attempt=None,
        payload={"level": "debug", "message": "a sample event of `crucible plugins doctor`", "fields": {}},
    )
