"""Which of the modules that are loaded are a plugin's own, and which are libraries."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from crucible_core.testing.check import NotApplicableError
from crucible_core.testing.installed import installed

if TYPE_CHECKING:
    from crucible_core.testing.target import Target

_OF_THE_CORE = (
    *("crucible_core", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection", "annotated_types"),
    *("pluggy", "yaml", "email_validator"),
)
"""The core and what it needs, which do nothing when they are imported."""
_NOT_ITS_OWN = frozenset({"builtins", "crucible_core", "abc", "typing"})


def packages_of(kind: type) -> frozenset[str]:
    """Return the top-level packages, or modules, that the code of a class is in, what it inherits from included."""
    return frozenset(each.__module__.partition(".")[0] for each in kind.__mro__) - _NOT_ITS_OWN


def own_packages(target: Target, loaded: Iterable[str]) -> set[str]:
    """Return the top-level names, among those of loaded modules, that belong to a stage's plugin.

    These are the stage's own, those that its distribution installed, and what lies beside it in a directory of sources.
    """
    own = target.module.partition(".")[0]
    root = _root(own)
    beside = root if root is not None and not _is_site(root) else None
    installed_with_it = _installed_names(target)
    names = {name.partition(".")[0] for name in loaded}
    return {
        name for name in names if name in installed_with_it | {own} or (beside is not None and _root(name) == beside)
    }


def imported_since(before: Collection[str], own: str) -> tuple[str, ...]:
    """Return the modules of other packages, the standard library and the core apart, that were loaded since.

    Args:
        before: The modules that were loaded.
        own: A module of the stage's package.
    """
    known = {own.partition(".")[0], *_OF_THE_CORE, *sys.stdlib_module_names}
    return tuple(sorted(name for name in sys.modules.keys() - set(before) if name.partition(".")[0] not in known))


def _root(name: str) -> str | None:
    """Return the directory in which a loaded top-level module or package lies."""
    module = sys.modules.get(name)
    places = [*(getattr(module, "__path__", None) or ()), getattr(module, "__file__", None)]
    place = places[0]
    return os.path.dirname(place) if isinstance(place, str) else None  # noqa: PTH120 - a text


@cache
def _is_site(directory: str) -> bool:
    """Tell whether distributions are installed into a directory."""
    return any(Path(directory).glob("*.dist-info"))


def _installed_names(target: Target) -> set[str]:
    try:
        files = installed(target).files
    except (NotApplicableError, OSError, UnicodeDecodeError):
        return set()
    return {file.partition("/")[0].partition(".")[0] for file in files if not file.startswith((".", "/"))}
