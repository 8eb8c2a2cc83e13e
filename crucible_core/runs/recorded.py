"""A run as its directory tells it, whatever became of its files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from crucible_core.ir.errors import CrucibleError
from crucible_core.runs.last_word import is_last_word, last_line
from crucible_core.runs.rebuild import rebuild_manifest
from crucible_core.runs.sound_manifest import sound_manifest
from crucible_core.runs.status import observed_status
from crucible_core.trace.jsonl import JournalError

if TYPE_CHECKING:
    from crucible_core.runs.directory import RunDirectory

Source = Literal["manifest.json", "telemetry.jsonl"]


class UnreadableRunError(CrucibleError):
    """A run whose manifest cannot be read and whose journal cannot replace it."""

    exit_code = 2


@dataclass(frozen=True)
class RecordedRun:
    """One run.

    Args:
        directory: Where its record lies.
        manifest: What it was; every key is there, with a value of the right type.
        source: The file the manifest was read from.
        notes: What the record lacks, a sentence each.
    """

    directory: RunDirectory
    manifest: Mapping[str, Any]
    source: Source
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """``experiment/run``, by the names of the directories: what finds it again."""
        path = self.directory.path.resolve()
        return f"{path.parent.name}/{path.name}"

    @property
    def status(self) -> str:
        """How it is doing, as seen now."""
        return observed_status(self.manifest)

    @property
    def stages(self) -> tuple[Mapping[str, Any], ...]:
        """Its stages, in order."""
        return tuple(self.manifest["stages"])


def read_run(directory: RunDirectory) -> RecordedRun:
    """Read a run: its manifest where that is its last word, else its journal, which is the truth.

    A manifest is written at the beginning and at the end: that of a run that was killed, or goes on, says nothing of
    what happened since.

    Raises:
        UnreadableRunError: Neither can be read.
    """
    document, problem = _document(directory.manifest)
    if document is not None and _is_last_word(document, directory.journal):
        return _recorded(directory, document, "manifest.json", ())
    try:
        rebuilt = rebuild_manifest(directory.path)
    except (JournalError, KeyError, TypeError, AttributeError, ValueError) as error:
        told = str(error) if isinstance(error, JournalError) else f"{directory.journal} holds no events of a run"
        if document is None:
            raise UnreadableRunError(f"{directory.path} cannot be read: {problem}; {told}") from error
        return _recorded(directory, document, "manifest.json", (f"the journal cannot be read: {told}",))
    notes = () if document is not None else (f"{problem}; this is what the journal tells",)
    return _recorded(directory, rebuilt, "telemetry.jsonl", notes)


def _recorded(directory: RunDirectory, document: Any, source: Source, notes: tuple[str, ...]) -> RecordedRun:
    run = RecordedRun(directory, sound_manifest(document), source, notes)
    own = f"{run.manifest['experiment_id']}/{run.manifest['run_id']}"
    if own == run.label:
        return run
    return RecordedRun(directory, run.manifest, source, (*notes, f"its directory was renamed; its record says {own}"))


def _document(path: Path) -> tuple[dict[str, Any] | None, str]:
    """Return what a manifest says, or why it says nothing."""
    try:
        document = json.loads(path.read_bytes(), parse_constant=str)
    except OSError as error:
        return None, f"there is no {path.name}" if not path.exists() else f"{path.name}: {error.strerror or error}"
    except (ValueError, RecursionError):
        return None, f"{path.name} is damaged: it is not JSON"
    if not isinstance(document, dict) or not isinstance(document.get("stages"), list):
        return None, f"{path.name} is damaged: it is not the manifest of a run"
    return document, ""


def _is_last_word(manifest: Mapping[str, Any], journal: Path) -> bool:
    try:
        return is_last_word(manifest, last_line(journal))
    except OSError:
        return False
