"""A run that is to go on: its directory, locked, and what its record says."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from crucible_core.contract.json_values import REDACTED
from crucible_core.runs.directory import RunDirectory, RunDirectoryError
from crucible_core.runs.history import RunHistory, read_history
from crucible_core.runs.locate import find_run
from crucible_core.runs.lock import RunLock
from crucible_core.runs.provenance import process_alive
from crucible_core.runs.resuming.stage_state import EPHEMERAL
from crucible_core.runs.secret_values import texts_in

if TYPE_CHECKING:
    from crucible_core.ir import Experiment


class ResumeError(RunDirectoryError):
    """A run that cannot go on; its record is as it was."""


@dataclass
class EarlierRun:
    """A run that is to go on.

    Args:
        directory: Where it lies.
        lock: Keeps every other process from going on with it.
        history: What its journal says happened.
        manifest: Its manifest as it was when it began, or went on, for the last time.
        spec: Its experiment as recorded, secrets as asterisks.
    """

    directory: RunDirectory
    lock: RunLock
    history: RunHistory
    manifest: Mapping[str, Any]
    spec: Mapping[str, Any]

    @classmethod
    def open(cls, name: str | os.PathLike[str], output_dir: Path | None, *, take_over: bool = False) -> EarlierRun:
        """Find a run, lock it and read its record.

        Args:
            name: Its directory, its id, or the beginning of that.
            output_dir: Where runs are.
            take_over: Go on also where a process on another host may still be at it.

        Raises:
            RunNotFoundError: There is no such run.
            RunLockedError: A process is at it.
            ResumeError: Its record does not let it go on; the message says why.
        """
        directory = find_run(os.fspath(name), output_dir)
        try:
            lock = RunLock(directory.lock)
        except OSError as error:
            raise ResumeError(
                f"cannot go on in {directory.path}: {error.strerror or error}", hint="make it writable, or copy it"
            ) from error
        try:
            history = read_history(directory.journal)
            beginning = _files_of(directory) if history.beginning is None else _kept(directory, history.beginning)
            earlier = cls(directory, lock, history, beginning["manifest"], beginning.get("spec") or _spec_of(directory))
            if not take_over:
                earlier._check_host()
        except BaseException:
            lock.release()
            raise
        return earlier

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.lock.release()

    def _check_host(self) -> None:
        process = self.manifest.get("process") or {}
        if self.history.stopped is None and process and process_alive(process) is None:
            raise ResumeError(
                f"{self.directory.path} is of process {process.get('pid')} on {process.get('host')}; whether that is "
                "still at it cannot be seen from here",
                hint="when it is gone, --take-over goes on with its run",
            )

    @property
    def run_id(self) -> str:
        """Id of the run."""
        return str(self.manifest["run_id"])

    @property
    def given(self) -> Mapping[str, Any]:
        """What the run was given, as its record holds it: see `StageStates.given`.

        Where the process died before the journal had its first line, only the manifest says that there was something.
        """
        if self.history.beginning is not None:
            given: Mapping[str, Any] = self.history.beginning.get("state") or {}
            return given
        inputs = self.manifest.get("inputs", {})
        rows = {"outputs": {"from": 0, "rows": EPHEMERAL}} if inputs.get("outputs") else {}
        return {"assigns": dict.fromkeys(inputs.get("assigns", ()), EPHEMERAL), **rows}

    def experiment(self, overrides: Mapping[str, Mapping[str, Any]]) -> Experiment | Path:
        """Return the file its experiment was read from, where that still is; else the experiment as recorded.

        Args:
            overrides: Options that win over those of the experiment; they may take the place of secrets.

        Raises:
            ResumeError: An option was a secret, which the record does not hold.
        """
        path = Path(self.manifest["spec_file"]) if self.manifest.get("spec_file") else None
        if path is not None and path.is_file():
            return path
        recorded = self.recorded_experiment()
        for definition in recorded.pipeline:
            over = overrides.get(definition.id, {})
            _check_no_secret(
                definition.id, {name: each for name, each in definition.options.items() if name not in over}
            )
        return recorded

    def recorded_experiment(self) -> Experiment:
        """Return the experiment as it was recorded, secrets as asterisks."""
        from crucible_core.ir import Experiment

        return Experiment.from_dict(dict(self.spec))

    def overrides(self, more: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """Return the options that win over those of the experiment: those of the run, and these over them.

        Raises:
            ResumeError: One of them was a secret, which the record does not hold.
        """
        merged = {stage: dict(options) for stage, options in self.manifest.get("overrides", {}).items()}
        for stage, options in more.items():
            merged.setdefault(stage, {}).update(options)
        for stage, options in merged.items():
            _check_no_secret(stage, options)
        return merged


def _check_no_secret(stage: str, options: Mapping[str, Any]) -> None:
    """Make sure that no option stands for a secret that the record does not hold.

    Raises:
        ResumeError: One does.
    """
    for name, value in options.items():
        if any(text == REDACTED for text in texts_in(value)):
            raise ResumeError(
                f"option {name!r} of stage {stage!r} is a secret, which the record does not hold",
                hint=f"give the spec file again, or the option: -o {stage}.{name}=...",
            )


def _kept(directory: RunDirectory, beginning: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the beginning of a run whose record holds what its stages left behind."""
    if "spec" not in beginning:
        raise ResumeError(
            f"{directory.path} was recorded by a version that kept nothing of what stages left behind",
            hint="run the experiment again under a new run id",
        )
    return beginning


def _files_of(directory: RunDirectory) -> dict[str, Any]:
    """Return the beginning of a run whose journal was cut off before its first line."""
    manifest = _document(directory.manifest)
    if manifest is None or "run_id" not in manifest:
        raise ResumeError(
            f"{directory.path}: neither the journal nor manifest.json says how the run began",
            hint="run the experiment again under a new run id",
        )
    return {"manifest": manifest}


def _spec_of(directory: RunDirectory) -> dict[str, Any]:
    spec = _document(directory.spec)
    if spec is None:
        raise ResumeError(
            f"{directory.spec} is missing or damaged", hint="give the spec file: crucible run SPEC --resume RUN"
        )
    return spec


def _document(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def recorded_spec_file(name: str, output_dir: Path | None) -> Path | None:
    """Return the file that the experiment of a run was read from, where its record says one.

    Raises:
        RunNotFoundError: There is no such run.
        JournalError: Its record is damaged.
    """
    directory = find_run(name, output_dir)
    manifest = _document(directory.manifest)
    if manifest is None:
        from crucible_core.runs.rebuild import rebuild_manifest

        manifest = rebuild_manifest(directory.path)
    return Path(manifest["spec_file"]) if manifest.get("spec_file") else None
