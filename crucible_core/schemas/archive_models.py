"""What ``crucible runs export --json`` and ``import --json`` print, and the list in an archive, as published."""

from __future__ import annotations

from typing import Literal

from crucible_core.trace.payloads import Record


class LeftOut(Record):
    """Something in a run directory that is no part of the archive."""

    path: str
    reason: str


class RunExport(Record):
    """What ``crucible runs export --json`` prints; sizes in bytes, ``sha256`` that of the archive."""

    schema_version: Literal["1.0"]
    run: str
    file: str
    bytes: int
    sha256: str
    files: int
    content_bytes: int
    left_out: list[LeftOut]


class RunImport(Record):
    """What ``crucible runs import --json`` prints."""

    schema_version: Literal["1.0"]
    run: str
    directory: str
    files: int
    bytes: int


class ArchivedFile(Record):
    """One file of the run, its path relative to the run directory."""

    path: str
    bytes: int
    sha256: str


class RunArchive(Record):
    """``archive.json`` in an archive of a run; each file lies at ``experiment_id/run_id/path``."""

    schema_version: Literal["1.0"]
    kind: Literal["crucible run"]
    experiment_id: str
    run_id: str
    files: list[ArchivedFile]
