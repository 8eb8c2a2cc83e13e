"""Modules of the user's own, beside the spec that names them."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path


def find_modules_beside(spec: Path) -> None:
    """Let a spec name modules of the working directory and of its own, for ``module:`` and for options.

    They come last on ``sys.path``: a file called ``random.py`` lying about shadows nothing that is installed. Python's
    safe path (``python -P``, ``PYTHONSAFEPATH``) switches this off.
    """
    if sys.flags.safe_path:
        return
    for directory in (Path(), spec.parent):
        with contextlib.suppress(OSError):  # the working directory may be gone
            if (found := str(directory.resolve())) not in sys.path:
                sys.path.append(found)
