"""The manifest of a run, made again from its journal."""

from __future__ import annotations

import copy
import hashlib
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.runs.directory import RunDirectory
from crucible_core.runs.manifest import FOLDED, ManifestFold
from crucible_core.trace.jsonl import JournalError, read_events

if TYPE_CHECKING:
    from crucible_core.trace.event import Event


def rebuild_manifest(run_dir: str | os.PathLike[str], *, skim: bool = False) -> dict[str, Any]:
    """Return the manifest that a run's journal tells, whatever became of ``manifest.json``.

    A run that was killed has the status ``running`` here; `crucible_core.runs.observed_status` says what that means.

    Args:
        run_dir: The directory of the run.
        skim: Pass over events that a manifest tells nothing of, such as a million metrics, without parsing them; damage
            in them goes unnoticed.

    Raises:
        JournalError: There is no journal, it is damaged before its last line, or does not begin with ``run_start``.
    """
    journal = RunDirectory(Path(run_dir)).journal
    events = _told_events(journal) if skim else read_events(journal)
    first = next(events, None)
    beginning = first.payload.get("manifest") if first is not None and first.event_name == "run_start" else None
    if first is None or not beginning:
        raise JournalError(
            f"{journal}: the journal does not begin with run_start and the run's manifest",
            hint="the run was killed before it began, or the file is not a run's journal",
        )
    fold = ManifestFold(copy.deepcopy(beginning))
    fold.add(first.timestamp, first.event_name, first.stage, first.payload)
    event = first
    for event in events:
        fold.add(event.timestamp, event.event_name, event.stage, event.payload)
    if fold.manifest.get("finished_at") is not None and not skim:
        fold.manifest["journal_sha256"] = _sha256_of_lines(journal, event.seq)
    return fold.manifest


def _sha256_of_lines(path: Path, count: int) -> str:
    """Return the SHA-256 of the first lines of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for line in islice(stream, count):
            digest.update(line)
    return digest.hexdigest()


def _told_events(journal: Path) -> Iterator[Event]:
    from crucible_core.trace.skimming import skim_events

    return (event for _, event in skim_events(journal, FOLDED) if event is not None)
