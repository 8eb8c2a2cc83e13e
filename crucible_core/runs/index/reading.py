"""Read a run directory for an index, whatever state it is in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from crucible_core.contract.errors import named
from crucible_core.runs.directory import RunDirectory
from crucible_core.runs.index.rows import RunRecord
from crucible_core.runs.last_word import is_last_word, last_line
from crucible_core.runs.rebuild import rebuild_manifest
from crucible_core.runs.tags import TagsError, spec_tags, tags_of
from crucible_core.trace.jsonl import JournalError


def read_run(path: Path, place: str) -> RunRecord | None:
    """Return what a run directory says; None for a directory that holds no run.

    The journal is the truth. ``manifest.json`` is taken instead where it was made from the whole of it, which its time
    of ending shows. What is damaged is said and does not raise: the other runs are to be read all the same.
    """
    directory = RunDirectory(path)
    damage: list[str] = []
    manifest = _manifest(directory, damage)
    if manifest is None:
        return None
    return RunRecord(
        place,
        manifest,
        tags=_tags(path, manifest, damage),
        definition=_document(directory.spec),
        damage="; ".join(damage) or None,
    )


def _manifest(directory: RunDirectory, damage: list[str]) -> dict[str, Any] | None:
    kept = _document(directory.manifest)
    try:
        last = last_line(directory.journal)
    except FileNotFoundError:
        if kept is None and not directory.manifest.exists() and not directory.spec.exists():
            return None
        damage.append("telemetry.jsonl is missing")
        return kept or {}
    except OSError as error:
        damage.append(f"telemetry.jsonl cannot be read: {error.strerror or error}")
        return kept or {}
    if kept is not None and (last == b"" or is_last_word(kept, last)):
        return kept  # nothing was recorded yet, or nothing since
    try:
        return rebuild_manifest(directory.path, skim=True)
    except JournalError as error:
        damage.append(str(error))
    except Exception as error:  # noqa: BLE001 - an edited journal may hold anything; it must not hide other runs
        damage.append(f"telemetry.jsonl cannot be read: {named(error)}")
    return kept or {}


def _document(path: Path) -> dict[str, Any] | None:
    """Return a JSON object from a file; None where there is none that can be read."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _tags(path: Path, manifest: dict[str, Any], damage: list[str]) -> list[str]:
    try:
        return tags_of(path, manifest)
    except TagsError as error:
        damage.append(str(error))
        return spec_tags(manifest)
