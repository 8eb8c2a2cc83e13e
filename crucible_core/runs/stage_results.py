"""What the stages of a run left behind, as the events that completed them say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crucible_core.trace.skimming import skim_events

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["StageResults", "read_stage_results"]

_NAMES = frozenset({"run_start", "stage_stop", "stage_skip"})


@dataclass
class StageResults:
    """What a run was given and what came of its stages.

    Args:
        given: The values it was given, in the form of a stage's ``state``.
        payloads: Stage id to what the event says that completed it, in the order in which they were completed; stages
            that were skipped without a result of an earlier run are not among them.
    """

    given: Mapping[str, Any] = field(default_factory=dict)
    payloads: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def state(self, stage: str) -> Mapping[str, Any]:
        """Return what a stage changed in the context, as far as its record says it."""
        return _mapping(self.payloads.get(stage, {}).get("state"))


def read_stage_results(journal: Path) -> StageResults:
    """Read what stages left behind; when a run goes on, what does not count any more is forgotten.

    Raises:
        JournalError: The journal cannot be read.
    """
    results = StageResults()
    for _, event in skim_events(journal, _NAMES):
        if event is None:
            continue
        payload = _mapping(event.payload)
        if event.event_name == "run_start":
            kept = payload.get("kept") if payload.get("resumed") else ()
            results.given = _mapping(payload.get("state"))
            results.payloads = {stage: what for stage, what in results.payloads.items() if stage in (kept or ())}
        elif isinstance(event.stage, str):
            results.payloads.pop(event.stage, None)
            if event.event_name == "stage_stop" or payload.get("reason") == "cached":
                results.payloads[event.stage] = payload
    return results


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
