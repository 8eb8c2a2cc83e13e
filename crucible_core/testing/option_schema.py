"""Values that a JSON Schema makes worth trying for an option: at its bounds, just outside them, and far away."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crucible_core.contract.schema_check import schema_errors
from crucible_core.contract.schema_kinds import DEEPEST, listed, resolved
from crucible_core.testing.values import LARGE

_FAR = 100
_UNLIKELY = ("", "x", "X", "7", " ", "no such text", "_", "/", "a.b", "\u00e4")
"""Texts one of which fits hardly any pattern."""


class OptionSchema:
    """What a JSON Schema says of one option: alternatives of types with limits.

    Args:
        schema: The schema of all options.
        name: The option.
    """

    def __init__(self, schema: Mapping[str, Any], name: str) -> None:
        self._definitions: Mapping[str, Any] = schema.get("$defs", {})
        self._schema = schema.get("properties", {}).get(name, {})
        self.alternatives = list(self._alternatives(self._schema, 0))

    def _alternatives(self, given: Any, depth: int) -> Iterator[Mapping[str, Any]]:
        schema = resolved(given, self._definitions)
        if not isinstance(schema, Mapping) or depth > DEEPEST:
            return
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                for member in schema[key]:
                    yield from self._alternatives(member, depth + 1)
                return
        yield from ({**schema, "type": kind} for kind in listed(schema["type"])) if "type" in schema else (schema,)

    def admits(self, value: Any) -> bool:
        """Tell whether a value is as the schema says."""
        return not schema_errors(value, self._schema, self._definitions)

    def candidates(self, near: Any = None) -> list[Any]:
        """Return values at the bounds, just outside them, and between; members of enums, and null.

        Args:
            near: A value that is known to be admitted.
        """
        return _unique(value for each in self.alternatives for value in self._of(each, near))

    def far(self, near: Any = None) -> list[Any]:
        """Return values where there is no bound: an empty text or list, 0, a number below it, and a large one.

        Args:
            near: A value that is known to be admitted.
        """
        return _unique(value for each in self.alternatives for value in _far(each, near))

    def _of(self, schema: Mapping[str, Any], near: Any) -> Iterator[Any]:
        yield from candidates(schema, near)
        if schema.get("type") == "array":
            least = max(1, schema.get("minItems", 0))
            inner = near[0] if isinstance(near, (list, tuple)) and near else None
            for item in self._alternatives(schema.get("items", {}), 0):
                if item.keys() & _LIMITS:
                    yield from ([value] * least for value in candidates(item, inner))


def _unique(values: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if not any(type(value) is type(other) and value == other for other in found):
            found.append(value)
    return found


_LIMITS = {"enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"}
"""What makes items worth trying."""


def candidates(schema: Mapping[str, Any], near: Any) -> Iterator[Any]:
    """Yield what one alternative makes worth trying.

    Args:
        schema: An alternative, of one type.
        near: A value that is known to be admitted.
    """
    if "enum" in schema:
        yield from schema["enum"]
        yield "no such choice"
        return
    match schema.get("type"):
        case "integer":
            yield from _numbers(schema, near, lambda bound, way: int(bound) + way)
        case "number":
            yield from _numbers(schema, near, lambda bound, way: math.nextafter(bound, way * math.inf))
        case "boolean":
            yield from (True, False)
        case "null":
            yield None
        case "string" if "pattern" in schema:
            yield from _UNLIKELY
        case "string" if "format" not in schema:
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
    if "multipleOf" in schema:
        yield from (schema["multipleOf"] * share for share in ((1, 2) if whole else (1, 2, 1.5)))


def _between(schema: Mapping[str, Any], near: Any) -> Iterator[Any]:
    """Yield a number that is no integer, and an integer, within the bounds."""
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is not None and high is not None:
        middle = (low + high) / 2
        yield from (middle, middle + (high - low) / 7)
        yield from (whole for whole in (math.floor(middle), math.ceil(middle)) if low < whole < high)
    elif _is_finite(near):
        outward = -1 if low is None and high is not None else 1
        yield from (near + outward * 0.5, math.floor(near) + outward)


def _far(schema: Mapping[str, Any], near: Any) -> Iterator[Any]:
    if "enum" in schema or "const" in schema:
        return
    match schema.get("type"):
        case "integer":
            yield from _far_numbers(schema, near, whole=True)
        case "number":
            yield from _far_numbers(schema, near, whole=False)
        case "string" if not schema.keys() & {"pattern", "format", "minLength"}:
            yield ""
        case "array" if "minItems" not in schema:
            yield []


def _far_numbers(schema: Mapping[str, Any], near: Any, *, whole: bool) -> Iterator[Any]:
    if "minimum" not in schema and "exclusiveMinimum" not in schema:
        yield from (0, -1) if whole else (0.0, -1.5)
    if "maximum" not in schema and "exclusiveMaximum" not in schema:
        large = min(LARGE, max(_FAR, 10 * abs(near))) if _is_finite(near) else _FAR
        yield int(large) if whole else float(large)


def _is_finite(near: Any) -> bool:
    return isinstance(near, (int, float)) and not isinstance(near, bool) and math.isfinite(near)


def _lengths(schema: Mapping[str, Any], shortest: str, longest: str, filler: Any, near: Any) -> Iterator[Any]:
    item = filler if filler is not None else (near[0] if isinstance(near, (list, tuple)) and near else None)
    for key, outward in ((shortest, -1), (longest, 1)):
        for length in (schema[key], schema[key] + outward) if key in schema else ():
            if 0 <= length <= 10 * LARGE and (item is not None or length == 0):
                yield item * length if isinstance(filler, str) else [item] * length
