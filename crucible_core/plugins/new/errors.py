"""Why a plugin was not written."""

from __future__ import annotations

from crucible_core.ir.errors import CrucibleError

__all__ = ["NewPluginError"]


class NewPluginError(CrucibleError):
    """A name that a plugin cannot have, or a place where it cannot be written."""

    exit_code = 2
