"""JSON values: what metrics are made of, and how anything else is written into a record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from json import JSONEncoder
from typing import Any

NON_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
"""JSON has no NaN and no infinities; records hold these strings in their place."""


def as_json(value: Any, path: str = "value") -> Any:
    """Return ``value`` as JSON values: None, booleans, numbers, strings, lists and dicts with string keys.

    Numbers of numpy and the like become Python's, tuples lists, and objects with ``to_dict()`` what it gives.
    Non-finite floats stay as they are.

    Args:
        value: The value.
        path: How messages call it.

    Raises:
        TypeError: Something in it is no JSON value; the message names its place.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, Mapping):
        return {_key(key, path): as_json(each, f"{path}.{key}") for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(each, f"{path}[{index}]") for index, each in enumerate(value)]
    return _converted(value, path)


def as_record(value: Any) -> Any:
    """Return ``value`` as strict JSON for a record: non-finite floats as strings, foreign objects by their repr."""
    if isinstance(value, float) and not math.isfinite(value):
        return NON_FINITE[str(float(value))]
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, Mapping):
        return {str(key): as_record(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_record(each) for each in value]
    try:
        return as_record(_converted(value, "value"))
    except TypeError:
        return repr(value)


def as_text(value: Any) -> str:
    """Return a value as one line of strict JSON, as `as_record` would have it."""
    try:
        return _encode(value)
    except (TypeError, ValueError):  # numpy scalars, NaN, foreign objects: rare, so they alone pay for the detour
        return _encode(as_record(value))


_encode = JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def _key(key: Any, path: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{path} has the key {key!r}; keys of a JSON object are strings")
    return key


def _converted(value: Any, path: str) -> Any:
    if isinstance(value, (bool, int, float, str)):  # subclasses: enums of strings, numpy.float64
        for kind in (bool, int, float, str):
            if isinstance(value, kind):
                return kind(value.value) if hasattr(value, "value") else kind(value)
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return as_json(value.item(), path)
    if hasattr(value, "to_dict"):
        return as_json(value.to_dict(), path)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{path} is a {type(value).__name__}, which is no JSON value; put it into assigns or artifacts")
