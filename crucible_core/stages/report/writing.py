"""Documents into files and onto standard output."""

from __future__ import annotations

import sys

from crucible_core.runs.atomic import atomic_write
from crucible_core.stages.report.destinations import Destination, not_written


def write_document(destination: Destination, content: bytes) -> None:
    """Write a document where it goes, a file whole or not at all.

    Raises:
        StageError: It cannot be written.
    """
    try:
        if destination.path is None:
            _print(f"== {destination.name} ({destination.format}) ==\n{content.decode('utf-8')}")
        else:
            destination.path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(destination.path, content)
    except OSError as error:
        raise not_written(destination, error) from error


def _print(text: str) -> None:
    """Print text; characters that the terminal's encoding lacks are escaped."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()
