"""The files of a package, all of which count where not everything that it uses can be followed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from crucible_core.runs.cache.file_content import tree_entries

if TYPE_CHECKING:
    from crucible_core.runs.cache.module_finder import FoundModule

__all__ = ["PackageFile", "package_files", "parts_of"]


class PackageFile(NamedTuple):
    """A file in a package.

    Attributes:
        label: ``package/folder/file.txt``, wherever the package lies.
        path: Where it lies.
    """

    label: str
    path: str

    @property
    def module(self) -> str | None:
        """Name of the module that it is; None where it is none."""
        if not self.label.endswith(".py"):
            return None
        return self.label.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def package_files(package: FoundModule) -> Iterator[PackageFile]:
    """Yield the files of a package, without what Python compiled of them.

    Raises:
        UncacheableError: A directory cannot be read.
    """
    prefix = package.name.replace(".", "/")
    for location in package.locations:
        for entry in tree_entries(location):
            if entry.path is not None and "__pycache__" not in entry.name and not entry.name.endswith(".pyc"):
                yield PackageFile(f"{prefix}/{entry.name}", entry.path)


def parts_of(package: FoundModule) -> set[str]:
    """Return the names that modules and packages in a package may have."""
    return {name.partition(".")[0] for location in package.locations for name in _listed(location)}


def _listed(directory: str) -> list[str]:
    try:
        return os.listdir(directory)  # noqa: PTH208 - a Path for each of a hundred names costs time
    except OSError:
        return []
