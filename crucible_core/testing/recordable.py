"""What of a value a record cannot hold but by the text that Python shows for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from crucible_core.contract.json_values import MAX_DEPTH, as_record, plain_repr
from crucible_core.contract.persistent import Rows

_KEYS = (str, int, float, bool, type(None))
"""Kinds of keys that JSON has a text for."""


def unrecordable(value: Any, path: str, *, sets: bool = True, within: tuple[int, ...] = ()) -> str | None:
    """Say which part of a value is recorded by its repr, as `as_record` does it; None where none is.

    What stands for something that JSON has is no such part: numbers of numpy, dates, paths, members of enums, objects
    that say by ``to_dict()`` what they are.

    Args:
        value: The value.
        path: How the message calls it.
        sets: Whether a set, of which a record makes a sorted list, may stand.
        within: The ids of the containers it lies in.
    """
    if value is None or type(value) in (bool, int, float, str) or (not within and _is_json(value)):
        return None
    if id(value) in within or len(within) > MAX_DEPTH:
        return f"{path} contains itself, or is too deep"
    parts = _parts(value, path)
    if parts is None:
        return f"{path} is a {type(value).__name__}: {_shown(value)}" if _by_repr(value) else None
    if isinstance(value, AbstractSet) and not sets:
        return f"{path} is a {type(value).__name__}: {_shown(value)}"
    odd = [key for key in value if not isinstance(key, _KEYS)] if isinstance(value, Mapping) else []
    if odd:
        return f"{path} has the key {_shown(odd[0])}; keys are strings"
    found = (unrecordable(each, name, sets=sets, within=(*within, id(value))) for name, each in parts)
    return next(filter(None, found), None)


def _is_json(value: Any) -> bool:
    """Tell at once of nearly every value that it is JSON as it stands, a long list too."""
    try:
        json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _parts(value: Any, path: str) -> list[tuple[str, Any]] | None:
    """Return what a container holds, each with its place; None for what is none."""
    if isinstance(value, Mapping):
        return [(f"{path}.{key}", each) for key, each in value.items()]
    if isinstance(value, (list, tuple, Rows)):
        return [(f"{path}[{index}]", each) for index, each in enumerate(value)]
    return [(path, each) for each in value] if isinstance(value, (set, frozenset)) else None


def _by_repr(value: Any) -> bool:
    try:
        return bool(as_record(value) == plain_repr(value)) and not isinstance(value, (str, int, float))
    except Exception:  # noqa: BLE001 - whatever an object raises that is looked at
        return True


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - likewise
        text = "one that cannot be shown"
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line
