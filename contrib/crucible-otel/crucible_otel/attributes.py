"""JSON values as OpenTelemetry takes them: flat, of one type, of bounded size."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Scalar = str | bool | int | float
Attributes = dict[str, Any]

MAX_TEXT = 8192
"""Characters of a text. One request takes 64 MiB, and is lost as a whole above."""

_MAX_DEPTH = 4
_INT64 = range(-(2**63), 2**63)


def flattened(prefix: str, value: Any, limit: int = 64) -> Attributes:
    """Return a JSON value as attributes, names of nested objects joined by dots.

    Args:
        prefix: How all of it is called.
        value: JSON values; nulls are left out, lists of unlike things become JSON texts.
        limit: How many attributes to make at most.

    Example:
        >>> flattened("crucible.log", {"level": "info", "fields": {"rows": 3, "parts": ["a", "b"], "none": None}})
        {'crucible.log.level': 'info', 'crucible.log.fields.rows': 3, 'crucible.log.fields.parts': ['a', 'b']}
    """
    found: Attributes = {}
    for name, each in _leaves(prefix, value, 0):
        if len(found) >= limit:
            break
        found[name] = each
    return found


def numbers(prefix: str, value: Any, limit: int = 64) -> dict[str, float]:
    """Return the numbers within a JSON value, named as `flattened` names them; also those that JSON lacks."""
    found = {}
    for name, each in _leaves(prefix, value, 0):
        number = number_of(each)
        if number is not None:
            found[name] = number
        if len(found) >= limit:
            break
    return found


def number_of(value: Any) -> float | None:
    """Return a number of a record, where NaN and the infinities are texts; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    return float(value) if value in ("NaN", "Infinity", "-Infinity") else None


def text_of(value: Any) -> str:
    """Return a text that can be encoded, its middle left out where it is too long.

    Half of a surrogate pair has no encoding: one of them would cost all that is exported with it.
    """
    text = str(value)
    if len(text) > MAX_TEXT:
        half = MAX_TEXT // 2
        text = f"{text[:half]} ... {text[-half:]}"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _leaves(name: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if value is None:
        return
    if isinstance(value, Mapping) and depth < _MAX_DEPTH:
        for key, each in value.items():
            yield from _leaves(f"{name}.{text_of(key)}", each, depth + 1)
    elif isinstance(value, list) and _alike(value):
        yield name, [_scalar(each) for each in value]
    elif isinstance(value, (Mapping, list)):
        yield name, text_of(json.dumps(value, default=str))
    else:
        yield name, _scalar(value)


def _alike(values: list[Any]) -> bool:
    kinds = {type(value) for value in values}
    return len(values) <= MAX_TEXT // 8 and (not kinds or (len(kinds) == 1 and kinds <= {str, bool, int, float}))


def _scalar(value: Any) -> Scalar:
    if isinstance(value, (bool, float)) or (isinstance(value, int) and value in _INT64):
        return value
    return text_of(value)
