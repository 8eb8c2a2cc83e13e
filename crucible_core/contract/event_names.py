"""The names of trace events, and which of them a stage may emit."""

from __future__ import annotations

import re

LIFECYCLE_EVENTS = ("run_start", "run_stop", "stage_start", "stage_stop", "stage_error", "stage_skip")
"""Emitted by the runner alone: exactly one start and one terminal event per attempt."""

RESULT_EVENTS = ("metric", "checkpoint", "artifact", "verdict", "log")
"""Things that happen inside a stage."""

REASONING_EVENTS = (
    "hypothesis_formed",
    "alternative_considered",
    "pattern_applied",
    "constraint_evaluated",
    "decision_made",
)
"""Why a stage did what it did."""

EVENT_NAMES = LIFECYCLE_EVENTS + RESULT_EVENTS + REASONING_EVENTS

PLUGIN_EVENT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
"""A plugin's own events carry its name before a dot: ``crucible_train.epoch``."""


def check_stage_event(name: str) -> None:
    """Refuse an event name that a stage may not emit.

    Raises:
        ValueError: The name is the runner's own, or unknown and without a plugin's prefix.
    """
    if name in RESULT_EVENTS or name in REASONING_EVENTS or PLUGIN_EVENT.fullmatch(name):
        return
    if name in LIFECYCLE_EVENTS:
        raise ValueError(f"{name} is emitted by the runner; a stage may not emit it")
    known = ", ".join(RESULT_EVENTS + REASONING_EVENTS)
    raise ValueError(f"unknown event {name!r}; emit one of {known}, or your own as 'distribution.event'")
