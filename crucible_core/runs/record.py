"""A run's record while it is written: the journal, and the manifest folded from the same events."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crucible_core.contract.errors import CrucibleError
from crucible_core.contract.json_values import as_text
from crucible_core.runs.atomic import atomic_write, sync_directory
from crucible_core.runs.directory import RunDirectory, RunDirectoryError
from crucible_core.runs.faults import reached
from crucible_core.runs.journal import JournalFile
from crucible_core.runs.lock import RunLock
from crucible_core.runs.manifest import ManifestFold
from crucible_core.runs.provenance import GitLook, installed_packages, process_identity, python_facts

_MADE_ABOVE = 4
"""Directories above a run's: the experiment's, ``crucible``, ``artifacts``, and the one those are made in."""


_ENDINGS = frozenset({"stage_stop", "stage_error", "stage_skip", "run_stop"})
"""Events after which something is done that no power cut may undo; what came before them is synced with them."""


class RunRecord:
    """The record of one run, as the emitter's journal.

    Args:
        directory: Where it lies; made already.
        manifest: Its beginning.
        git: What git is being asked.
        lock: Keeps other processes from writing here.
        sync: Wait for the disk after each stage.
    """

    def __init__(
        self, directory: RunDirectory, manifest: dict[str, Any], git: GitLook, lock: RunLock, *, sync: bool
    ) -> None:
        self.directory = directory
        self._lock = lock
        self.fold = ManifestFold(manifest)
        self.git = git
        self._sync = sync
        self._folded = True
        self._journal = JournalFile(directory.journal)

    @classmethod
    def begin(
        cls, directory: RunDirectory, spec: Mapping[str, Any], manifest: dict[str, Any], *, sync: bool = False
    ) -> RunRecord:
        """Write spec and manifest of a run that begins now; what cannot be written whole is taken away again.

        Args:
            directory: Where the record lies; made already.
            spec: The experiment, without secrets.
            manifest: The manifest's beginning; where the run lies and what it is made with is added.
            sync: Wait for the disk, now and after each stage.

        Raises:
            RunDirectoryError: They cannot be written.
        """
        git = GitLook()
        lock = None
        try:
            lock = RunLock(directory.lock)
            manifest |= _surroundings(directory, git)
            atomic_write(directory.spec, _pretty(spec), sync=sync)
            atomic_write(directory.manifest, _pretty(manifest), sync=sync)
            record = cls(directory, manifest, git, lock, sync=sync)
            if sync:
                _sync_upwards(directory.path)
        except BaseException as error:
            git.close()
            directory.remove()
            if lock is not None:
                lock.release()
            if isinstance(error, OSError):
                raise _no_place(directory, error) from error
            raise
        return record

    @classmethod
    def go_on(
        cls,
        directory: RunDirectory,
        spec: Mapping[str, Any],
        manifest: dict[str, Any],
        lock: RunLock,
        *,
        end: int,
        sync: bool = False,
    ) -> RunRecord:
        """Take the record of a run up where it ended.

        Args:
            directory: Where it lies.
            spec: The experiment it goes on with, without secrets.
            manifest: The manifest that the run goes on with; what it is made with from now on is added.
            lock: The lock on it, which this process holds.
            end: Where the last whole line of the journal ends, in bytes; what follows is cut off.
            sync: Wait for the disk, now and after each stage.

        Raises:
            RunDirectoryError: It cannot be written to.
        """
        git = GitLook()
        try:
            if directory.journal.exists():
                os.truncate(directory.journal, end)
                reached("journal.truncated")
            manifest |= _surroundings(directory, git)
            # Before the journal says that the run goes on, so that nobody sees it go on under what it was before.
            atomic_write(directory.spec, _pretty(spec), sync=sync)
            atomic_write(directory.manifest, _pretty(manifest), sync=sync)
            return cls(directory, manifest, git, lock, sync=sync)
        except BaseException as error:
            git.close()
            if isinstance(error, OSError):
                raise _no_place(directory, error) from error
            raise

    def append(self, line: str, timestamp: str, event_name: str, stage: str | None, payload: Mapping[str, Any]) -> None:
        """Record one event; see `crucible_core.trace.emitter.Journal`."""
        try:
            reached("journal.append")
            self._journal.append(line)
            reached("journal.appended")
            if self._sync and event_name in _ENDINGS:
                self._journal.sync()
                reached("journal.synced")
            self.fold.add(timestamp, event_name, stage, payload)
        except BaseException:  # an interrupt between the two: the journal holds what the fold has not seen
            self._folded = False
            raise

    def lines(self) -> int:
        """Return how many whole lines the journal holds."""
        from crucible_core.trace.jsonl import read_lines

        return sum(1 for _ in read_lines(self.directory.journal))

    def open_stage(self) -> str | None:
        """Return the stage whose attempt has a start and no end in the journal."""
        stages = self._manifest()["stages"]
        return next((str(stage["id"]) for stage in stages if stage["status"] == "running"), None)

    def _manifest(self) -> dict[str, Any]:
        if self._folded:
            return self.fold.manifest
        from crucible_core.runs.rebuild import rebuild_manifest

        return rebuild_manifest(self.directory.path)

    def close(self) -> None:
        """Write the manifest as it is now, and close the journal.

        A manifest that cannot be written is no loss: it can be rebuilt from the journal.
        """
        self._journal.close()
        self.git.close()
        try:
            reached("manifest.write")
            manifest = self._manifest()
            if manifest.get("finished_at") is not None:
                manifest = {**manifest, "journal_sha256": self._journal.sha256}
            atomic_write(self.directory.manifest, _pretty(manifest), sync=self._sync)
            reached("manifest.written")
        except (OSError, CrucibleError) as error:
            complaint = f"crucible: cannot write {self.directory.manifest}: {error}\n"
            with contextlib.suppress(AttributeError, OSError):  # stderr may be closed
                sys.stderr.write(complaint)
        finally:
            self._lock.release()


def _surroundings(directory: RunDirectory, git: GitLook) -> dict[str, Any]:
    """Return where a run lies and what it is made with."""
    return {
        "output_dir": str(directory.path),
        "git": git.facts(wait=False),
        "python": python_facts(),
        "packages": installed_packages(),
        "process": process_identity(),
    }


def _no_place(directory: RunDirectory, error: OSError) -> RunDirectoryError:
    return RunDirectoryError(
        f"cannot write into {directory.path}: {error.strerror or error}",
        hint="free space, or choose a directory you may write to with --output-dir",
    )


def _sync_upwards(directory: Path) -> None:
    """Wait until the disk knows a run's directory and those above it that may have been made for it."""
    whole = directory.resolve()
    sync_directory(whole)
    for path in whole.parents[:_MADE_ABOVE]:
        with contextlib.suppress(PermissionError):  # what this user cannot open, this run has not made
            sync_directory(path)


def _pretty(document: Mapping[str, Any]) -> bytes:
    """Return a document as JSON with a line for each key and for each object of a list.

    The standard library's indentation is made in Python, a hundred times slower than the rest of the encoder. Half of
    a surrogate pair is written as its escape, as in the journal.
    """
    lines = [f"{as_text(key)}: {_member(value)}" for key, value in document.items()]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("utf-8", "backslashreplace")


def _member(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n " + ",\n ".join(map(as_text, value)) + "\n]"
    return as_text(value)
