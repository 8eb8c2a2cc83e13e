"""Find what can go from where runs lie, and remove it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.ir.errors import CrucibleError
from crucible_core.runs.deletion import delete_run, size_of
from crucible_core.runs.directory import RunDirectory
from crucible_core.runs.leftovers import Removable, leftovers_beside_runs, leftovers_in_run
from crucible_core.runs.lock import RunLock
from crucible_core.runs.recorded import read_run

if TYPE_CHECKING:
    from crucible_core.runs.retention import Retention

__all__ = ["Collection", "collect", "remove"]

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True)
class Collection:
    """What can go, and what could not be looked at."""

    removable: tuple[Removable, ...]
    notes: tuple[str, ...]

    @property
    def bytes(self) -> int:
        """The size of all of it."""
        return sum(each.bytes for each in self.removable)

    def to_dict(self, failed: Mapping[Path, str], *, dry_run: bool) -> dict[str, Any]:
        """Return what ``crucible runs gc --json`` prints."""
        return {
            "schema_version": SCHEMA_VERSION,
            "dry_run": dry_run,
            "removed": [
                {"kind": each.kind, "path": str(each.path), "bytes": each.bytes, "reason": each.reason}
                for each in self.removable
                if each.path not in failed
            ],
            "bytes": sum(each.bytes for each in self.removable if each.path not in failed),
            "failed": [{"path": str(path), "reason": reason} for path, reason in failed.items()],
            "notes": list(self.notes),
        }


def collect(output_dir: Path, retention: Retention) -> Collection:
    """Return what can go: leftovers, values that nothing refers to, and runs as asked for.

    Nothing of a run that runs can go.
    """
    runs, notes = [], []
    for journal in sorted(output_dir.glob("*/*/telemetry.jsonl")):
        path = journal.parent
        if path.is_symlink() or path.name.startswith(".") or path.parent.name.startswith("."):
            continue
        try:
            runs.append(read_run(RunDirectory(path)))
        except CrucibleError as error:
            notes.append(f"left alone: {error}")
    removable = list(leftovers_beside_runs(output_dir))
    going = {run.directory.path: reason for run, reason in retention.going(runs)}
    for run in runs:
        path = run.directory.path
        if path in going:
            removable.append(Removable("run", path, size_of(path), going[path], run.directory))
        elif run.status != "running":
            try:
                removable += leftovers_in_run(run.directory)
            except OSError as error:
                notes.append(f"left alone: {path}: {error.strerror or error}")
    return Collection(tuple(removable), tuple(notes))


def remove(removable: Sequence[Removable]) -> dict[Path, str]:
    """Remove what can go; return what could not be removed, with the reason."""
    failed: dict[Path, str] = {}
    inside: dict[Path, list[Removable]] = {}
    for each in removable:
        if each.run is None:
            _attempt(each, failed, _remove_path)
        elif each.kind == "run":
            _attempt(each, failed, lambda path: delete_run(RunDirectory(path)))
        else:
            inside.setdefault(each.run.path, []).append(each)
    for found in inside.values():
        _remove_inside(found, failed)
    return failed


def _remove_inside(found: Sequence[Removable], failed: dict[Path, str]) -> None:
    """Remove files of one run, so that nobody goes on with it meanwhile; what it needs by now stays."""
    run = found[0].run
    assert run is not None
    try:
        lock = RunLock(run.lock)
    except (CrucibleError, OSError) as error:
        failed.update(dict.fromkeys((each.path for each in found), _said(error)))
        return
    try:
        still = {each.path for each in leftovers_in_run(run)}
        for each in found:
            if each.path in still:
                _attempt(each, failed, _remove_path)
            else:
                failed[each.path] = "the run went on meanwhile and needs it"
    finally:
        lock.release()


def _attempt(one: Removable, failed: dict[Path, str], do: Callable[[Path], None]) -> None:
    try:
        do(one.path)
    except (CrucibleError, OSError) as error:
        failed[one.path] = _said(error)


def _remove_path(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
        return
    path.unlink(missing_ok=True)
    if path.parent.parent.name == "checkpoints":
        with suppress(OSError):  # the last value in its folder; not empty else
            path.parent.rmdir()


def _said(error: CrucibleError | OSError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
