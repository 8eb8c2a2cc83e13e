"""Whether the record of a run is still what was written: every file it names is hashed again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.runs.codecs.errors import DamagedObjectError
from crucible_core.runs.codecs.store import ObjectStore
from crucible_core.runs.file_checks import Check, check_in_run, check_source
from crucible_core.runs.journal_check import JournalCheck, check_journal
from crucible_core.runs.rebuild import rebuild_manifest
from crucible_core.runs.recorded import read_run
from crucible_core.runs.tags import FILE as TAGS_FILE
from crucible_core.runs.tags import TagChanges, TagsError, read_changes
from crucible_core.trace.jsonl import JournalError

if TYPE_CHECKING:
    from crucible_core.runs.directory import RunDirectory
    from crucible_core.runs.recorded import RecordedRun

__all__ = ["Check", "Verification", "verify_run"]

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True)
class Verification:
    """A run, and what became of everything its record names."""

    run: RecordedRun
    checks: tuple[Check, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not any(check.wrong for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Return what ``crucible runs verify --json`` prints."""
        return {
            "schema_version": SCHEMA_VERSION,
            "run": self.run.label,
            "directory": str(self.run.directory.path),
            "status": self.run.status,
            "sound": self.sound,
            "checks": [asdict(check) for check in self.checks],
        }


def verify_run(directory: RunDirectory) -> Verification:
    """Check the journal, and hash again every artifact, every kept value and every dataset that is a file here.

    Raises:
        UnreadableRunError: Neither manifest nor journal can be read.
    """
    run = read_run(directory)
    journal = check_journal(directory.journal)
    checks = [
        Check(
            "journal", directory.journal.name, "changed" if journal.problem else "ok", journal.problem or journal.note
        ),
        _manifest(run, journal),
        _spec(run, journal),
        *_tags(run),
        *_artifacts(run),
        *_objects(run, journal),
        *_checkpoints(run),
        *_datasets(run),
        *_inputs(run),
    ]
    return Verification(run, tuple(checks))


def _manifest(run: RecordedRun, journal: JournalCheck) -> Check:
    path = run.directory.manifest
    if not path.is_file():
        return Check("manifest", path.name, "missing", "it can be rebuilt from the journal")
    document = _json(path)
    if not isinstance(document, dict):
        return Check("manifest", path.name, "changed", "it is damaged; it can be rebuilt from the journal")
    if journal.problem or not journal.ended or document.get("status") == "running":
        return Check("manifest", path.name, "not_checkable", "it is that of a run which has not ended")
    if document.get("crucible_version") != _version():
        reason = f"it was written by crucible {document.get('crucible_version')}"
        return Check("manifest", path.name, "not_checkable", reason)
    try:
        rebuilt = rebuild_manifest(run.directory.path)
    except (JournalError, KeyError, TypeError, AttributeError, ValueError) as error:
        return Check("manifest", path.name, "not_checkable", f"the journal tells no manifest: {error}")
    differing = sorted(key for key in {**rebuilt, **document} if rebuilt.get(key) != document.get(key))
    if not differing:
        return Check("manifest", path.name, "ok")
    if differing == ["journal_sha256"]:
        return Check("manifest", path.name, "changed", "the journal is not the one whose hash it holds")
    return Check("manifest", path.name, "changed", f"the journal tells otherwise of {', '.join(differing)}")


def _spec(run: RecordedRun, journal: JournalCheck) -> Check:
    path = run.directory.spec
    if not path.is_file():
        return Check("spec", path.name, "missing")
    if journal.spec is None:
        return Check("spec", path.name, "not_checkable", "the journal does not hold it")
    if _json(path) == journal.spec:
        return Check("spec", path.name, "ok")
    return Check("spec", path.name, "changed", "it is not the experiment that the journal says was run")


def _tags(run: RecordedRun) -> Iterator[Check]:
    """Check that tags given later can be read; what they are is not recorded elsewhere."""
    try:
        given_later = read_changes(run.directory.path) != TagChanges()
    except TagsError as error:
        yield Check("tags", TAGS_FILE, "changed", str(error))
    else:
        if given_later:
            yield Check("tags", TAGS_FILE, "ok")


def _artifacts(run: RecordedRun) -> Iterator[Check]:
    for path, artifact in {each["path"]: each for each in run.manifest["artifacts"]}.items():
        yield check_in_run(run.directory.path, path, artifact.get("sha256"))


def _objects(run: RecordedRun, journal: JournalCheck) -> Iterator[Check]:
    store = ObjectStore(run.directory.checkpoints)
    for ref in journal.objects:
        name = f"{run.directory.checkpoints.name}/{ref.path}"
        try:
            store.verify(ref)
        except DamagedObjectError as error:
            there = store.path(ref).exists()
            yield Check("object", name, "changed" if there else "missing", str(error) if there else None)
        else:
            yield Check("object", name, "ok")


def _checkpoints(run: RecordedRun) -> Iterator[Check]:
    """Check that the checkpoints that stages named are there; where they are artifacts, those are hashed already."""
    hashed = {str(run.directory.path / each["path"]) for each in run.manifest["artifacts"]}
    for path in dict.fromkeys(each["path"] for each in run.manifest["checkpoints"]):
        if path in hashed:
            continue
        inside = _moved(run, path)
        if inside is None or not inside.exists():
            yield Check("checkpoint", path, "not_checkable", "it is not here, and no hash of it was recorded")
        elif str(inside) not in hashed:
            yield Check("checkpoint", path, "not_checkable", "no hash of it was recorded")


def _moved(run: RecordedRun, path: str) -> Path | None:
    """Return where a checkpoint is now; in a run directory that was moved, at the same place in it."""
    before = run.manifest.get("output_dir")
    if isinstance(before, str) and path.startswith(f"{before}/"):
        return run.directory.path / path.removeprefix(f"{before}/")
    return Path(path) if "\0" not in path else None


def _datasets(run: RecordedRun) -> Iterator[Check]:
    spec_file = run.manifest["spec_file"]
    for about in run.manifest["datasets"].values():
        yield check_source("dataset", about.get("source"), about.get("sha256"), spec_file)


def _inputs(run: RecordedRun) -> Iterator[Check]:
    spec_file = run.manifest["spec_file"]
    for name, about in run.manifest["inputs"]["assigns"].items():
        if about.get("source") is None:
            yield Check("input", name, "not_checkable", "it was given from Python, without a file")
        else:
            yield check_source("input", about["source"], about.get("sha256"), spec_file)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _version() -> str:
    from crucible_core import __version__

    return __version__
