"""Load tables of data, split them reproducibly, and say exactly what was loaded.

Names are imported when they are first used, so that importing this package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_datasets.checksum import sha256_of_file, sha256_of_rows
    from crucible_datasets.errors import DatasetError
    from crucible_datasets.field_mapping import map_fields
    from crucible_datasets.loading import load_dataset
    from crucible_datasets.reading import read_table
    from crucible_datasets.splits import split_indices
    from crucible_datasets.table import Table

__version__ = "0.1.0"

_HOME_OF = {
    "DatasetError": "errors",
    "Table": "table",
    "load_dataset": "loading",
    "map_fields": "field_mapping",
    "read_table": "reading",
    "sha256_of_file": "checksum",
    "sha256_of_rows": "checksum",
    "split_indices": "splits",
}

__all__ = [
    "DatasetError",
    "Table",
    "__version__",
    "load_dataset",
    "map_fields",
    "read_table",
    "sha256_of_file",
    "sha256_of_rows",
    "split_indices",
]


def __getattr__(name: str) -> Any:
    """Import a public name from where it lives, once."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
