"""Where a module would come from, found out without importing it or its package."""

from __future__ import annotations

import contextlib
import sys
import sysconfig
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NamedTuple

__all__ = ["FoundModule", "ModuleFinder"]

_STANDARD = tuple({f"{sysconfig.get_path(name)}/" for name in ("stdlib", "platstdlib")})
_INSTALLED = ("site-packages", "dist-packages")


class FoundModule(NamedTuple):
    """A module as the import system sees it.

    Attributes:
        name: Its full name.
        origin: Its file; None for a namespace package, and for what is no file.
        locations: The directories of a package; empty for a module.
        standard: Whether it belongs to Python.
        made: Whether it was made while the program runs, so that no file says what it does.
        loaded: Whether it was imported already.
    """

    name: str
    origin: str | None = None
    locations: tuple[str, ...] = ()
    standard: bool = False
    made: bool = False
    loaded: bool = False


class ModuleFinder:
    """Find modules by name; each is looked for once."""

    def __init__(self) -> None:
        self._found: dict[str, FoundModule | None] = {}

    def find(self, name: str) -> FoundModule | None:
        """Return a module, None where there is none of this name."""
        if name not in self._found:
            self._found[name] = self._look(name)
        return self._found[name]

    def _look(self, name: str) -> FoundModule | None:
        module = sys.modules.get(name)
        if isinstance(module, ModuleType):
            return _loaded(name, module)
        package, _, _ = name.rpartition(".")
        path = None
        if package:
            parent = self.find(package)
            if parent is None or not parent.locations:
                return None
            path = list(parent.locations)
        spec = _spec(name, path)
        return None if spec is None else _found(name, spec)


def _spec(name: str, path: list[str] | None) -> ModuleSpec | None:
    """Ask the finders of the import system; none of them runs code of the module or its package."""
    for finder in sys.meta_path:
        with contextlib.suppress(Exception):  # a finder of somebody else's: one that fails has not found anything
            spec = finder.find_spec(name, path)
            if spec is not None:
                return spec
    return None


def _loaded(name: str, module: ModuleType) -> FoundModule:
    spec = getattr(module, "__spec__", None)
    if isinstance(spec, ModuleSpec):
        return _found(name, spec, loaded=True)
    file = getattr(module, "__file__", None)  # a script that is run has a file and no spec
    if name == "__main__" and (hasattr(sys, "ps1") or sys.flags.interactive):
        file = None
    return FoundModule(name, file if isinstance(file, str) else None, made=not isinstance(file, str), loaded=True)


def _found(name: str, spec: ModuleSpec, *, loaded: bool = False) -> FoundModule:
    locations: Any = spec.submodule_search_locations
    where = tuple(map(str, locations)) if locations is not None else ()
    if spec.origin in ("built-in", "frozen"):
        return FoundModule(name, locations=where, standard=True, loaded=loaded)
    origin = spec.origin if spec.has_location else None
    return FoundModule(name, origin, where, _is_standard(origin), made=origin is None and not where, loaded=loaded)


def _is_standard(origin: str | None) -> bool:
    if origin is None or not origin.startswith(_STANDARD):
        return False
    return not any(f"/{each}/" in origin for each in _INSTALLED)
