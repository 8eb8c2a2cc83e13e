"""The manifest of a run that goes on, as it is before anything more happens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.runs.manifest import ManifestFold, initial_manifest
from crucible_core.runs.provenance import process_identity

if TYPE_CHECKING:
    from crucible_core.runs.resuming.resumption import Resumption

_OF_THE_RUN = ("run_id", "created_at", "command", "inputs", "telemetry_context")
"""What a run keeps, whoever goes on with it."""


def resumed_manifest(resumption: Resumption, identity: Mapping[str, Any], now: str) -> dict[str, Any]:
    """Return the manifest that a run goes on with: its beginning, and what the stages that stand have done.

    Args:
        resumption: How it goes on.
        identity: What the process that goes on knows of itself.
        now: When it does.
    """
    earlier = resumption.earlier
    kept = {name: earlier.manifest[name] for name in _OF_THE_RUN if earlier.manifest.get(name) is not None}
    manifest = initial_manifest(resumption.plan, {**identity, **kept})
    manifest["started_at"] = earlier.history.started_at
    manifest["spec_file"] = manifest["spec_file"] or earlier.manifest.get("spec_file")
    resume = {"at": now, "command": identity.get("command"), "process": process_identity(), "kept": resumption.kept}
    manifest["resumes"] = [*earlier.manifest.get("resumes", ()), resume]
    fold = ManifestFold(manifest)
    for stage_id in resumption.kept:
        for event in resumption.events_kept(stage_id):
            fold.add(event.timestamp, event.event_name, event.stage, event.payload)
    for stage in manifest["stages"]:
        stage["attempts"] = resumption.history(stage["id"]).attempts
    return manifest
