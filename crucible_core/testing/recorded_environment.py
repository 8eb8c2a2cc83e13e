"""Which variables of the environment the code of some packages asks for."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

_ON_THE_WAY = frozenset({"os", "_collections_abc", "collections.abc", __name__})
"""Modules through which a variable is asked for: ``os.getenv``, and the methods of any mapping."""
_WATCHED = ("__getitem__", "__iter__", "__setitem__", "__delitem__")


class Asked:
    """Variables that were asked for.

    Those that the same code sets meanwhile do not count, since it has to know what to put back; nor does copying all of
    them, as for a process that is started.

    Args:
        packages: Whose questions count.
    """

    def __init__(self, packages: Collection[str]) -> None:
        self._packages = packages
        self._names: dict[str, None] = {}
        self._own: set[str] = set()
        self._copied: set[str] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """The variables, in the order in which they were first asked for."""
        return tuple(name for name in self._names if name not in self._own)

    def note(self, name: Any) -> None:
        """Take note that a variable is looked up."""
        if not isinstance(name, str):
            return
        if name in self._copied:
            self._copied.discard(name)
        elif _asker() in self._packages:
            self._names[name] = None

    def note_set(self, name: Any) -> None:
        """Take note that a variable is set or removed."""
        self._own.add(str(name))

    def note_all(self, names: Collection[str]) -> None:
        """Take note that all are gone through."""
        self._copied = set(names)


@contextmanager
def recording_variables(packages: Collection[str]) -> Iterator[Asked]:
    """Collect what the code of these packages asks of ``os.environ`` meanwhile.

    Args:
        packages: The top-level packages.
    """
    kind: Any = type(os.environ)
    asked = Asked(packages)
    before = {name: getattr(kind, name) for name in _WATCHED}

    def __getitem__(self: Any, name: Any) -> Any:  # noqa: N807 - it stands in for one
        asked.note(name)
        return before["__getitem__"](self, name)

    def __iter__(self: Any) -> Any:  # noqa: N807 - likewise
        names = list(before["__iter__"](self))
        asked.note_all(names)
        return iter(names)

    def __setitem__(self: Any, name: Any, value: Any) -> None:  # noqa: N807 - likewise
        asked.note_set(name)
        before["__setitem__"](self, name, value)

    def __delitem__(self: Any, name: Any) -> None:  # noqa: N807 - likewise
        asked.note_set(name)
        before["__delitem__"](self, name)

    for name, method in zip(_WATCHED, (__getitem__, __iter__, __setitem__, __delitem__), strict=True):
        setattr(kind, name, method)
    try:
        yield asked
    finally:
        for name, method in before.items():
            setattr(kind, name, method)


def _asker() -> str:
    """Return the package of the code that asks, past what it asks by."""
    found: Any = sys._getframe(2)
    while found is not None and str(found.f_globals.get("__name__", "")) in _ON_THE_WAY:
        found = found.f_back
    return "" if found is None else str(found.f_globals.get("__name__", "")).partition(".")[0]
