"""The manifest of a run: its beginning as planned, folded with everything that happened since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import as_record
from crucible_core.contract.paths import fill

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.pipeline.plan import Plan, PlannedStage
    from crucible_core.pipeline.result import StageTiming

SCHEMA_VERSION = "1.0"
FLOW = ("reads", "may_read", "writes", "may_write")
"""What a stage declares of the context."""


def initial_manifest(plan: Plan, identity: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest of a run that begins now.

    Args:
        plan: What is to be run.
        identity: What only the run knows: run id, seed, times, versions, process; they win over the empty defaults.
    """
    experiment = plan.experiment
    return {
        "schema_version": SCHEMA_VERSION,
        "crucible_version": None,
        "run_id": None,
        "experiment_id": experiment.id,
        "description": experiment.description,
        "tags": list(experiment.tags or ()),
        "status": "running",
        "params": as_record(dict(experiment.params)),
        "seed": None,
        "created_at": None,
        "started_at": None,
        "finished_at": None,
        "duration_s": None,
        "spec_file": str(plan.document.source) if plan.document and plan.document.source else None,
        "output_dir": None,
        "command": None,
        "cache": False,
        "overrides": {},
        "inputs": {"assigns": {}, "outputs": 0},
        "telemetry_context": {},
        "stages": [_stage(planned) for planned in plan.stages],
        "metrics": {},
        "verdicts": [],
        "datasets": {},
        "checkpoints": [],
        "artifacts": [],
        "quality_targets": {
            path: {**target.to_dict(), "value": None, "reached": None, "reason": "the run has not ended"}
            for path, target in experiment.quality_targets.items()
        },
        "failure": None,
        "git": None,
        "python": {},
        "packages": {},
        "process": {},
        "resumes": [],
        "journal_sha256": None,
        **identity,
    }


def _stage(planned: PlannedStage) -> dict[str, Any]:
    about, loaded = planned.description, planned.loaded
    return {
        "id": planned.id,
        "name": planned.definition.name,
        "module": planned.definition.module,
        "version": about.version if about else None,
        "distribution": loaded.ref.distribution if loaded else None,
        "distribution_version": loaded.ref.version if loaded else None,
        "description": about.description if about else None,
        "options": planned.shown_options_json(),
        "given_options": list(planned.given),
        **_flow(planned),
        "policies": as_record(planned.definition.policies),
        "status": "pending",
        "reason": None,
        "attempts": 0,
        "started_at": None,
        "duration_s": None,
        "cache": None,
    }


def _flow(planned: PlannedStage) -> dict[str, list[str]]:
    """Return the context paths that a stage declares, so that what came of what can be told from the record alone."""
    own = {"id": planned.id}
    return {key: list(fill(getattr(planned.description, key, ()), own)) for key in FLOW}


class ManifestFold:
    """Fold events into a manifest, one after the other; the manifest of a run is nothing else.

    The same fold runs while events are made and when they are read back from the journal.
    """

    def __init__(self, manifest: dict[str, Any]) -> None:
        self.manifest = manifest
        self._stages = {stage["id"]: stage for stage in manifest["stages"]}

    def add(self, timestamp: str, event_name: str, stage: str | None, payload: Mapping[str, Any]) -> None:
        """Take one event into account."""
        handler = _HANDLERS.get(event_name)
        if handler is not None:
            handler(self.manifest, self._stages.get(stage or "", {}), timestamp, {**payload, "stage": stage})
        if event_name == "run_start" and payload["resumed"]:
            self._stages = {each["id"]: each for each in self.manifest["stages"]}


def _run_start(manifest: dict[str, Any], _: dict[str, Any], timestamp: str, payload: Mapping[str, Any]) -> None:
    if payload["resumed"]:  # by another process: how the one before it ended is history, which the journal keeps
        begins_with = {**payload["manifest"]}
        manifest.clear()
        manifest.update(begins_with)
    manifest["started_at"] = manifest["started_at"] or timestamp


