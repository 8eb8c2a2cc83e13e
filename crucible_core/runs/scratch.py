"""A place for the files of a run that is not recorded."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path


def scratch_directory() -> Callable[[str], Path]:
    """Return what makes directories for the files of a run that is not recorded, by stage id.

    They lie in one temporary directory, made when first asked for and removed with the last reference to this function
    or when the interpreter ends.
    """
    made: list[Path] = []

    def directory_for(stage_id: str) -> Path:
        if not made:
            import shutil
            import tempfile

            made.append(Path(tempfile.mkdtemp(prefix="crucible-")))
            weakref.finalize(directory_for, shutil.rmtree, made[0], ignore_errors=True)
        return made[0] / stage_id

    return directory_for
