"""What can be wrong with an index."""

from __future__ import annotations

from crucible_core.ir.errors import CrucibleError

__all__ = ["IndexUnreachableError", "RunIndexError"]


class RunIndexError(CrucibleError):
    """An index that cannot be read or written; the run directories are not affected."""

    exit_code = 2


class IndexUnreachableError(RunIndexError):
    """A shared index that cannot be reached now, and may be later."""

    exit_code = 1
