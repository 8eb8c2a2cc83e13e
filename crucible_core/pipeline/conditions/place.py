"""Show a place within a condition, and where it is in the spec file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crucible_core.ir.errors import Location

_QUOTES = ("", '"', "'")


def place_within(location: Location, text: str, at: int) -> Location:
    """Return the place in the file of a place in a text that begins at a location.

    It is told where the file holds the text as it is, after a quote perhaps; of one that is folded, or has escapes, the
    beginning is returned.

    Args:
        location: Where the text begins.
        text: The text.
        at: The place in it, from 0.
    """
    if location.column is None:
        return location
    try:
        line = Path(location.file).read_text(encoding="utf-8-sig").splitlines()[location.line - 1]
    except (OSError, ValueError, IndexError):
        return location
    written = line[location.column - 1 :]
    for quote in _QUOTES:
        if "\n" not in text and written.startswith(quote + text):
            return location._replace(column=location.column + len(quote) + at)
    return location


def pointed(message: str, text: str, at: int) -> str:
    """Return a message, below it the line of a text that it is about, and a caret under the place.

    Example:
        >>> print(pointed("expected a value", "a + * b", 4))
        expected a value
            a + * b
                ^
    """
    begin = text.rfind("\n", 0, at) + 1
    line = "".join(each if each.isprintable() else " " for each in text[begin:].partition("\n")[0])
    return f"{message}\n    {line.rstrip()}\n    {' ' * (at - begin)}^"
