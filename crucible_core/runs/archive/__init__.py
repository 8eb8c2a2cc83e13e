"""One run as one file that can be carried elsewhere: a zip archive with a list of checksums."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_core.runs.archive.contents import ArchiveError
    from crucible_core.runs.archive.exporting import Exported, export_run
    from crucible_core.runs.archive.importing import Imported, import_run

_HOMES = {
    "ArchiveError": "contents",
    "Exported": "exporting",
    "Imported": "importing",
    "export_run": "exporting",
    "import_run": "importing",
}

__all__ = ["ArchiveError", "Exported", "Imported", "export_run", "import_run"]


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
