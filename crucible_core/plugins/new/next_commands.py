"""What to type after a plugin was written."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from crucible_core.plugins.discover import origin_of
from crucible_core.plugins.find import find_candidates
from crucible_core.plugins.origin import file_of
from crucible_core.plugins.record import CORE

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["UNKNOWN_SOURCE", "core_requirement", "next_commands"]

UNKNOWN_SOURCE = "PATH-OF-CRUCIBLE"
"""What stands for the source of the core where its metadata do not say it."""


def next_commands(directory: Path) -> tuple[str, ...]:
    """Return the commands that install a plugin, test it and show that Crucible knows it."""
    return (
        f"cd {shlex.quote(str(directory))}",
        "python3 -m venv .venv",
        f".venv/bin/pip install {shlex.quote(core_requirement())} -e '.[dev]'",
        ".venv/bin/python -m pytest",
        ".venv/bin/crucible plugins list",
    )


def core_requirement(path: Iterable[str] | None = None) -> str:
    """Return what pip is to install the core from: where this one came from.

    Never a bare name, because those on the public index are not ours.

    Args:
        path: Directories to look for it in; ``sys.path`` when None.
    """
    candidates = find_candidates(sys.path if path is None else path)
    core = next((candidate for candidate in candidates if candidate.name == CORE), None)
    url = origin_of(core)[0] if core else None
    if url is None:
        return UNKNOWN_SOURCE
    file = file_of(url)
    if file is None:
        return f"{CORE} @ {url}"
    return file if Path(file).exists() else UNKNOWN_SOURCE
