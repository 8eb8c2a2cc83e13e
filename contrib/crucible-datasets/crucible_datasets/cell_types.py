"""Decide what the cells of a text column are, by rules that guess nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Sequence
from typing import Any, Literal

ColumnType = Literal["string", "integer", "float", "boolean"]

_BLANKS = " \t"
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,299})")
_NUMBER = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_ANY_INTEGER = re.compile(r"[+-]?[0-9]{1,300}")
_ANY_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


class CellError(ValueError):
    """A cell that is not of the type asked for.

    Attributes:
        index: Its place in the column, from 0.
        text: What it holds.
    """

    def __init__(self, index: int, text: str) -> None:
        super().__init__(f"cell {index} holds {text!r}")
        self.index = index
        self.text = text


def infer_column(cells: Sequence[str], null_values: Collection[str] = ("",)) -> list[Any]:
    """Return the values of a column: integers, or floats, or else strings, the same for all its cells.

    A number is written with ASCII digits, ``.`` as decimal point, an optional ``-`` and exponent, and no leading zero:
    ``007`` and ``+49`` are codes and make their column one of strings. Blanks around a number do not matter; strings
    keep theirs.

    Args:
        cells: The cells as text.
        null_values: Cells, compared without blanks around them, that mean "no value" and become None.

    Example:
        >>> infer_column(["1", "2.5", ""]), infer_column(["007", "8"])
        ([1.0, 2.5, None], ['007', '8'])
    """
    given = [text for text in (cell.strip(_BLANKS) for cell in cells) if text not in null_values]
    if all(_INTEGER.fullmatch(text) for text in given):
        return convert_column(cells, "integer", null_values)
    if all(_NUMBER.fullmatch(text) and math.isfinite(float(text)) for text in given):
        return convert_column(cells, "float", null_values)
    return convert_column(cells, "string", null_values)


def convert_column(cells: Sequence[str], kind: ColumnType, null_values: Collection[str] = ("",)) -> list[Any]:
    """Return the values of a column as the type asked for.

    Leading zeros and a plus sign are accepted in numbers here; booleans are ``true``, ``false``, ``1`` and ``0``.

    Raises:
        CellError: A cell is not of that type.
    """
    convert = _CONVERTERS[kind]
    return [_converted(cell, index, convert, null_values) for index, cell in enumerate(cells)]


def _converted(cell: str, index: int, convert: Callable[[str], Any], null_values: Collection[str]) -> Any:
    text = cell.strip(_BLANKS)
    if text in null_values:
        return None
    value = cell if convert is str else convert(text)
    if value is None:
        raise CellError(index, cell)
    return value


def _integer(text: str) -> int | None:
    return int(text) if _ANY_INTEGER.fullmatch(text) else None


def _float(text: str) -> float | None:
    value = float(text) if _ANY_NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None


def _boolean(text: str) -> bool | None:
    return _TRUTH.get(text.lower())


_CONVERTERS: dict[ColumnType, Callable[[str], Any]] = {
    "string": str,
    "integer": _integer,
    "float": _float,
    "boolean": _boolean,
}
