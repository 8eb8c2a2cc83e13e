"""What a plain YAML scalar means in the core schema of YAML 1.2 (section 10.3.2 of its specification)."""

from __future__ import annotations

import re
from functools import lru_cache

_CONSTANTS: dict[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((f"{sign}.{inf}" for sign in ("", "+") for inf in ("inf", "Inf", "INF")), float("inf")),
    **dict.fromkeys((f"-.{inf}" for inf in ("inf", "Inf", "INF")), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@lru_cache(maxsize=4096)
def resolve_plain(text: str) -> str | int | float | bool | None:
    """Return the value of an unquoted scalar.

    >>> [resolve_plain(text) for text in ("1e-4", "no", "0o17", "012", "~")]
    [0.0001, 'no', 15, 12, None]

    Raises:
        ValueError: An integer of more digits than Python converts.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text[2:], 8 if text[1] == "o" else 16)
    return float(text) if _FLOAT.fullmatch(text) else text
