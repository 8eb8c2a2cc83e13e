"""How wide a text will be, without a font at hand."""

from __future__ import annotations

from unicodedata import east_asian_width

_FEWEST = 2
_NARROW, _WIDE = set("iljtfrI.,:;|!'()[]{} -/\\\""), set("mwMW@%&")


def text_width(text: str, size: float) -> float:
    """Return a generous width of a text in a sans-serif font, in the unit of the font size."""
    return size * sum(_share(character) for character in text)


def _share(character: str) -> float:
    if east_asian_width(character) in "WF":
        return 1.0
    if character in _NARROW:
        return 0.36
    if character in _WIDE:
        return 0.92
    return 0.74 if character.isupper() else 0.58


def clipped(text: str, width: float, size: float) -> str:
    """Return a text that fits a width, cut with an ellipsis in the middle: the ends of model names tell them apart."""
    if text_width(text, size) <= width:
        return text
    kept = len(text)
    while kept > _FEWEST and text_width(_cut(text, kept), size) > width:
        kept -= 1
    return _cut(text, kept)


def _cut(text: str, kept: int) -> str:
    head = (kept + 1) // 2
    return f"{text[:head]}…{text[len(text) - (kept - head) :]}"
