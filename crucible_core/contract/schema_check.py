"""Hold values against the JSON Schema of options, as far as schemas of options go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from crucible_core.contract.schema_keywords import broken_limits
from crucible_core.contract.schema_kinds import DEEPEST, kind_of_value, kinds_of_values, listed, own_kinds, resolved
from crucible_core.contract.type_words import shown

__all__ = ["schema_errors"]

Errors = Iterator[tuple[str, str]]
"""Where within a value, and what is wrong there."""


def schema_errors(value: Any, schema: Any, definitions: Mapping[str, Any] | None = None) -> list[str]:
    """List how a value departs from a JSON Schema (2020-12), each as ``path: what``; empty where it fits.

    Known are types, choices, bounds, lengths, patterns, items, properties and their combinations; other keywords, and
    formats, say nothing. What JSON does not have, such as a function or a set, is whatever its type says it may be.

    Args:
        value: The value.
        schema: What it is held against.
        definitions: The ``$defs`` that ``$ref`` names.

    Example:
        >>> schema_errors([0.5, 2], {"type": "array", "items": {"maximum": 1}})
        ['[1]: must be at most 1, got 2 (an integer)']
    """
    found = _Walk(definitions or {}).errors(value, schema, "", 0)
    return [f"{path}: {message}" if path else message for path, message in found]


class _Walk:
    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions

    def errors(self, given: Any, schema: Any, path: str, depth: int) -> Errors:
        """Yield what is wrong with a value and its parts."""
        schema, value = resolved(schema, self._definitions), given.value if isinstance(given, Enum) else given
        kind = kind_of_value(value)
        if schema is False:
            yield path, "must not be there"
        if kind is None or depth > DEEPEST or not isinstance(schema, Mapping):
            return
        if kind not in own_kinds(schema):
            yield path, f"must be of the type {' or '.join(listed(schema['type']))}, got {shown(value)}"
            return
        yield from ((path, each) for each in broken_limits(value, kind, schema))
        yield from ((path, each) for each in _broken_choices(value, schema))
        for part, about, name in _parts(value, kind, schema):
            yield from self.errors(part, about, f"{path}{name}", depth + 1)
        yield from ((path, f"must have {name!r}") for name in _missing(value, kind, schema))
        yield from self._combined(value, schema, path, depth)

    def _combined(self, value: Any, schema: Mapping[str, Any], path: str, depth: int) -> Errors:
        for each in schema.get("allOf", ()):
            yield from self.errors(value, each, path, depth + 1)
        for key in ("anyOf", "oneOf"):
            if schema.get(key) and not any(self._fits(value, each, depth) for each in schema[key]):
                yield path, f"is none of what it may be: {shown(value)}"
        if "not" in schema and self._fits(value, schema["not"], depth):
            yield path, f"must not be {shown(value)}"

    def _fits(self, value: Any, schema: Any, depth: int) -> bool:
        return next(self.errors(value, schema, "", depth + 1), None) is None


def _broken_choices(value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    choices = schema.get("enum", (schema["const"],) if "const" in schema else None)
    if isinstance(choices, (list, tuple)) and not any(_is_same(value, each) for each in choices):
        yield f"must be {' or '.join(map(repr, choices))}, got {shown(value)}"


def _is_same(value: Any, other: Any) -> bool:
    """Tell whether two values are the same in JSON: 1 is 1.0, and neither is true."""
    return bool(value == other) and bool(
        kinds_of_values([value]) & kinds_of_values([other]) or _are_numbers(value, other)
    )


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in values)


def _parts(value: Any, kind: str, schema: Mapping[str, Any]) -> Iterator[tuple[Any, Any, str]]:
    """Yield each part of a value that a schema speaks of, with what it says and the place."""
    if kind == "array":
        first = schema.get("prefixItems", ())
        for index, each in enumerate(value):
            yield each, first[index] if index < len(first) else schema.get("items", True), f"[{index}]"
    elif kind == "object":
        properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        for key, each in value.items():
            yield each, properties.get(key, others), f"[{key!r}]"
            yield key, schema.get("propertyNames", True), f" key {key!r}"


def _missing(value: Any, kind: str, schema: Mapping[str, Any]) -> list[str]:
    return [name for name in schema.get("required", ()) if name not in value] if kind == "object" else []
