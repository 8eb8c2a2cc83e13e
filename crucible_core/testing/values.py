"""Values for options: of wrong types, and small enough to run with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.type_check import type_errors

if TYPE_CHECKING:
    from crucible_core.contract.type_spec import TypeSpec

_FOREIGN: tuple[Any, ...] = ("no such value", 7, 2.5, True, [object], {"no such key": object}, [[]])
"""Values of which at least three fit no type but ``any``; the objects keep a list from being one of anything."""

LARGE = 1_000
"""A bound beyond this is held against the description, not run."""


def wrong_values(spec: TypeSpec, most: int = 3) -> list[Any]:
    """Return values that a type spec does not admit, of kinds that nobody would convert into one that it does."""
    found = [value for value in _FOREIGN if type_errors(value, spec) and not _convertible(value, spec)]
    if type_errors(None, spec):
        found.append(None)
    return found[:most]


def _convertible(value: Any, spec: TypeSpec) -> bool:
    """Tell whether a library could take a value for one of the type by custom: 7 for true, 2.5 for a path."""
    if isinstance(spec, Mapping):
        ((kind, argument),) = spec.items()
        if kind == "nullable":
            return _convertible(value, argument)
        if kind == "union":
            return any(_convertible(value, member) for member in argument)
        if kind in ("function", "struct"):
            return isinstance(value, str)
        return kind == "enum" and isinstance(value, (bool, int, float))
    plain_number = isinstance(value, (bool, int, float))
    return spec in ("integer", "float", "boolean") and plain_number


def is_small(value: Any) -> bool:
    """Tell whether a stage may be run with a value without the fear that it takes for ever."""
    if isinstance(value, (int, float)):
        return abs(value) <= LARGE
    return not hasattr(value, "__len__") or len(value) <= LARGE
