"""Packages that only some sources need."""

from __future__ import annotations

from importlib import import_module
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
        raise DatasetError(
            "missing_package",
            f"{purpose} needs the package {package}, which cannot be imported ({error}); type: pip install {package}",
            package=package,
        ) from error
