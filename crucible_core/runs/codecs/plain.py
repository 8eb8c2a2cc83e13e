"""What JSON holds as it is, told quickly: most of what stages return is a few numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from json import JSONEncoder
from math import isfinite
from typing import Any

__all__ = ["ATOMS", "LONG", "NUMBER", "as_text", "is_plain", "plain_keys"]

ATOMS = frozenset({str, bool, type(None), int, float})
"""Types of JSON values that hold no others."""
NUMBER = 26
"""Characters that a number takes at most, with what separates it from the next."""
LONG = 1 << 63
"""From here on an integer is written in hexadecimal: other readers of JSON do not keep it whole."""
_FEW = 64


def is_plain(value: Any, limit: int) -> bool:
    """Tell whether a value is a small dict that JSON holds as it is; not for sure where that takes longer to tell.

    Args:
        value: Anything.
        limit: Characters that its JSON text may have.
    """
    if type(value) is not dict or len(value) > _FEW or "$" in value:
        return False
    size = 0
    for key, item in value.items():
        if type(key) is not str:
            return False
        kind = type(item)
        if kind is float:
            if not isfinite(item):
                return False
        elif kind is int:
            if not -LONG < item < LONG:
                return False
        elif kind is str:
            size += 6 * len(item)
        elif kind is not bool and item is not None:
            return False
        size += 6 * len(key) + NUMBER
    return size < limit


def plain_keys(mapping: Mapping[Any, Any]) -> bool:
    """Tell whether a mapping can be a JSON object without a tag."""
    return not mapping or (set(map(type, mapping)) == {str} and "$" not in mapping)


as_text: Callable[[Any], str] = JSONEncoder(
    allow_nan=False, ensure_ascii=False, separators=(",", ":"), check_circular=False
).encode
"""Return JSON values as one line."""
