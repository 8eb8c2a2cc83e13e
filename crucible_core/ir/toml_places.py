"""Find the lines of the values of a TOML text: a scanner of what the parser found to be valid."""

from __future__ import annotations

import re
from typing import NamedTuple

from crucible_core.ir.positions import LineStarts, Place

__all__ = ["toml_places"]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")' + r"|'''.*?'{3,5}(?!')" + r'|"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*'", re.DOTALL
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\n]+")


def toml_places(text: str) -> Place:
    """Return the lines of all tables, keys and values of a valid TOML text."""
    return _Scanner(text).document()


class _Key(NamedTuple):
    """A dotted key: its parts, and the line it begins on."""

    parts: list[str]
    line: int


class _Scanner:
    """Goes through a text once, from one value to the next."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines = LineStarts(text)

    def document(self) -> Place:
        root = table = Place(1, None)
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._next("["):
                array = self._next("[")
                key = self._key()
                table = _entered(root, key, array=array)
                self._at += 2 if array else 1
            else:
                self._pair(table)
            self._skip(_BLANK)
        return root

    def _pair(self, table: Place) -> None:
        """Read a key and its value into a table."""
        key = self._key()
        self._at += 1  # the sign between them
        self._skip(_SPACE)
        value = self._value()
        parent = _entered(table, _Key(key.parts[:-1], key.line), array=False)
        value.key_line = key.line
        parent.children[key.parts[-1]] = value

    def _key(self) -> _Key:
        self._skip(_SPACE)
        line, parts = self._line(), [self._part()]
        self._skip(_SPACE)
        while self._next("."):
            self._skip(_SPACE)
            parts.append(self._part())
            self._skip(_SPACE)
        return _Key(parts, line)

    def _part(self) -> str:
        quoted = self._text[self._at] in "\"'"
        token = self._take(_STRING if quoted else _BARE_KEY)
        if not quoted:
            return token
        import tomllib

        return next(iter(tomllib.loads(f"{token} = 0")))

    def _value(self) -> Place:
        place = Place(self._line(), None)
        if self._next("["):
            self._items(place)
        elif self._next("{"):
            self._pairs(place)
        else:
            self._take(_STRING if self._text[self._at] in "\"'" else _BARE_VALUE)
        return place

    def _items(self, place: Place) -> None:
        self._skip(_BLANK)
        while not self._next("]"):
            place.children[len(place.children)] = self._value()
            self._skip(_BLANK)
            self._next(",")
            self._skip(_BLANK)

    def _pairs(self, place: Place) -> None:
        self._skip(_BLANK)
        while not self._next("}"):
            self._pair(place)
            self._skip(_BLANK)
            self._next(",")
            self._skip(_BLANK)

    def _line(self) -> int:
        return self._lines.locate(self._at)[0]

    def _next(self, sign: str) -> bool:
        """Take a sign if it comes next."""
        found = self._text.startswith(sign, self._at)
        self._at += found
        return found

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        assert found is not None, "the parser saw a value where the scanner sees none"
        self._at = found.end()
        return found[0]

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at


def _entered(table: Place, key: _Key, *, array: bool) -> Place:
    """Return the place of a dotted key below a table, made where it is new; a list stands for its last item."""
    place = table
    for index, part in enumerate(key.parts):
        child = place.children.setdefault(part, Place(key.line, None, key.line))
        length = len(child.children) if 0 in child.children else 0
        if array and index == len(key.parts) - 1:
            place = child.children[length] = Place(key.line, None, key.line)
        else:
            place = child.children[length - 1] if length else child
    return place
