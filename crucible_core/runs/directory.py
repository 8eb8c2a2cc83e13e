"""Where a run's record lies."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from crucible_core.ir.errors import CrucibleError

DEFAULT_OUTPUT_DIR = Path("artifacts/crucible")
LATEST = "latest"
"""Stands for the run that began last wherever a run is asked for; no run can be called so."""

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class RunDirectoryError(CrucibleError):
    """A run directory that cannot be made; nothing was run."""

    exit_code = 2


class RunDirectory(NamedTuple):
    """The files of one run."""

    path: Path

    @property
    def journal(self) -> Path:
        """Every event, one a line."""
        return self.path / "telemetry.jsonl"

    @property
    def manifest(self) -> Path:
        """What the run was and how it ended; can be rebuilt from the journal."""
        return self.path / "manifest.json"

    @property
    def spec(self) -> Path:
        """The experiment as it was run."""
        return self.path / "spec.json"

    @property
    def lock(self) -> Path:
        """What a process locks to write into the directory."""
        return self.path / "lock"

    @property
    def checkpoints(self) -> Path:
        """Values that stages left behind, each in a file named after its content."""
        return self.path / "checkpoints"

    def artifacts(self, stage_id: str) -> Path:
        """Return the directory for the files of one stage."""
        return self.path / "artifacts" / stage_id

    def remove(self) -> None:
        """Take away a run that could not begin, so that its id is free again; what cannot be removed stays."""
        with contextlib.suppress(OSError):
            for path in (self.spec, self.manifest, self.journal, self.lock):
                path.unlink(missing_ok=True)
            self.path.rmdir()


def new_run_id(now: datetime | None = None) -> str:
    """Return an id that sorts by time and does not repeat: ``20261122T093000Z-3f9a1c``."""
    import secrets  # costs as much as half of the rest of this package; who reads runs makes no ids

    moment = now or datetime.now(UTC)
    return f"{moment:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def check_run_id(run_id: str) -> str:
    """Return a run id that may name a directory.

    Raises:
        RunDirectoryError: It may not.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise RunDirectoryError(
            f"run id {run_id!r:.140}: use letters, digits, '.', '_' and '-', beginning with a letter or digit, "
            "128 at most"
        )
    if run_id == LATEST:
        raise RunDirectoryError(f"run id {run_id!r}: it stands for the run that began last; choose another")
    return run_id


def create_run_directory(output_dir: Path, experiment_id: str, run_id: str) -> RunDirectory:
    """Make the directory of a new run.

    Raises:
        RunDirectoryError: It is there already, or cannot be made.
    """
    path = output_dir / experiment_id / check_run_id(run_id)
    try:
        path.mkdir(parents=True)
    except FileExistsError as error:
        if path.is_dir():
            raise RunDirectoryError(
                f"run {run_id!r} of {experiment_id!r} exists already, in {path}",
                hint="choose another --run-id, or leave it out to get a new one",
            ) from None
        raise RunDirectoryError(f"cannot make {path}: {error.filename} is a file, not a directory") from None
    except OSError as error:
        raise RunDirectoryError(
            f"cannot make {path}: {error.strerror or error}",
            hint="choose a directory you may write to with --output-dir",
        ) from error
    return RunDirectory(path)
