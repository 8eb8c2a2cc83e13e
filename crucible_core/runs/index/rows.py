"""The rows that one run directory has in an index."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_core.runs.index.fitting import fitted, instant, storable_json
from crucible_core.runs.index.metric_leaves import metric_leaves
from crucible_core.runs.index.schema import ARTIFACTS, DATASETS, RUNS, STAGES, TAGS

if TYPE_CHECKING:
    from crucible_core.runs.index.home import Home

DAMAGED = "damaged"
"""The status of a run directory that cannot be read, or not all of it."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What was read in a run directory.

    Args:
        place: ``experiment/run``, the names of the directories.
        manifest: What is known of the run; empty where nothing is.
        tags: The run's tags, those of its experiment included.
        definition: The experiment as it was run; None where that is not known.
        damage: Why not everything could be read; None where it could.
    """

    place: str
    manifest: Mapping[str, Any]
    tags: Iterable[str] = ()
    definition: Mapping[str, Any] | None = None
    damage: str | None = None


@dataclass(frozen=True, slots=True)
class RunRows:
    """A run's rows: its own, those that are parts of it by table, and its definition."""

    run: dict[str, Any]
    parts: dict[str, list[dict[str, Any]]]
    definition: dict[str, Any] | None

    @property
    def key(self) -> str:
        """What tells the run from every other in an index."""
        return str(self.run["key"])


def rows_of(record: RunRecord, home: Home) -> RunRows:
    """Return the rows of a run.

    A run is known by its place and when it was created: a copy of an output directory elsewhere holds the same runs, a
    copy of a run's directory beside it is another.
    """
    manifest = record.manifest
    experiment, _, run_id = record.place.rpartition("/")
    created = instant(manifest.get("created_at"))
    key = f"{record.place}@{created or home.id}"
    metrics, left_out = metric_rows(key, _mapping(manifest, "metrics"))
    stages = list(_listed(manifest, "stages"))
    failure, git = _mapping(manifest, "failure"), _mapping(manifest, "git")
    process = _mapping(manifest, "process")
    definition = definition_row(record.definition)
    run = {
        **manifest,
        "key": key,
        "experiment": manifest.get("experiment_id") or experiment,
        "run_id": manifest.get("run_id") or run_id,
        "home": home.id,
        "host": home.host,
        "directory": home.directory,
        "place": record.place,
        "definition": definition["sha256"] if definition else None,
        "status": DAMAGED if record.damage is not None or not manifest.get("status") else manifest["status"],
        "failure_stage": failure.get("stage"),
        "failure_code": failure.get("code"),
        "failure_message": failure.get("message"),
        "damage": record.damage,
        "seed": manifest.get("seed"),
        "stages": len(stages),
        "stages_done": sum(map(_is_done, stages)),
        "metrics_left_out": left_out,
        "git_revision": git.get("revision"),
        "git_dirty": git.get("dirty"),
        "python": _mapping(manifest, "python").get("version"),
        "process_host": process.get("host"),
        "process_boot_id": process.get("boot_id"),
        "process_pid": process.get("pid"),
        "process_started_at": process.get("started_at"),
    }
    artifacts = _listed(manifest, "artifacts")
    datasets = (
        {**each, "name": name} for name, each in _mapping(manifest, "datasets").items() if isinstance(each, dict)
    )
    return RunRows(
        fitted(RUNS, run),
        {
            "stages": [
                fitted(STAGES, {**stage, "run": key, "position": position, "stage": stage.get("id")})
                for position, stage in enumerate(stages)
            ],
            "metrics": metrics,
            "artifacts": [
                fitted(ARTIFACTS, {**each, "run": key, "position": position}) for position, each in enumerate(artifacts)
            ],
            "datasets": _distinct("name", (fitted(DATASETS, {**each, "run": key}) for each in datasets)),
            "tags": _distinct("tag", (fitted(TAGS, {"run": key, "tag": tag}) for tag in record.tags)),
        },
        definition,
    )


def _is_done(stage: Mapping[str, Any]) -> bool:
    """Tell whether nothing is left to do for a stage: it succeeded, or was passed over for good."""
    if stage.get("status") == "skipped":
        return not str(stage.get("reason")).startswith("earlier_failure")
    return stage.get("status") == "succeeded"


def metric_rows(run: str, metrics: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """Return the rows of a run's metrics, and how many numbers among them have none."""
    leaves = metric_leaves(metrics)
    return [{"run": run, "path": path, "value": value} for path, value in leaves.values.items()], leaves.left_out


def definition_row(document: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the row of an experiment as it was run, under the hash of what it says."""
    if document is None:
        return None
    text = json.dumps(storable_json(document), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return {"sha256": hashlib.sha256(text.encode()).hexdigest(), "document": text}


def _mapping(manifest: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = manifest.get(key)
    return value if isinstance(value, Mapping) else {}


def _listed(manifest: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    value = manifest.get(key)
    return (each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else iter(())


def _distinct(column: str, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows without those that repeat another's value in a column, once fitted."""
    return list({row[column]: row for row in rows}.values())
