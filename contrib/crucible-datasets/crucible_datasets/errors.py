"""The one error of the library, every code it can carry, and the near matches its messages offer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

CODES: Final[dict[str, str]] = {
    "file_not_found": "There is no file at the path.",
    "unreadable_file": "The path is a directory or something else that cannot be read as a file.",
    "unknown_format": "The file's name does not say in which format it is, and neither does the option.",
    "empty_file": "The file holds nothing at all.",
    "no_rows": "The source has no rows: a header only, or an empty list.",
    "malformed_file": "The file is not what its format says: broken CSV, JSON, Parquet or gzip.",
    "bad_encoding": "The file holds bytes that are not text in the encoding, or half a character.",
    "unknown_encoding": "Python knows no encoding of this name.",
    "ragged_row": "A CSV row has more or fewer cells than the header.",
    "row_not_object": "A JSON row is something other than an object.",
    "non_finite_number": "A JSON file holds NaN or an infinity, or a number too large to represent.",
    "bad_value": "A value cannot be read as the type asked for, or is none that a table can hold.",
    "duplicate_columns": "Two columns have the same name.",
    "blank_column": "A column of a CSV file other than the first has no name.",
    "no_columns": "The rows of the source have no columns.",
    "unknown_column": "An option names a column that the source does not have.",
    "unavailable_dataset": "The provider has no data set of this name, or cannot be reached.",
    "missing_package": "The source needs a package that is not installed.",
    "inconsistent_options": "An option is missing, does not apply here, or contradicts another.",
    "bad_option": "An option has a value that it cannot have.",
    "bad_sizes": "The sizes of the splits mix fractions and counts, or the fractions add up to more than 1.",
    "too_few_rows": "There are too few rows for the splits asked for.",
    "small_stratum": "A stratum has fewer rows than there are splits.",
    "missing_split_value": "A row does not say to which split it belongs.",
}


class DatasetError(ValueError):
    """Data or options that cannot be used: what is wrong, where, and what to do.

    Attributes:
        code: One of the keys of `CODES`, stable across versions.
        details: JSON values that help a program to react.
    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.details = details

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep code and details when the error crosses a process boundary."""
        return _restore, (self.code, str(self), self.details)


def _restore(code: str, message: str, details: dict[str, Any]) -> DatasetError:
    return DatasetError(code, message, **details)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the nearest of the known words, or an empty string.

    Example:
        >>> did_you_mean("iriss", ["wine", "iris"])
        " Did you mean 'iris'?"
    """
    from difflib import get_close_matches

    by_folded = {each.casefold(): each for each in known}
    matches = get_close_matches(word.casefold(), by_folded, n=1)
    return f" Did you mean {by_folded[matches[0]]!r}?" if matches else ""


def unknown_column(column: str, columns: Iterable[str], option: str) -> DatasetError:
    """Return the error for an option that names a column which is not there."""
    known = list(columns)
    hint = did_you_mean(column, known)
    if len(known) == 1 and any(mark in known[0] for mark in ";\t|,"):
        hint = " There is only one column and its name holds a separator: set `delimiter`."
    return DatasetError(
        "unknown_column",
        f"{option} names the column {column!r}, which the source does not have.{hint} Columns: {_listed(known)}",
        column=column,
        columns=known,
    )


def _listed(names: list[str], most: int = 20) -> str:
    shown = ", ".join(map(repr, names[:most]))
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
