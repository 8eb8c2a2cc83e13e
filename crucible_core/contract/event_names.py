"""The names of trace events, and which of them are a stage's to emit."""

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

LOG_LEVELS = ("debug", "info", "warning", "error")
"""How much a ``log`` event matters."""

PLUGIN_EVENT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
"""A plugin's own events carry its name before a dot: ``crucible_train.epoch``."""

_INSTEAD = {
    "verdict": "put it into the context with put_verdict",
    "artifact": "write the file at runtime.artifact_path(name)",
    **dict.fromkeys(LIFECYCLE_EVENTS, "the runner emits it"),
}


def check_plugin_event(name: str) -> None:
    """Refuse a name that is not a plugin's own event.

    Raises:
        ValueError: The name is one that the core emits, or has no plugin's prefix.
    """
    if name in _INSTEAD:
        raise ValueError(f"a stage does not emit {name!r} itself: {_INSTEAD[name]}")
    if not PLUGIN_EVENT.fullmatch(name):
        known = ", ".join(("metric", "checkpoint", "log", *REASONING_EVENTS))
        raise ValueError(f"unknown event {name!r}; emit one of {known}, or your own as 'distribution.event'")
