"""How complete the metadata and the installed files of a distribution are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from crucible_core.plugins.discover import GROUPS

if TYPE_CHECKING:
    from crucible_core.plugins.metadata import EntryPoint
    from crucible_core.testing.installed import Installed

_LICENSE = ("License", "License-Expression", "License-File")
_TESTS = ("tests/", "test/")


def missing_metadata(distribution: Installed, module: str) -> Iterator[str]:
    """Yield what a distribution does not say, in the words of ``pyproject.toml``.

    Args:
        distribution: The distribution.
        module: The module of a stage of its.
    """
    has = distribution.header
    if not has("Summary"):
        yield "description"
    if not (has("Description") or str(distribution.headers.get_payload()).strip()):
        yield "readme"
    if not (any(map(has, _LICENSE)) or any(each.startswith("License ::") for each in has("Classifier"))):
        yield "license"
    if not has("Requires-Python"):
        yield "requires-python"
    if "crucible" not in f"{distribution.name} {' '.join(has('Keywords'))}".lower():
        yield "keywords (one of them 'crucible', where the name does not say it)"
    package = _untyped_package(module)
    if package:
        yield f"the file py.typed in the package {package}"


def _untyped_package(module: str) -> str:
    """Return the package of a module, if neither it nor one around it is marked as typed; empty for a plain module."""
    parts = module.split(".")
    package = ""
    for length in range(1, len(parts) + 1):
        name = ".".join(parts[:length])
        try:
            spec = find_spec(name)
        except Exception:  # noqa: BLE001 - its parent does not import, which is another check's affair
            return ""
        if spec is None or spec.submodule_search_locations is None:
            break
        if any(Path(place, "py.typed").exists() for place in spec.submodule_search_locations):
            return ""
        package = package or name
    return package


def missing_modules(distribution: Installed) -> Iterator[str]:
    """Yield the modules that entry points name and that are in neither this distribution nor one that it requires."""
    for module in sorted({each.value.partition(":")[0].strip() for each in _ours(distribution)}):
        if not _holds(distribution.files, module) and not _required_one_holds(distribution, module):
            yield module


def _ours(distribution: Installed) -> Iterator[EntryPoint]:
    return (each for each in distribution.entry_points if each.group in GROUPS)


def _holds(files: Iterable[str], module: str) -> bool:
    """Tell whether a module is among files: source, extension module or package."""
    stem = module.replace(".", "/")
    return any(file.startswith((f"{stem}.", f"{stem}/__init__.")) for file in files)


def _required_one_holds(distribution: Installed, module: str) -> bool:
    """Tell whether the module comes with a requirement, as where one distribution offers what another one holds."""
    for line in distribution.requirements:
        name = re.match(r"[\w.-]+", line)
        try:
            files = metadata.files(name[0]) if name else None
        except metadata.PackageNotFoundError:
            continue
        if _holds(map(str, files or ()), module):
            return True
    return False


def misplaced_files(distribution: Installed) -> Iterator[str]:
    """Yield one file of each top-level package of tests."""
    for directory in _TESTS:
        yield from [file for file in distribution.files if file.startswith(directory)][:1]
