"""What a stage added to the context, as its record says it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import as_record

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.contract.runtime import EventSink, Runtime

    Changes = dict[str, dict[str, Any]]
    """Room of the context to key to value."""
    Keep = Callable[[str, Context, Context, Changes], Mapping[str, Any]]

_CHUNK = 1 << 20


class StageAdditions:
    """Emit the verdicts and files of a stage that is done, and return its metrics and datasets.

    Args:
        sink: Where the events go.
        run_dir: The run's directory; None where files are not recorded.
        keep: Keeps what a stage changed, so that the run can go on from there; None where it cannot.
    """

    def __init__(self, sink: EventSink, run_dir: Path | None, keep: Keep | None = None) -> None:
        self._sink = sink
        self._run_dir = run_dir
        self._keep = keep
        self.last: dict[str, Any] = {}

    def __call__(self, before: Context, after: Context, stage_id: str, runtime: Runtime) -> Mapping[str, Any]:
        """Record what is new in ``after``; empty parts are left out.

        Raises:
            StageError: ``no_codec``: a value cannot be kept.
        """
        self.last = added = {}
        changes = context_changes(before, after)
        if self._keep is not None and (state := self._keep(stage_id, before, after, changes)):
            added["state"] = state
        if after.verdicts is not before.verdicts:
            for verdict in after.verdicts[len(before.verdicts) :]:
                self._sink.emit("verdict", stage_id, as_record(verdict.to_dict()), runtime.attempt)
        if runtime.wrote_files and self._run_dir is not None:
            self._record_files(self._run_dir, stage_id, runtime.attempt)
        if "metrics" in changes:
            added["metrics"] = changes["metrics"]
        if "assigns" in changes:
            from crucible_core.contract.dataset import Dataset

            changed = changes["assigns"].items()
            datasets = {
                key: as_record(value.manifest.to_dict()) for key, value in changed if isinstance(value, Dataset)
            }
            if datasets:
                added["datasets"] = datasets
        return added

    def _record_files(self, run_dir: Path, stage_id: str, attempt: int) -> None:
        """Record each file a stage wrote; one that cannot be read, or is gone by now, is a warning, not a failure."""
        for path in written_files(run_dir, stage_id):
            try:
                artifact = artifact_facts(path, run_dir, stage_id)
            except OSError as error:
                message = f"{path.relative_to(run_dir)} is not recorded as an artifact: {error.strerror or error}"
                self._sink.emit("log", stage_id, {"level": "warning", "message": message, "fields": {}}, attempt)
            else:
                self._sink.emit("artifact", stage_id, artifact, attempt)


def context_changes(before: Context, after: Context) -> Changes:
    """Return what is new or another value, by room and key; a room that nobody touched is left out."""
    changes: Changes = {}
    for room in ("metrics", "assigns", "artifacts"):
        mine, theirs = getattr(before, room), getattr(after, room)
        if theirs is not mine:
            changes[room] = dict(theirs.changes_since(mine))
    return changes


def written_files(run_dir: Path, stage_id: str) -> list[Path]:
    """Return the files in a stage's directory, in the order of their names."""
    return sorted(path for path in (run_dir / "artifacts" / stage_id).rglob("*") if path.is_file())


def artifact_facts(path: Path, run_dir: Path, stage_id: str) -> dict[str, Any]:
    """Return name, path within the run directory, size in bytes and SHA-256 of a file.

    Raises:
        OSError: It cannot be read.
    """
    return {
        "name": path.relative_to(run_dir / "artifacts" / stage_id).as_posix(),
        "path": path.relative_to(run_dir).as_posix(),
        "bytes": path.stat().st_size,
        "sha256": sha256_of(path),
    }


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces of one MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
