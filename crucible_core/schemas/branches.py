"""Say which alternative of a JSON Schema a value was meant to be, so that a validator tells what is wrong with it.

Of a value that fits none of ``anyOf``, validators say just that. Where the kinds of the alternatives differ, the kind
of the value decides which one was meant: ``if`` it is of this kind, ``then`` this schema holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KINDS = ("null", "boolean", "integer", "number", "string", "array", "object")


def branching(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Return a schema with ``if``, ``then`` and ``else`` in place of each ``anyOf`` whose alternatives differ in kind.

    Args:
        schema: A JSON Schema.
        definitions: What its references ``#/$defs/NAME`` lead to.
    """
    if isinstance(schema, list):
        return [branching(each, definitions) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    rest = {key: branching(each, definitions) for key, each in schema.items() if key != "anyOf"}
    if "anyOf" not in schema:
        return rest
    kinds = [_kind(each, definitions) for each in schema["anyOf"]]
    if "if" in schema or not _apart(kinds):
        return {**rest, "anyOf": branching(schema["anyOf"], definitions)}
    return {**rest, **_chain(schema["anyOf"], kinds, definitions)}


def _apart(kinds: list[str | None]) -> bool:
    """Tell whether no value can be of two of these kinds."""
    return None not in kinds and len(set(kinds)) == len(kinds) and not {"integer", "number"} <= set(kinds)


def _chain(alternatives: list[Any], kinds: list[str | None], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the alternatives as a chain, null first: of a value of none of their kinds, the last says what it is."""
    ordered = sorted(zip(kinds, alternatives, strict=True), key=lambda each: each[0] != "null")
    chain = branching(ordered[-1][1], definitions)
    for kind, alternative in reversed(ordered[:-1]):
        then = True if alternative == {"type": "null"} else branching(alternative, definitions)
        chain = {"if": {"type": kind}, "then": then, "else": chain}
    return dict(chain)


def _kind(schema: Any, definitions: Mapping[str, Any]) -> str | None:
    """Return the one JSON type of what a schema admits; None where it admits several."""
    while isinstance(schema, Mapping) and isinstance(schema.get("$ref"), str):
        if not schema["$ref"].startswith("#/$defs/"):
            return None
        schema = definitions.get(schema["$ref"].removeprefix("#/$defs/"))
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    return kind if kind in _KINDS else None
