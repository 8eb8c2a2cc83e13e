"""Values for options: of wrong types, at bounds and just outside them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crucible_core.contract.type_check import type_errors

if TYPE_CHECKING:
    from crucible_core.contract.type_spec import TypeSpec

_FOREIGN: tuple[Any, ...] = ("no such value", 7, 2.5, True, [object], {"no such key": object}, [[]])
"""Values of which at least three fit no type but ``any``; the objects keep a list from being one of anything."""

_LARGE = 1_000
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
        return abs(value) <= _LARGE
    return not hasattr(value, "__len__") or len(value) <= _LARGE


class OptionSchema:
    """What a JSON Schema says of one option, as far as bounds go: alternatives of types with limits.

    Args:
        schema: The schema of all options.
        name: The option.
    """

    def __init__(self, schema: Mapping[str, Any], name: str) -> None:
        self._definitions: Mapping[str, Any] = schema.get("$defs", {})
        self.alternatives = list(self._alternatives(schema.get("properties", {}).get(name, {}), 0))

    def _alternatives(self, schema: Any, depth: int) -> Iterator[Mapping[str, Any]]:
        if not isinstance(schema, Mapping) or depth > 8:  # noqa: PLR2004 - deeper than any option is
            return
        if "$ref" in schema:
            yield from self._alternatives(self._definitions.get(str(schema["$ref"]).rpartition("/")[2]), depth + 1)
            return
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                for member in schema[key]:
                    yield from self._alternatives(member, depth + 1)
                return
        yield schema

    def admits(self, value: Any) -> bool:
        """Tell whether a value lies within the bounds of an alternative of its kind."""
        return any(_within(value, each) for each in self.alternatives)

    def candidates(self, near: Any = None) -> list[Any]:
        """Return values at the bounds, just outside them, and one between; members of enums, and null.

        Args:
            near: A value that is known to be admitted.
        """
        found = [value for each in self.alternatives for value in _candidates(each, near)]
        unique: list[Any] = []
        for value in found:
            if not any(type(value) is type(other) and value == other for other in unique):
                unique.append(value)
        return unique


def _within(value: Any, schema: Mapping[str, Any]) -> bool:
    if "const" in schema:
        return bool(schema["const"] == value)
    if "enum" in schema:
        return any(type(value) is type(member) and value == member for member in schema["enum"])
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return _is_number(value, whole=kind == "integer") and _within_numbers(value, schema)
    if kind == "string":
        return isinstance(value, str) and schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", math.inf)
    if kind == "array":
        fits = isinstance(value, (list, tuple))
        return fits and schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", math.inf)
    return bool((kind == "null") == (value is None) and (kind != "boolean" or isinstance(value, bool)))


def _is_number(value: Any, *, whole: bool) -> bool:
    return isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)


def _within_numbers(value: float, schema: Mapping[str, Any]) -> bool:
    return (
        value >= schema.get("minimum", -math.inf)
        and value <= schema.get("maximum", math.inf)
        and value > schema.get("exclusiveMinimum", -math.inf)
        and value < schema.get("exclusiveMaximum", math.inf)
    ) or (math.isinf(value) and not any("imum" in key for key in schema))


def _candidates(schema: Mapping[str, Any], near: Any) -> Iterator[Any]:
    if "enum" in schema:
        yield from schema["enum"]
        yield "no such choice"
    match schema.get("type"):
        case "integer":
            yield from _numbers(schema, near, lambda bound, way: int(bound) + way)
        case "number":
            yield from _numbers(schema, near, lambda bound, way: math.nextafter(bound, way * math.inf))
        case "boolean":
            yield from (True, False)
        case "null":
            yield None
        case "string" if "pattern" not in schema and "format" not in schema and "enum" not in schema:
            yield from _lengths(schema, "minLength", "maxLength", "x", near)
        case "array":
            yield from _lengths(schema, "minItems", "maxItems", None, near)


def _numbers(schema: Mapping[str, Any], near: Any, step: Any) -> Iterator[Any]:
    whole = schema.get("type") == "integer"
    for key, outward in (("minimum", -1), ("maximum", 1)):
        if key in schema:
            bound = int(schema[key]) if whole else float(schema[key])
            yield bound
            yield step(bound, outward)
    for key, inward in (("exclusiveMinimum", 1), ("exclusiveMaximum", -1)):
        if key in schema:
            bound = int(schema[key]) if whole else float(schema[key])
            yield bound
            if whole:
                yield step(bound, inward)
    if not whole:
        yield from _between(schema, near)


def _between(schema: Mapping[str, Any], near: Any) -> Iterator[Any]:
    """Yield a number that is no integer, and an integer, within the bounds."""
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is not None and high is not None:
        middle = (low + high) / 2
        yield from (middle, middle + (high - low) / 7)
        yield from (whole for whole in (math.floor(middle), math.ceil(middle)) if low < whole < high)
    elif isinstance(near, (int, float)) and not isinstance(near, bool) and math.isfinite(near):
        outward = -1 if low is None and high is not None else 1
        yield from (near + outward * 0.5, math.floor(near) + outward)


def _lengths(schema: Mapping[str, Any], shortest: str, longest: str, filler: Any, near: Any) -> Iterator[Any]:
    item = filler if filler is not None else (near[0] if isinstance(near, (list, tuple)) and near else None)
    for key, outward in ((shortest, -1), (longest, 1)):
        for length in (schema[key], schema[key] + outward) if key in schema else ():
            if 0 <= length <= 10 * _LARGE and (item is not None or length == 0):
                yield item * length if isinstance(filler, str) else [item] * length
