"""Read TOML; find the lines of its values only when they are asked for."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any, NoReturn

from crucible_core.ir.errors import Location, SpecError
from crucible_core.ir.positions import LineStarts, Place

_PART = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*(\.|=|\]|$)""")
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_MULTILINE = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|' + r"'''.*?'''" + r'|"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*'|#[^\n]*", re.DOTALL
)


def read_toml(text: str, file: str) -> Any:
    """Return the data of a TOML text; dates and times become their ISO 8601 text, as in YAML and JSON.

    Raises:
        SpecError: The text is not TOML.
    """
    import tomllib

    try:
        return _like_json(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        found = _AT.search(str(error))
        message = str(error)[: found.start()] if found else str(error)
        if found and found[1]:
            _refuse(message, file, int(found[1]), int(found[2]))
        _refuse(message + " at the end of the file", file, *LineStarts(text).locate(len(text)))
    except RecursionError:
        _refuse("nested too deeply", file, 1, None)
    except ValueError as error:
        _refuse(str(error), file, 1, None)


def _refuse(message: str, file: str, line: int, column: int | None) -> NoReturn:
    raise SpecError.of(f"not valid TOML: {message}", location=Location(file, line, column)) from None


def _like_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _like_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_like_json(item) for item in value]
    return value.isoformat() if isinstance(value, (date, time)) else value


def toml_places(text: str) -> Place:
    """Return the lines of tables and keys of a valid TOML text; what is inside an inline value has its key's line."""
    root = table = Place(1, None)
    depth = 0  # of brackets, in a value that runs over several lines
    lines = zip(text.split("\n"), _blank_strings(text).split("\n"), strict=True)
    for number, (line, blanked) in enumerate(lines, 1):
        if depth == 0 and (header := line.strip()).startswith("["):
            table = _enter(root, _parts(header.lstrip("[")), number, array=header.startswith("[["))
            continue
        before, equals, value = blanked.partition("=") if depth == 0 else ("", "", blanked)
        if equals and before.strip():
            _enter(table, _parts(line), number, array=False)
        depth += sum(map(value.count, "[{")) - sum(map(value.count, "]}"))
    return root


def _blank_strings(text: str) -> str:
    """Replace what strings and comments hold by letters, keeping lines and lengths."""
    return _MULTILINE.sub(lambda found: re.sub(r"[^\n]", "_" if found[0][0] != "#" else " ", found[0]), text)


def _parts(text: str) -> list[str]:
    """Return the parts of the dotted key at the beginning of a text."""
    parts: list[str] = []
    at = 0
    while found := _PART.match(text, at):
        parts.append(next(part for part in found.groups()[:3] if part is not None))
        at = found.end()
        if found[4] != ".":
            break
    return parts


def _enter(table: Place, parts: list[str], line: int, *, array: bool) -> Place:
    """Return the place of a dotted key below a table, made where it is new; a list stands for its last item."""
    place = table
    for index, part in enumerate(parts):
        child = place.children.setdefault(part, Place(line, None, line))
        length = len(child.children) if 0 in child.children else 0
        if array and index == len(parts) - 1:
            place = child.children[length] = Place(line, None, line)
        else:
            place = child.children[length - 1] if length else child
    return place
