"""How a run was asked for, as its record tells it, so that it can be asked for again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from crucible_core.ir.frozen import EMPTY
from crucible_core.runs.additions import sha256_of
from crucible_core.runs.index.url import without_password


class RunOrigin(NamedTuple):
    """Where a run and what it was given came from.

    Args:
        command: The command line; None for a run started from Python.
        assigned_files: Name of a value in ``assigns`` to the file it was read from.
    """

    command: Sequence[str] | None = None
    assigned_files: Mapping[str, Path] = EMPTY


def origin_record(
    origin: RunOrigin,
    assigns: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    overrides: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return what a manifest says of it: the command, options over the experiment's, what was given besides."""
    return {
        "command": None if origin.command is None else [*map(without_password, origin.command)],
        "overrides": {stage: dict(options) for stage, options in overrides.items()},
        "inputs": {
            "assigns": {name: _input(value, origin.assigned_files.get(name)) for name, value in assigns.items()},
            "outputs": len(rows),
        },
    }


def _input(value: Any, file: Path | None) -> dict[str, Any]:
    hashed = None if file is None else sha256_of(file)
    return {"source": None if file is None else str(file), "sha256": hashed, "type": type(value).__name__}
