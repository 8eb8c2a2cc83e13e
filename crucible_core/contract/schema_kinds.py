"""What kinds of values a JSON Schema lets through, in the words of JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crucible_core.contract.type_spec import is_integer, is_list

__all__ = ["kind_of_value", "kinds_of", "listed", "own_kinds", "resolved"]

DEEPEST = 32
ALL_KINDS = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})


def resolved(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Return a schema, or what it refers to among the ``$defs``."""
    for _ in range(DEEPEST):
        if not (isinstance(schema, Mapping) and "$ref" in schema):
            break
        schema = definitions.get(str(schema["$ref"]).rpartition("/")[2], {})
    return schema


def kind_of_value(value: Any) -> str | None:
    """Return what JSON calls a value; None for what it does not have."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, (int, float)):
        return "integer" if is_integer(value) else "number"
    if isinstance(value, (str, Mapping)):
        return "string" if isinstance(value, str) else "object"
    return "array" if is_list(value) else None


def own_kinds(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the kinds that the ``type`` of a schema names, all where it names none; an integer is a number."""
    return with_integers(listed(schema["type"])) if "type" in schema else ALL_KINDS


def kinds_of(schema: Any, definitions: Mapping[str, Any]) -> frozenset[str]:
    """Return the kinds of values that a schema lets through, its choices and combinations looked at as well."""
    found = resolved(schema, definitions)
    if not isinstance(found, Mapping):
        return ALL_KINDS
    kinds = own_kinds(found)
    if isinstance(found.get("enum"), (list, tuple)):
        kinds &= kinds_of_values(found["enum"])
    if "const" in found:
        kinds &= kinds_of_values([found["const"]])
    for key in ("anyOf", "oneOf"):
        if found.get(key):
            kinds &= frozenset[str]().union(*(kinds_of(each, definitions) for each in found[key]))
    for each in found.get("allOf", ()):
        kinds &= kinds_of(each, definitions)
    return kinds


def kinds_of_values(values: Iterable[Any]) -> frozenset[str]:
    """Return the kinds of these values."""
    return with_integers(kind for each in values if (kind := kind_of_value(each)))


def with_integers(kinds: Iterable[str]) -> frozenset[str]:
    """Return kinds, integers among them where numbers are."""
    found = frozenset(kinds)
    return found | {"integer"} if "number" in found else found


def listed(kind: Any) -> list[str]:
    """Return what a ``type`` names, which may be one or several."""
    return [str(each) for each in kind] if isinstance(kind, (list, tuple)) else [str(kind)]
