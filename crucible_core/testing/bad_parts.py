"""A part of a value, replaced by one that does not belong there."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

Spoiled = tuple[str, Any]
"""What is wrong, and the value."""

MOST_PARTS = 8
"""Fields or keys of one value that are spoilt in turn."""
_HUGE = 1e300
_HUGE_WHOLE = 10**30


def is_number(value: Any) -> bool:
    """Tell whether a value is a number of Python's; a boolean is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def wrong_parts(value: Any) -> tuple[Any, ...]:
    """Return what may stand by mistake in the place of a value: nothing, another kind, a number that is none."""
    if is_number(value):
        huge = _HUGE_WHOLE if isinstance(value, int) else _HUGE
        return None, "no number", math.nan, math.inf, huge, -abs(value) or -1
    return (None, 7, ["a list"], "", "no such text", "(\u00e4 {") if isinstance(value, str) else (None,)


def with_spoiled_parts(container: Any, keys: Iterable[Any], most: int | None = None) -> Iterator[Spoiled]:
    """Yield copies of a mapping or a list with one part replaced.

    Args:
        container: What has the parts.
        keys: Where the parts are.
        most: How many replacements are tried for each part; all of them when not given.
    """
    for key in islice(keys, MOST_PARTS):
        for part in wrong_parts(container[key])[:most]:
            changed = copy.copy(container)
            changed[key] = part
            yield f"with {_shown(part)} at {key!r}", changed


def without_parts(row: Mapping[str, Any]) -> Iterator[Spoiled]:
    """Yield copies of a mapping without one of its keys."""
    for name in islice(row, MOST_PARTS):
        yield f"without {name!r}", {key: each for key, each in row.items() if key != name}


def _shown(part: Any) -> str:
    return f"{float(part):g}" if is_number(part) else repr(part)
