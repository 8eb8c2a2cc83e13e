"""Hashes that say which data a result rests on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from crucible_datasets.errors import DatasetError


def sha256_of_file(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes as hexadecimal digits; the file is streamed, never held."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the SHA-256 of rows as one canonical JSON list, as hexadecimal digits.

    Canonical means: UTF-8, keys sorted, no blanks, the shortest digits that give a float back. What JSON lacks is
    written as text: dates and times in ISO 8601, decimals and durations as Python prints them, bytes in hexadecimal;
    or as a word: ``NaN``, ``Infinity``.

    Raises:
        DatasetError: ``bad_value``, for a value of any other type.

    Example:
        >>> sha256_of_rows([{"b": 1, "a": "x"}]) == hashlib.sha256(b'[{"a":"x","b":1}]').hexdigest()
        True
    """
    digest = hashlib.sha256(b"[")
    encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_as_text)
    for index, row in enumerate(rows):
        digest.update((b"," if index else b"") + _encoded(encoder, row, index))
    digest.update(b"]")
    return digest.hexdigest()


def _encoded(encoder: json.JSONEncoder, row: Mapping[str, Any], index: int) -> bytes:
    try:
        return encoder.encode(row).encode("utf-8", "surrogatepass")
    except (TypeError, ValueError) as error:
        raise DatasetError(
            "bad_value",
            f"row {index} cannot be written as JSON: {error}; convert it where it comes from",
            row=index,
        ) from error


def _as_text(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Decimal | timedelta):
        return str(value)
    raise TypeError(f"it holds a {type(value).__name__}")
