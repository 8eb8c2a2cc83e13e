"""Read a number that stands alone in a field: the field's name says of it what a sentence would."""

from __future__ import annotations

import re
from decimal import Decimal
from numbers import Integral
from typing import Any

_DIGITS = range(7, 20)  # the shortest telephone number to the longest card number
_WORD = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[^\W\d_A-Z]+")  # of snake_case and camelCase
_IDENTIFYING = frozenset({"id", "ids", "uid", "uuid", "hash", "checksum", "seed", "index", "version"})
_MEASURING = frozenset({"time", "timestamp", "ts", "epoch", "date", "size", "bytes", "count", "offset"})


def digits_of(value: Any) -> str | None:
    """Return the decimal digits of a value that is a whole number of 7 to 19 digits or the text of one, else None.

    Example:
        >>> digits_of(4111111111111111), digits_of(2125550123.0), digits_of("a 4111111111111111")
        ('4111111111111111', '2125550123', None)
    """
    if isinstance(value, str):
        text = value.strip()
        return text if text.isdecimal() and len(text) in _DIGITS else None
    number = _whole(value)
    in_range = number is not None and 10 ** (_DIGITS[0] - 1) <= number < 10 ** _DIGITS[-1]
    return str(number) if in_range else None


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() in _DIGITS:
        return int(value) if value == int(value) else None
    return None


def readings(name: str, *, asked: bool) -> tuple[str, ...]:
    """Return what to put in front of a number in a field of this name, once for each way to read it.

    The words of the name are what precedes a number in a sentence. A field that was asked for by name is also read
    without them, and as an international telephone number. A name that says that its numbers count or identify things
    has no reading, unless it was asked for: one in forty such numbers would pass for a card.

    Example:
        >>> readings("homePhone_2", asked=False), readings("user_id", asked=False), readings("contact", asked=True)
        (('home phone: ',), (), ('', 'contact: ', '+'))
    """
    words = [word.lower() for word in _WORD.findall(name)]
    named = f"{' '.join(words)}: " if words else ""
    if asked:
        return tuple(dict.fromkeys(("", named, "+")))
    return () if words and words[-1] in _IDENTIFYING | _MEASURING else (named,)
