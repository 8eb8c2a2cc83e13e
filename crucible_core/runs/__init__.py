"""The record of a run: a directory from which everything else can be rebuilt."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_core.runs.index.asking import list_runs, reindex
    from crucible_core.runs.index.listing import RunSummary
    from crucible_core.runs.locate import find_run
    from crucible_core.runs.rebuild import rebuild_manifest
    from crucible_core.runs.status import observed_status
    from crucible_core.runs.tags import change_tags

_HOMES = {
    "RunSummary": "index.listing",
    "change_tags": "tags",
    "find_run": "locate",
    "list_runs": "index.asking",
    "observed_status": "status",
    "rebuild_manifest": "rebuild",
    "reindex": "index.asking",
}

__all__ = ["RunSummary", "change_tags", "find_run", "list_runs", "observed_status", "rebuild_manifest", "reindex"]


def __getattr__(name: str) -> Any:
    """Import a public name from where it lives, once."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
