"""Read strict JSON; find the places of its values only when they are asked for."""

from __future__ import annotations

import json
import re
import sys
from typing import Any, NoReturn

from crucible_core.ir.errors import Location, SpecError
from crucible_core.ir.positions import DuplicateKeyError, LineStarts, Place

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


def read_json(text: str, file: str) -> Any:
    """Return the value of a JSON text; NaN, Infinity and duplicate keys are refused.

    Raises:
        SpecError: The text is not strict JSON.
    """
    try:
        data = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        _refuse(f"not valid JSON: {error.msg}", file, error.lineno, error.colno)
    except DuplicateKeyError:
        _refuse_duplicate(text, file)
    except RecursionError:
        _refuse("nested too deeply", file, 1, 1)
    except ValueError as error:
        line, column = _find_token(text, str(error))
        reason = str(error) if str(error).endswith("JSON number") else "an integer of more digits than Python reads"
        _refuse(f"not valid JSON: {reason}", file, line, column)
    if _SURROGATE.search(text):
        _refuse_half_characters(text, file)
    return data


def _refuse_half_characters(text: str, file: str) -> None:
    r"""Refuse a string that no file can hold, such as "\ud800" alone."""
    for token in _TOKEN.finditer(text):
        if token[0][0] == '"' and any("\ud800" <= character <= "\udfff" for character in json.loads(token[0])):
            message = "not valid text: an escape stands for one half of a character"
            _refuse(message, file, *LineStarts(text).locate(token.start()))


def _refuse(message: str, file: str, line: int, column: int | None) -> NoReturn:
    raise SpecError.of(message, location=Location(file, line, column)) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise DuplicateKeyError("", 0, None, 0)
    return mapping


def _refuse_duplicate(text: str, file: str) -> NoReturn:
    try:
        json_places(text)
    except DuplicateKeyError as error:
        _refuse(str(error), file, error.line, error.column)
    raise AssertionError("a duplicate key that the parser saw and the scanner did not")


def _find_token(text: str, message: str) -> tuple[int, int]:
    """Return line and column of the constant a message begins with, or of an integer that is too long."""
    name = message.partition(" ")[0]
    for token in _TOKEN.finditer(text):
        digits = token[0].lstrip("-")
        if token[0] == name or (digits.isdigit() and len(digits) > sys.get_int_max_str_digits()):
            return LineStarts(text).locate(token.start())
    return 1, 1


def json_places(text: str) -> Place:
    """Return the places of all values of a valid JSON text, scanning it once.

    Raises:
        DuplicateKeyError: A mapping has a key twice.
    """
    locate = LineStarts(text).locate
    root: Place | None = None
    stack: list[tuple[Place, bool]] = []  # the open mappings and lists; whether a mapping
    key: tuple[str, int, int] | None = None
    for token in _TOKEN.finditer(text):
        first = token[0][0]
        if first in ":,":
            continue
        if first in "}]":
            stack.pop()
            continue
        line, column = locate(token.start())
        if stack and stack[-1][1] and key is None:
            key = (json.loads(token[0]), line, column)
            seen = stack[-1][0].children.get(key[0])
            if seen is not None:
                raise DuplicateKeyError(key[0], line, column, seen.key_line or seen.line)
            continue
        place = Place(line, column)
        if stack and key is not None:
            name, place.key_line, place.key_column = key
            stack[-1][0].children[name] = place
            key = None
        elif stack:
            stack[-1][0].children[len(stack[-1][0].children)] = place
        root = root or place
        if first in "{[":
            stack.append((place, first == "{"))
    return root or Place(1, 1)