def _run_stop(manifest: dict[str, Any], _: dict[str, Any], timestamp: str, payload: Mapping[str, Any]) -> None:
    for key in ("status", "duration_s", "failure", "quality_targets"):
        manifest[key] = payload[key]
    manifest["git"] = payload.get("git") or manifest["git"]
    manifest["finished_at"] = timestamp


def _stage_start(manifest: dict[str, Any], stage: dict[str, Any], timestamp: str, __: Mapping[str, Any]) -> None:
    if stage["attempts"]:  # what an attempt before this one left behind is no part of the run any more
        for key in ("artifacts", "verdicts"):
            manifest[key] = [each for each in manifest[key] if each["stage"] != stage["id"]]
    stage.update(status="running", reason=None, started_at=timestamp, attempts=stage["attempts"] + 1)


def _stage_stop(manifest: dict[str, Any], stage: dict[str, Any], _: str, payload: Mapping[str, Any]) -> None:
    stage.update(status="succeeded", duration_s=payload["duration_s"], cache=payload.get("cache"))
    manifest["metrics"].update(payload.get("metrics", {}))
    manifest["datasets"].update(payload.get("datasets", {}))


def _stage_error(_: dict[str, Any], stage: dict[str, Any], __: str, payload: Mapping[str, Any]) -> None:
    status = "cancelled" if payload["code"] == "cancelled" else "failed"
    stage.update(status=status, duration_s=payload["duration_s"], reason=f"{payload['code']}: {payload['message']}")


def _stage_skip(manifest: dict[str, Any], stage: dict[str, Any], _: str, payload: Mapping[str, Any]) -> None:
    detail = payload.get("detail")
    reason = f"{payload['reason']}: {detail}" if detail else payload["reason"]
    stage.update(status="skipped", reason=reason, cache=payload.get("cache"))
    manifest["metrics"].update(payload.get("metrics", {}))
    manifest["datasets"].update(payload.get("datasets", {}))


def _listed(key: str, *fields: str) -> Callable[..., None]:
    """Return what appends these fields to a list of the manifest; a stage's own event that lacks one is left out."""

    def add(manifest: dict[str, Any], _: dict[str, Any], __: str, payload: Mapping[str, Any]) -> None:
        if payload.keys() >= set(fields):
            manifest[key].append({name: payload[name] for name in fields})

    return add


_HANDLERS: dict[str, Callable[..., None]] = {
    "run_start": _run_start,
    "run_stop": _run_stop,
    "stage_start": _stage_start,
    "stage_stop": _stage_stop,
    "stage_error": _stage_error,
    "stage_skip": _stage_skip,
    "checkpoint": _listed("checkpoints", "stage", "name", "path"),
    "artifact": _listed("artifacts", "stage", "name", "path", "bytes", "sha256"),
    "verdict": _listed("verdicts", "stage", "question", "passed", "finding", "interval"),
}

FOLDED = frozenset(_HANDLERS)
"""Events that a manifest tells of; all others leave it as it is."""


def unrecorded_manifest(
    manifest: Mapping[str, Any], context: Context, timings: Iterable[StageTiming]
) -> dict[str, Any]:
    """Return the manifest of a run whose events nobody records, from what is in memory."""
    ended = {timing.stage: timing for timing in timings}
    stages = []
    for stage in manifest["stages"]:
        timing = ended.get(stage["id"])
        attempts = 0 if timing is None or timing.status == "skipped" else timing.attempts
        done = {"status": timing.status, "duration_s": timing.duration, "attempts": attempts} if timing else {}
        stages.append({**stage, **done})
    return {
        **manifest,
        "stages": stages,
        "metrics": as_record(dict(context.metrics)),
        "verdicts": [{"stage": None, **as_record(verdict.to_dict())} for verdict in context.verdicts],
    }
