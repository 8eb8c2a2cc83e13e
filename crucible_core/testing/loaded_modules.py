"""What stands under its name in ``sys.modules``, before and after."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder
from typing import Any


def modules_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Say which modules are gone, are others, or stand in the place of one that could be imported; empty if none."""
    there = {name: module for name, module in before.items() if module is not None}
    gone = sorted(name for name in there if name not in after)
    others = sorted(name for name, module in there.items() if after.get(name, module) is not module)
    said = {"gone": gone, "replaced": others, "made up": sorted(fakes(before, after))}
    return "; ".join(f"{how}: {', '.join(names[:5])}" for how, names in said.items() if names)


def fakes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names of modules that are new, that nobody imported, and that hide one that can be imported."""
    return [name for name in after.keys() - before.keys() if _is_made_up(name, after[name])]


def _is_made_up(name: str, module: Any) -> bool:
    if "." in name or module is None or getattr(module, "__spec__", module) is not None:
        return False
    return name in sys.stdlib_module_names or any(_found(name))


def _found(name: str) -> Iterator[bool]:
    for finder in (BuiltinImporter, FrozenImporter, PathFinder):
        yield finder.find_spec(name) is not None
