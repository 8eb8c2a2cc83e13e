"""The modules of libraries and their classes, with the names in them under which something stands that others use.

Looked for once in each module; a stage that puts something else there changes what all other code does.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from typing import Any, NamedTuple

_METHODS = (types.FunctionType, classmethod, staticmethod, property)
_SCALARS = (bool, int, float, str, bytes)
_CONTAINERS = (dict, list, set, tuple, frozenset, types.ModuleType, types.MappingProxyType)
_CORE = "crucible_core"
_OF_THE_KIT = "crucible_core.testing"
_NOT_LOOKED_AT = frozenset({"builtins", "warnings", "posix", "sys"})
"""Modules that are looked at otherwise, or that show the same as another one."""
_OTHERS = frozenset(
    {
        *("threading.excepthook", "tempfile.tempdir", "os.environ", "logging.raiseExceptions", "logging.lastResort"),
        *("logging._loggerClass", "logging._logRecordFactory"),
    }
)
"""What is looked at otherwise."""
_HEAP_TYPE = 1 << 9
"""The flag of types that can be changed."""


class Place(NamedTuple):
    """A module or a class of a library.

    Args:
        owner: It.
        holds: What it holds, as it is at any time.
        called: Its full name.
        standard: Whether it is of the standard library.
        names: Names in it, as they were when it was first looked at.
        take: Returns at once what is under these, the first once more.
    """

    owner: Any
    holds: Mapping[str, Any]
    called: str
    standard: bool
    names: tuple[str, ...]
    take: Callable[[Mapping[str, Any]], tuple[Any, ...]]

    def now(self) -> tuple[Any, ...]:
        """Return what is under its names, the first once more; None for one that is gone."""
        return tuple(self.holds.get(name) for name in (*self.names, self.names[0]))


_KNOWN: list[Place] = []
_SEEN: dict[str, Any] = {}
"""What was in ``sys.modules`` under each name when it was looked at."""


def library_places() -> list[Place]:
    """Return the places in modules that are loaded; later ones are added at the end."""
    for name in [name for name, module in sys.modules.items() if _SEEN.get(name) is not module]:
        module = _SEEN[name] = sys.modules[name]
        if type(module) is types.ModuleType and name == module.__name__ and _is_of_a_library(name, module):
            _KNOWN.extend(_places(module, name))
    return _KNOWN


def contents(places: list[Place]) -> tuple[list[tuple[Any, ...]], list[int]]:
    """Return what is under the names of each place, and how many names there are in it."""
    try:
        held = [place.take(place.holds) for place in places]
    except KeyError:
        held = [place.now() for place in places]
    return held, [len(place.holds) for place in places]


def _is_of_a_library(name: str, module: types.ModuleType) -> bool:
    package = name.partition(".")[0]
    if name in _NOT_LOOKED_AT or name == _OF_THE_KIT or name.startswith(f"{_OF_THE_KIT}."):
        return False
    return package == _CORE or package in sys.stdlib_module_names or is_installed(module)


def is_installed(module: Any) -> bool:
    """Tell whether a module lies where distributions are installed."""
    return "-packages" in str(getattr(module, "__file__", None))


def _places(module: types.ModuleType, name: str) -> Iterator[Place]:
    standard = name.partition(".")[0] in sys.stdlib_module_names
    held = dict(vars(module))
    yield from _place(module, name, standard, [each for each, value in held.items() if _counts(each, value, standard)])
    for kind in held.values():
        if issubclass(type(kind), type) and kind.__flags__ & _HEAP_TYPE and vars(kind).get("__module__") == name:
            yield from _place(kind, f"{name}.{kind.__qualname__}", standard, list(_methods(kind, standard)))


def _place(owner: Any, called: str, standard: bool, names: list[str]) -> Iterator[Place]:
    looked_at = tuple(name for name in names if f"{called}.{name}" not in _OTHERS)
    if looked_at:
        twice = (*looked_at, looked_at[0])  # of a single name itemgetter would return no tuple
        yield Place(owner, vars(owner), called, standard, looked_at, itemgetter(*twice))


def _counts(name: str, value: Any, standard: bool) -> bool:
    """Tell whether something in a module is looked at: what can be called, and settings of the standard library."""
    if callable(value):
        return True
    if not standard or isinstance(value, _CONTAINERS) or (name.startswith("__") and name.endswith("__")):
        return False
    return not (isinstance(value, _SCALARS) and name.startswith("_"))


def _methods(kind: type, standard: bool) -> Iterator[str]:
    for name, value in vars(kind).items():
        if type(value) in _METHODS or (standard and not name.startswith("_") and isinstance(value, _SCALARS)):
            yield name
