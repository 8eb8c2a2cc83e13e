"""The functions and classes of the standard library, which a stage may have put others in the place of."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, NamedTuple

_KINDS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, type)
_MODULES = frozenset(sys.stdlib_module_names) - {
    "builtins",
    "warnings",
    "posix",
    "ntpath",
    "ast",
    "codecs",
    "encodings",
}
"""Those with functions that many call by these names; a look at all others would take as long again."""
_OTHERS = frozenset({"sys.excepthook", "sys.displayhook", "sys.unraisablehook", "threading.excepthook"})
"""What is looked at otherwise, as are builtins and warnings."""


class _Part(NamedTuple):
    """A module, the names of the functions that it had when it was first seen, and what returns these at once."""

    module: types.ModuleType
    names: tuple[str, ...]
    take: Callable[[Mapping[str, Any]], tuple[Any, ...]]

    def now(self) -> tuple[Any, ...]:
        """Return what is in the places of its functions, the first once more; None for one that is gone."""
        try:
            return self.take(vars(self.module))
        except KeyError:
            return tuple(vars(self.module).get(name) for name in (*self.names, self.names[0]))


_KNOWN: dict[str, _Part] = {}
_SEEN: dict[str, Any] = {}
"""What was in ``sys.modules`` under each name when it was looked at."""


class Functions:
    """What was in the places of the functions of each module; equal to what is so in all modules that were there then.

    Looked at before and after every run, so that it has to be quick.
    """

    __slots__ = ("_parts",)

    def __init__(self, parts: dict[str, tuple[Any, ...]]) -> None:
        self._parts = parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Functions) and all(
            other._parts.get(name) == held for name, held in self._parts.items()
        )

    __hash__ = None  # type: ignore[assignment] # as a mapping's

    def named(self) -> dict[str, Any]:
        """Return full name to function."""
        return {
            f"{module}.{name}": value
            for module, held in self._parts.items()
            for name, value in zip(_KNOWN[module].names, held, strict=False)
        }


def standard_library() -> tuple[Functions, Callable[[], None]]:
    """Return what is in the place of each public function and class of the loaded modules, and what puts it back."""
    _look_for_new_ones()
    parts = dict(_KNOWN)
    held = {name: part.now() for name, part in parts.items()}

    def put_back() -> None:
        for module, part in parts.items():
            now = part.now()
            for name, before, value in zip(part.names, held[module], now, strict=False) if now != held[module] else ():
                if value is not before and not _is_of_a_library(value):
                    setattr(part.module, name, before)

    return Functions(held), put_back


def _look_for_new_ones() -> None:
    for name in [name for name, module in sys.modules.items() if _SEEN.get(name) is not module]:
        module = _SEEN[name] = sys.modules[name]
        if _is_looked_at(name) and type(module) is types.ModuleType and name == module.__name__:
            names = tuple(each for each, value in vars(module).items() if _is_public_function(name, each, value))
            if names:
                twice = (*names, names[0])  # of a single name itemgetter would return no tuple
                _KNOWN[name] = _Part(module, names, itemgetter(*twice))


def _is_looked_at(name: str) -> bool:
    return name.partition(".")[0] in _MODULES and "_" not in (name[0], name[name.rfind(".") + 1])


def _is_public_function(module: str, name: str, value: Any) -> bool:
    return type(value) in _KINDS and not name.startswith("_") and f"{module}.{name}" not in _OTHERS


def _is_of_a_library(value: Any) -> bool:
    """Tell whether something belongs to an installed package, which may rely on being where it put it on import."""
    module = sys.modules.get(str(getattr(value, "__module__", None)))
    return "-packages" in str(getattr(module, "__file__", None))
