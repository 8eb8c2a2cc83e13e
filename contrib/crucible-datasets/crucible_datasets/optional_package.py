"""Packages that only some sources need."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from crucible_datasets.errors import DatasetError


def require(module: str, package: str, purpose: str) -> Any:
    """Import a module of an optional package.

    Args:
        module: Name of the module.
        package: What to install for it, by its name on the public package index.
        purpose: What it is needed for, to begin the message with.

    Raises:
        DatasetError: ``missing_package``, with what to type.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise _missing(package, purpose, f"cannot be imported ({error})") from error


def places_of(module: str, package: str, purpose: str) -> Sequence[str]:
    """Return the directories of an optional package without importing it.

    Args:
        module: Name of its module.
        package: What to install for it, by its name on the public package index.
        purpose: What it is needed for, to begin the message with.

    Raises:
        DatasetError: ``missing_package``, with what to type.
    """
    try:
        found = find_spec(module)
    except ValueError:  # a module that stands for it, without a specification
        found = None
    if found is None:
        raise _missing(package, purpose, f"cannot be imported (No module named {module!r})")
    return found.submodule_search_locations or ()


def _missing(package: str, purpose: str, how: str) -> DatasetError:
    message = f"{purpose} needs the package {package}, which {how}; type: pip install {package}"
    return DatasetError("missing_package", message, package=package)
