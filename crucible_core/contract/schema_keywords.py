"""The keywords of JSON Schema that limit a value, and what they say where it does not hold."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crucible_core.contract.type_words import shown

__all__ = ["broken_limits"]


def broken_limits(value: Any, kind: str, schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield how a value departs from the bounds, lengths and patterns of a schema.

    Args:
        value: The value.
        kind: What JSON calls it.
        schema: The schema.
    """
    for keyword, holds, words in _KEYWORDS.get(kind, ()):
        if keyword in schema and not _holds(holds, value, schema[keyword]):
            yield f"must {words} {schema[keyword]!r}, got {shown(value)}"


def _holds(holds: Callable[[Any, Any], bool], value: Any, limit: Any) -> bool:
    try:
        return holds(value, limit)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError, re.error):
        return True  # a keyword that makes no sense says nothing


def _is_multiple(value: float, step: float) -> bool:
    share = value / step
    return math.isfinite(share) and math.isclose(share, round(share), rel_tol=1e-9, abs_tol=1e-9)


def _are_unique(values: Any, wanted: bool) -> bool:
    return not wanted or not any(one == other for at, one in enumerate(values) for other in values[:at])


_Keyword = tuple[str, Callable[[Any, Any], bool], str]
_NUMBERS: tuple[_Keyword, ...] = (
    ("minimum", lambda value, limit: value >= limit, "be at least"),
    ("maximum", lambda value, limit: value <= limit, "be at most"),
    ("exclusiveMinimum", lambda value, limit: value > limit, "be more than"),
    ("exclusiveMaximum", lambda value, limit: value < limit, "be less than"),
    ("multipleOf", _is_multiple, "be a multiple of"),
)
_KEYWORDS: Mapping[str, tuple[_Keyword, ...]] = {
    "integer": _NUMBERS,
    "number": _NUMBERS,
    "string": (
        ("minLength", lambda value, limit: len(value) >= limit, "have at least this many characters:"),
        ("maxLength", lambda value, limit: len(value) <= limit, "have at most this many characters:"),
        ("pattern", lambda value, limit: re.search(limit, value) is not None, "match the pattern"),
    ),
    "array": (
        ("minItems", lambda value, limit: len(value) >= limit, "have at least this many items:"),
        ("maxItems", lambda value, limit: len(value) <= limit, "have at most this many items:"),
        ("uniqueItems", _are_unique, "have no item twice:"),
    ),
    "object": (
        ("minProperties", lambda value, limit: len(value) >= limit, "have at least this many entries:"),
        ("maxProperties", lambda value, limit: len(value) <= limit, "have at most this many entries:"),
    ),
}
