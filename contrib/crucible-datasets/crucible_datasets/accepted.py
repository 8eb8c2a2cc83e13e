"""Check the values that callers give for options; each error names the option, the value, and what it takes."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from crucible_datasets.errors import DatasetError, did_you_mean


def bad_option(option: str, value: Any, takes: str) -> DatasetError:
    """Return the error for an option's value."""
    return DatasetError("bad_option", f"`{option}` is {value!r}; {takes}", option=option)


def one_of(option: str, value: Any, known: Iterable[str]) -> None:
    """Refuse a word that is none of those known.

    Raises:
        DatasetError: ``bad_option``, with the near match.
    """
    words = list(known)
    if value not in words:
        hint = did_you_mean(value, words) if isinstance(value, str) else ""
        raise bad_option(option, value, f"it is one of {', '.join(words)}.{hint}")


def whole_number(option: str, value: Any, least: int) -> None:
    """Refuse what is no integer, or is below the least.

    Raises:
        DatasetError: ``bad_option``.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise bad_option(option, value, f"give a whole number of at least {least}")


def delimiter(value: Any) -> None:
    """Refuse what cannot separate cells.

    Raises:
        DatasetError: ``bad_option``.
    """
    if not isinstance(value, str) or len(value) != 1 or value in '"\r\n':
        raise bad_option("delimiter", value, "give one character that is no quote and no line end")


def words(option: str, value: Any) -> None:
    """Refuse what is no collection of texts; one text alone would be taken for its characters.

    Raises:
        DatasetError: ``bad_option``.
    """
    if isinstance(value, (str, bytes)) or not isinstance(value, Collection) or not _texts(value):
        raise bad_option(option, value, "give a list of texts")


def names(option: str, value: Any) -> None:
    """Refuse what is no mapping of texts to texts.

    Raises:
        DatasetError: ``bad_option``.
    """
    if not isinstance(value, Mapping) or not _texts([*value, *value.values()]):
        raise bad_option(option, value, "give a mapping of texts to texts")


def name(option: str, value: Any) -> None:
    """Refuse what is neither a text nor None.

    Raises:
        DatasetError: ``bad_option``.
    """
    if value is not None and not isinstance(value, str):
        raise bad_option(option, value, "give the name of a column")


def source(value: Any) -> str:
    """Return a source as text; a path is one too.

    Raises:
        DatasetError: ``bad_option``.
    """
    found = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(found, str) or not found:
        raise bad_option("source", value, "give a path, or a name such as sklearn:iris")
    return found


def _texts(values: Iterable[Any]) -> bool:
    return all(isinstance(each, str) for each in values)
