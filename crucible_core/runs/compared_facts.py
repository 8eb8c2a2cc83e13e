"""What of a run is compared with another, as values by path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.runs.leaves import Path, leaves
from crucible_core.trace.jsonl import JournalError, read_events

if TYPE_CHECKING:
    from crucible_core.runs.recorded import RecordedRun

__all__ = ["data_facts", "environment_facts", "option_facts", "recorded_spec_of", "spec_facts"]

_STAGE_CODE = ("version", "distribution", "distribution_version")


def spec_facts(run: RecordedRun, notes: list[str]) -> dict[Path, Any] | None:
    """Return the experiment as it was asked for, but for the options of its stages; None, with a note, if it is lost.

    A stage stands under its id, not its position: one that was put in between moves no other.
    """
    spec = recorded_spec_of(run)
    if spec is None:
        notes.append(f"{run.label}: spec.json is missing or damaged; its spec is not compared")
        return None
    steps = [each for each in _list(spec.get("pipeline")) if isinstance(each, Mapping)]
    stages = {str(each.get("id") or each.get("name")): each for each in steps}
    facts = _facts({key: value for key, value in spec.items() if key != "pipeline"})
    facts["pipeline",] = list(stages)
    for name, step in stages.items():
        facts |= _facts({key: value for key, value in step.items() if key not in ("id", "options")}, "pipeline", name)
    facts["seed",] = run.manifest["seed"]
    return facts


def recorded_spec_of(run: RecordedRun) -> Mapping[str, Any] | None:
    """Return the experiment of a run: from spec.json, else from the first event of its journal where it is there."""
    try:
        spec = json.loads(run.directory.spec.read_bytes(), parse_constant=str)
    except (OSError, ValueError, RecursionError):
        spec = _spec_in_journal(run)
    return spec if isinstance(spec, Mapping) else None


def _spec_in_journal(run: RecordedRun) -> Any:
    try:
        first = next(read_events(run.directory.journal), None)
    except JournalError:
        return None
    return first.payload.get("spec") if first is not None and isinstance(first.payload, Mapping) else None


def option_facts(run: RecordedRun) -> dict[Path, Any]:
    """Return the options each stage ran with, defaults and overrides included."""
    facts: dict[Path, Any] = {}
    for stage in run.stages:
        found = leaves(dict(stage["options"]), lists=False)
        facts |= {(stage["id"], *path): value for path, value in found if path}
    return facts


def data_facts(run: RecordedRun) -> dict[Path, Any]:
    """Return what a run read and was given: datasets by hash, size and split, and values from outside."""
    return _facts({"datasets": run.manifest["datasets"], "inputs": run.manifest["inputs"]})


def environment_facts(run: RecordedRun) -> dict[Path, Any]:
    """Return what a run was made with: the core, interpreter, packages, revision, host, and the versions of stages."""
    manifest = run.manifest
    facts = _facts(
        {
            "crucible": manifest["crucible_version"],
            "python": manifest["python"],
            "git": manifest["git"] or {},
            "host": manifest["process"].get("host"),
            "packages": manifest["packages"],
        }
    )
    for stage in run.stages:
        facts |= _facts({key: stage[key] for key in _STAGE_CODE}, "stages", stage["id"])
    return facts


def _facts(values: Mapping[str, Any], *before: str) -> dict[Path, Any]:
    """Return the values by path; an empty container says nothing, and a list of plain values is one."""
    found = leaves(dict(values), lists=False)
    return {(*before, *path): value for path, value in found if path and value not in ({}, [])}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
