"""Write digits and signs in their plain forms, each in its place."""

from __future__ import annotations

import unicodedata

_FULL_WIDTH = range(0xFF01, 0xFF5F)  # the printable ASCII characters, once more
_FULL_WIDTH_OFFSET = 0xFEE0
_SIGNS = {"\u3000": " ", **dict.fromkeys("‐‑‒–—−﹣", "-")}  # noqa: RUF001 - the look-alikes are the point


def with_plain_digits(text: str) -> str:
    r"""Return a text as long as the given one, its full-width characters, digits of any script and dashes in ASCII.

    Example:
        >>> with_plain_digits("\N{FULLWIDTH DIGIT FOUR}1 \N{ARABIC-INDIC DIGIT ONE} a\N{FULLWIDTH COMMERCIAL AT}b")
        '41 1 a@b'
    """
    return text if text.isascii() else "".join(map(_plain, text))


def _plain(character: str) -> str:
    if character.isascii():
        return character
    if ord(character) in _FULL_WIDTH:
        return chr(ord(character) - _FULL_WIDTH_OFFSET)
    digit = unicodedata.decimal(character, None)
    return _SIGNS.get(character, character) if digit is None else str(digit)
