"""A run's record while it is written: the journal, and the manifest folded from the same events."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.contract.json_values import as_text
from crucible_core.pipeline.plan import REDACTED
from crucible_core.runs.atomic import atomic_write
from crucible_core.runs.directory import RunDirectory, RunDirectoryError
from crucible_core.runs.journal import JournalFile
from crucible_core.runs.manifest import ManifestFold, initial_manifest
from crucible_core.runs.provenance import GitLook, installed_packages, process_identity, python_facts

if TYPE_CHECKING:
    from crucible_core.pipeline.plan import Plan


class RunRecord:
    """The record of one run, as the emitter's journal.

    Args:
        directory: Where it lies; made already.
        manifest: Its beginning.
        git: What git is being asked.
        sync: Wait for the disk after each event.
    """

    def __init__(self, directory: RunDirectory, manifest: dict[str, Any], git: GitLook, *, sync: bool) -> None:
        self.directory = directory
        self.fold = ManifestFold(manifest)
        self.git = git
        self._journal = JournalFile(directory.journal, sync=sync)

    @classmethod
    def begin(
        cls, directory: RunDirectory, plan: Plan, identity: Mapping[str, Any], *, sync: bool = False
    ) -> RunRecord:
        """Write spec and manifest of a run that begins now.

        Raises:
            RunDirectoryError: They cannot be written.
        """
        git = GitLook(Path.cwd())
        facts = {"output_dir": str(directory.path), "python": python_facts(), "packages": installed_packages()}
        manifest = initial_manifest(plan, {**identity, **facts, "process": process_identity()})
        manifest["git"] = git.facts(wait=False)
        try:
            atomic_write(directory.spec, _pretty(redacted_spec(plan)))
            atomic_write(directory.manifest, _pretty(manifest))
            return cls(directory, manifest, git, sync=sync)
        except OSError as error:
            git.close()
            raise RunDirectoryError(
                f"cannot write into {directory.path}: {error.strerror or error}",
                hint="free space, or choose a directory you may write to with --output-dir",
            ) from error

    def append(self, line: str, timestamp: str, event_name: str, stage: str | None, payload: Mapping[str, Any]) -> None:
        """Record one event; see `crucible_core.trace.emitter.Journal`."""
        self._journal.append(line)
        self.fold.add(timestamp, event_name, stage, payload)

    def close(self) -> None:
        """Write the manifest as it is now, and close the journal.

        A manifest that cannot be written is no loss: it can be rebuilt from the journal.
        """
        self._journal.close()
        self.git.close()
        try:
            atomic_write(self.directory.manifest, _pretty(self.fold.manifest))
        except OSError as error:
            import sys

            sys.stderr.write(f"crucible: cannot write {self.directory.manifest}: {error.strerror or error}\n")


def redacted_spec(plan: Plan) -> dict[str, Any]:
    """Return the experiment as JSON values, options that are secrets as asterisks."""
    spec = plan.experiment.to_dict(only_set=True)
    pipeline = []
    for planned, definition in zip(plan.stages, spec["pipeline"], strict=True):
        shown = planned.shown_options()
        options = {
            name: REDACTED if shown.get(name) == REDACTED else value
            for name, value in definition.get("options", {}).items()
        }
        pipeline.append({**definition, "options": options} if options else definition)
    return {**spec, "pipeline": pipeline}


def scratch_directory() -> Callable[[str], Path]:
    """Return what makes directories for the files of a run that is not recorded.

    They lie in one temporary directory, made when first asked for and removed with the last reference to this function
    or when the interpreter ends.
    """
    made: list[Path] = []

    def directory_for(stage_id: str) -> Path:
        if not made:
            made.append(Path(tempfile.mkdtemp(prefix="crucible-")))
            weakref.finalize(directory_for, shutil.rmtree, made[0], ignore_errors=True)
        return made[0] / stage_id

    return directory_for


def _pretty(document: Mapping[str, Any]) -> bytes:
    """Return a document as JSON with a line for each key and for each object of a list.

    The standard library's indentation is made in Python, a hundred times slower than the rest of the encoder.
    """
    lines = [f"{as_text(key)}: {_member(value)}" for key, value in document.items()]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _member(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n " + ",\n ".join(map(as_text, value)) + "\n]"
    return as_text(value)
