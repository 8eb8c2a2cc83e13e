"""Change a value everywhere it can be changed, and put it back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

_MARK = "changed by the conformance kit"
_KEPT = frozenset({"examples"})


@contextlib.contextmanager
def mutated(value: Any) -> Iterator[None]:
    """Change every plain dict and list within a mapping meanwhile; what lies in ``examples`` is left alone."""
    undo: list[Callable[[], None]] = []
    _mutate(value, undo, set())
    try:
        yield
    finally:
        for back in reversed(undo):
            back()


def _mutate(value: Any, undo: list[Callable[[], None]], seen: set[int]) -> None:
    if id(value) in seen:
        return
    seen.add(id(value))
    if type(value) is dict:
        for key, each in list(value.items()):
            if key not in _KEPT:
                _mutate(each, undo, seen)
        undo.append(_restore_dict(value, dict(value)))
        value[_MARK] = _MARK
    elif type(value) is list:
        for each in value:
            _mutate(each, undo, seen)
        undo.append(_restore_list(value, list(value)))
        value.append(_MARK)


def _restore_dict(changed: dict[Any, Any], before: dict[Any, Any]) -> Callable[[], None]:
    def restore() -> None:
        changed.clear()
        changed.update(before)

    return restore


def _restore_list(changed: list[Any], before: list[Any]) -> Callable[[], None]:
    def restore() -> None:
        changed[:] = before

    return restore
