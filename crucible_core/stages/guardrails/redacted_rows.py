"""Rows with what was found replaced."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_core.stages.guardrails.rows import FlaggedText

Marks = Mapping[tuple[bool, tuple[Any, ...]], str]


def redacted_row(row: Mapping[str, Any], flagged: Iterable[FlaggedText]) -> dict[str, Any]:
    """Return a row with personal data replaced by marks such as ``[EMAIL]``; nothing else changes.

    A number gives way to the text of its mark, a key to its mark too; keys that would be alike are numbered.
    """
    marks = {(each.kind == "key", each.spot.keys): each.redacted for each in flagged if any(_personal(each.findings))}
    replaced: dict[str, Any] = _replaced(row, (), marks)
    return replaced


def _personal(findings: Iterable[Any]) -> Iterable[bool]:
    return (each.check == "pii" for each in findings)


def _replaced(value: Any, keys: tuple[Any, ...], marks: Marks) -> Any:
    if isinstance(value, Mapping):
        return _mapping(value, keys, marks)
    if isinstance(value, (list, tuple)):
        return [_replaced(each, (*keys, index), marks) for index, each in enumerate(value)]
    return marks.get((False, keys), value)


def _mapping(value: Mapping[Any, Any], keys: tuple[Any, ...], marks: Marks) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, each in value.items():
        mark = marks.get((True, (*keys, key)))
        name = key if mark is None else _free(mark, found.keys() | value.keys())
        found[name] = _replaced(each, (*keys, key), marks)
    return found


def _free(mark: str, taken: Container[Any]) -> str:
    """Return the mark, or the first of ``[EMAIL] 2``, ``[EMAIL] 3``, ... that is not taken."""
    name, number = mark, 1
    while name in taken:
        number += 1
        name = f"{mark} {number}"
    return name
