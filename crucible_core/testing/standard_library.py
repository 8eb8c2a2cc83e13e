"""The functions and classes of the standard library, which a stage may have put others in the place of."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

_KINDS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, type)
_MODULES = frozenset(sys.stdlib_module_names) - {"builtins", "warnings", "__main__"}
_OTHERS = frozenset({"sys.excepthook", "sys.displayhook", "sys.unraisablehook", "threading.excepthook"})
"""What is looked at otherwise, as are builtins and warnings."""


class _Place(NamedTuple):
    """Where a function is: its module, and its name there."""

    module: types.ModuleType
    name: str
    key: str


_KNOWN: dict[str, tuple[types.ModuleType, tuple[_Place, ...]]] = {}
"""Name of a module to the module, and the places of the functions it had when it was first seen."""


def standard_library() -> tuple[dict[str, Any], Callable[[], None]]:
    """Return what is in the place of each public function and class of the loaded modules, and what puts it back."""
    held = {place.key: vars(place.module).get(place.name) for place in _places()}

    def put_back() -> None:
        for place in _places():
            now = vars(place.module).get(place.name)
            if place.key in held and now is not held[place.key] and not _is_of_a_library(now):
                setattr(place.module, place.name, held[place.key])

    return held, put_back


def _places() -> list[_Place]:
    for name, module in list(sys.modules.items()):
        ours = name.partition(".")[0] in _MODULES and type(module) is types.ModuleType
        if ours and (name not in _KNOWN or _KNOWN[name][0] is not module):
            _KNOWN[name] = module, tuple(_places_in(name, module))
    return [place for _, places in _KNOWN.values() for place in places]


def _places_in(name: str, module: types.ModuleType) -> Iterator[_Place]:
    for each, value in list(vars(module).items()):
        if type(value) in _KINDS and not each.startswith("_") and f"{name}.{each}" not in _OTHERS:
            yield _Place(module, each, f"{name}.{each}")


def _is_of_a_library(value: Any) -> bool:
    """Tell whether something belongs to an installed package, which may rely on being where it put it on import."""
    module = sys.modules.get(str(getattr(value, "__module__", None)))
    return "-packages" in str(getattr(module, "__file__", None))
