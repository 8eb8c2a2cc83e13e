"""What a stage added to the context, as its record says it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.contract.dataset import Dataset
from crucible_core.contract.json_values import as_record

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.contract.runtime import Runtime
    from crucible_core.trace.emitter import Emitter

_CHUNK = 1 << 20


class StageAdditions:
    """Emit the verdicts and files of a stage that is done, and return its metrics and datasets.

    Args:
        emitter: Where the events go.
        run_dir: The run's directory; None where files are not recorded.
    """

    def __init__(self, emitter: Emitter, run_dir: Path | None) -> None:
        self._emitter = emitter
        self._run_dir = run_dir

    def __call__(self, before: Context, after: Context, stage_id: str, runtime: Runtime) -> Mapping[str, Any]:
        """Record what is new in ``after``; empty parts are left out."""
        added: dict[str, Any] = {}
        if after.verdicts is not before.verdicts:
            for verdict in after.verdicts[len(before.verdicts) :]:
                self._emitter.emit("verdict", stage_id, as_record(verdict.to_dict()), runtime.attempt)
        if runtime.wrote_files and self._run_dir is not None:
            for artifact in written_files(self._run_dir, stage_id):
                self._emitter.emit("artifact", stage_id, artifact, runtime.attempt)
        if after.metrics is not before.metrics:
            added["metrics"] = dict(after.metrics.changes_since(before.metrics))
        if after.assigns is not before.assigns:
            changed = after.assigns.changes_since(before.assigns)
            datasets = {
                key: as_record(value.manifest.to_dict()) for key, value in changed if isinstance(value, Dataset)
            }
            if datasets:
                added["datasets"] = datasets
        return added


def written_files(run_dir: Path, stage_id: str) -> Iterator[dict[str, Any]]:
    """Yield name, path, size in bytes and SHA-256 of each file a stage wrote, in the order of their names."""
    root = run_dir / "artifacts" / stage_id
    for path in sorted(root.rglob("*")):
        if path.is_file():
            yield {
                "name": path.relative_to(root).as_posix(),
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
