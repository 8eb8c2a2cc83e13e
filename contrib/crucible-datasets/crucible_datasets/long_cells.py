"""Let the csv module read cells of any length; its limit is one number for the whole process, which is put back."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_UNLIMITED = 2**31 - 1  # what a C long holds everywhere


class _Limit:
    """The limit of the csv module, lifted while at least one reader, in whatever thread, needs it lifted."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._readers = 0
        self._before = 0

    def lift(self) -> None:
        with self._lock:
            if self._readers == 0:
                self._before = csv.field_size_limit(_UNLIMITED)
            self._readers += 1

    def put_back(self) -> None:
        with self._lock:
            self._readers -= 1
            if self._readers == 0:
                csv.field_size_limit(self._before)


_limit = _Limit()


@contextmanager
def long_cells() -> Iterator[None]:
    """Lift the limit of 131,072 characters a cell, and put it back."""
    _limit.lift()
    try:
        yield
    finally:
        _limit.put_back()
