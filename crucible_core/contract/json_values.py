"""JSON values: what metrics are made of, and how anything else is written into a record."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from enum import Enum
from json import JSONEncoder
from typing import Any

from crucible_core.contract.persistent import Rows

NON_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
"""JSON has no NaN and no infinities; records hold these strings in their place."""

MAX_DEPTH = 64
"""Containers within containers, as far as a record follows them."""

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")

REDACTED = "**********"
"""What records hold in the place of a secret."""


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
    if isinstance(value, (list, tuple, Rows)):
        return [as_json(each, f"{path}[{index}]") for index, each in enumerate(value)]
    return _converted(value, path)


def as_record(value: Any, within: tuple[int, ...] = ()) -> Any:
    """Return ``value`` as strict JSON for a record.

    Non-finite floats become strings, sets sorted lists, paths and enum members what they stand for, functions and
    classes ``module:name``, and secrets asterisks. Other foreign objects, and containers that contain themselves or lie
    deeper than `MAX_DEPTH`, become their repr, without addresses.

    Args:
        value: The value.
        within: The ids of the containers it lies in.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return NON_FINITE[str(float(value))]
    if value is None or type(value) in (bool, int, float, str):
        return value
    if id(value) in within or len(within) > MAX_DEPTH:
        return plain_repr(value)
    inside = (*within, id(value))
    if isinstance(value, Mapping):
        return {str(key): as_record(each, inside) for key, each in value.items()}
    if isinstance(value, (list, tuple, Rows)):
        return [as_record(each, inside) for each in value]
    if isinstance(value, (set, frozenset)):
        return sorted((as_record(each, inside) for each in value), key=_encode)
    try:
        return as_record(_plain(value), inside)
    except Exception:  # noqa: BLE001 - what an object of somebody else's raises must not cost the record
        return plain_repr(value)


def as_text(value: Any) -> str:
    """Return a value as one line of strict JSON, as `as_record` would have it."""
    try:
        return _encode(value)
    except (TypeError, ValueError, RecursionError):  # numpy scalars, NaN, foreign objects: the rare pay for the detour
        return _encode(as_record(value))


_encode = JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def _plain(value: Any) -> Any:
    """Return what a foreign object stands for in a record.

    Raises:
        TypeError: Nothing but itself.
    """
    if callable(value) and hasattr(value, "__qualname__"):
        return f"{value.__module__}:{value.__qualname__}"
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if isinstance(value, Enum):
        return value.value
    if hasattr(value, "get_secret_value"):
        return REDACTED
    for method in ("model_dump", "to_dict"):
        if hasattr(value, method):
            return getattr(value, method)()
    return _converted(value, "value")


def plain_repr(value: Any) -> str:
    """Return what Python shows of a value, without its address: that is another one in every run."""
    try:
        return _ADDRESS.sub("", repr(value))
    except Exception:  # noqa: BLE001 - likewise
        return f"<{type(value).__name__}>"


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
