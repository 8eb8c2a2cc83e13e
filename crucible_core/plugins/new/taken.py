"""Names that a new plugin cannot have because something else in its environment has them."""

from __future__ import annotations

import functools
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from crucible_core.plugins.builtin import BUILTIN_STAGES
from crucible_core.plugins.catalogue import catalogue
from crucible_core.plugins.names import normalise
from crucible_core.plugins.record import CORE

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

    from crucible_core.plugins.inventory import Inventory

__all__ = ["is_foreign", "package_owner", "stage_owner"]

_OWN = ("crucible", CORE)
_DIRECTORIES = ("build", "dist", "docs", "src", "test", "tests")
"""Directories that repositories have for something else; builds and .gitignore would take the package for it."""
_TOOLS = ("conftest", "flit_core", "mypy", "pip", "pytest", "ruff", "setup", "setuptools")
"""Modules that working on the plugin imports, in environments other than this one."""


def is_foreign(distribution: str, inventory: Inventory) -> bool:
    """Tell whether a distribution of this name is installed that is no plugin, and would be replaced."""
    from importlib_metadata import PackageNotFoundError, version

    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return not _is_plugin(distribution, inventory)


def _is_plugin(distribution: str, inventory: Inventory) -> bool:
    return any(record.distribution == distribution for record in inventory.records)


def package_owner(package: str, distribution: str, inventory: Inventory) -> str:
    """Say whose top-level name an import package would hide; empty where it would hide none.

    Args:
        package: Name of the import package.
        distribution: Normalised name of the distribution that is to have it.
        inventory: The installed plugins, an earlier installation of this one perhaps among them.
    """
    ours = {normalise(name) for name in (*_OWN, *(entry.distribution for entry in catalogue()))}
    if normalise(package) in ours:
        return f"Crucible's own {package}"
    if package in sys.stdlib_module_names:
        return f"the module {package} of Python's standard library"
    if package in _DIRECTORIES:
        return f"or be hidden by the directory {package!r} that repositories have for something else"
    if package in _TOOLS:
        return f"the module {package} that working on the plugin needs"
    return "" if _is_plugin(distribution, inventory) else _installed_owner(package)


def _installed_owner(package: str) -> str:
    """Say which installed module has this name."""
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):  # a module without a spec is one that somebody has made by hand
        return f"the module {package}, which is loaded"
    if spec is None:
        return ""
    owners = sorted(set(_owners().get(package, ())))
    if not owners and _lies_here(spec):
        return ""
    return f"the installed package {package}{' of ' if owners else ''}{', '.join(owners)}"


def _lies_here(spec: ModuleSpec) -> bool:
    """Tell whether a module is found only because it lies in the working directory."""
    places = spec.submodule_search_locations or ([spec.origin] if spec.origin else [])
    return any(Path(place).resolve().parent == Path.cwd() for place in places)


@functools.cache
def _owners() -> dict[str, list[str]]:
    """Return top-level name to the distributions that have it; reads the metadata of all of them."""
    from importlib_metadata import packages_distributions

    return dict(packages_distributions())


def stage_owner(stage: str, distribution: str, inventory: Inventory) -> str:
    """Say who offers a stage of this name already; empty where nobody does.

    Args:
        stage: The name.
        distribution: Normalised name of the distribution that is to offer it, which may be installed.
        inventory: The installed plugins; what is switched off counts, too.
    """
    if stage in BUILTIN_STAGES:
        return "the core"
    for record in inventory.records:
        if record.distribution != distribution and stage in (ref.name for ref in record.stages):
            return f"the installed {record.name}"
    known = next((entry for entry in catalogue() if stage in entry.stages), None)
    return f"{known.distribution} of Crucible" if known else ""
