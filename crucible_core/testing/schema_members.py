"""What lies within the JSON Schema of an option: choices in the parts of a model, and places that admit anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crucible_core.contract.schema_kinds import DEEPEST, resolved

_INNER = ("anyOf", "oneOf", "allOf", "prefixItems")
_SAYS_SOMETHING = frozenset({"type", "enum", "const", "not", "properties", "$ref", *_INNER})


def choices_within(schema: Any, definitions: Mapping[str, Any]) -> Iterator[Any]:
    """Yield every value that an enum or a constant anywhere within a schema allows."""
    for found in _within(schema, definitions, ()):
        if isinstance(found, Mapping):
            yield from found.get("enum", ())
            yield from (found[key] for key in ("const",) if key in found)


def admits_anything(schema: Any, definitions: Mapping[str, Any]) -> bool:
    """Tell whether a schema has a place within it of which it says nothing, so that anything may stand there."""
    return any(
        found is True or (isinstance(found, Mapping) and not _SAYS_SOMETHING & found.keys())
        for found in _within(schema, definitions, ())
    )


def _within(given: Any, definitions: Mapping[str, Any], above: tuple[int, ...]) -> Iterator[Any]:
    """Yield a schema and all that it is made of, each that refers to itself once."""
    schema = resolved(given, definitions)
    yield schema
    if not isinstance(schema, Mapping) or id(schema) in above or len(above) > DEEPEST:
        return
    inner = [each for key in _INNER for each in schema.get(key, ())]
    inner += [schema[key] for key in ("items", "additionalProperties") if schema.get(key) not in (None, False)]
    for each in (*inner, *schema.get("properties", {}).values()):
        yield from _within(each, definitions, (*above, id(schema)))
