"""JSON values as OpenTelemetry takes them: flat, of one type, of bounded size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Scalar = str | bool | int | float
Attributes = dict[str, Any]

MAX_TEXT = 8192
"""Characters of a text. One request takes 64 MiB, and is lost as a whole above."""

_MAX_DEPTH = 4
_SCALARS = frozenset({str, bool, int, float})
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
    _flatten(found, prefix, value, 0, limit)
    return found


def told(values: Mapping[str, Any]) -> Attributes:
    """Return single values as attributes, without those that are unknown.

    Example:
        >>> told({"crucible.stage.name": "bench", "crucible.stage.version": None})
        {'crucible.stage.name': 'bench'}
    """
    return {name: _scalar(value) for name, value in values.items() if value is not None}


def numbers(prefix: str, value: Any, limit: int = 64) -> dict[str, float]:
    """Return the numbers among what `flattened` returns; also those that JSON lacks."""
    found = ((name, number_of(each)) for name, each in flattened(prefix, value, limit).items())
    return {name: number for name, number in found if number is not None}


def number_of(value: Any) -> float | None:
    """Return a number of a record, where NaN and the infinities are texts; None for anything else."""
    if type(value) is int or type(value) is float:
        return float(value)
    return float(value) if type(value) is str and value in ("NaN", "Infinity", "-Infinity") else None


def text_of(value: Any) -> str:
    """Return a text that can be encoded, its middle left out where it is too long.

    Half of a surrogate pair has no encoding: one of them would cost all that is exported with it.
    """
    text = value if type(value) is str else str(value)
    if len(text) > MAX_TEXT:
        half = MAX_TEXT // 2
        text = f"{text[:half]} ... {text[-half:]}"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _flatten(found: Attributes, name: str, value: Any, depth: int, limit: int) -> None:
    if value is None or len(found) >= limit:
        return
    if type(value) in _SCALARS:
        found[name] = _scalar(value)
    elif isinstance(value, Mapping) and depth < _MAX_DEPTH:
        for key, each in value.items():
            _flatten(found, f"{name}.{text_of(key)}", each, depth + 1, limit)
    elif isinstance(value, list) and _alike(value):
        found[name] = [_scalar(each) for each in value]
    else:
        found[name] = text_of(json.dumps(value, default=str))


def _alike(values: list[Any]) -> bool:
    kinds = {type(value) for value in values}
    return len(values) <= MAX_TEXT // 8 and (not kinds or (len(kinds) == 1 and kinds <= _SCALARS))


def _scalar(value: Any) -> Scalar:
    kind = type(value)
    if kind is float or kind is bool or (kind is int and value in _INT64):
        return value  # type: ignore[no-any-return]  # its type was just looked at
    return text_of(value)
