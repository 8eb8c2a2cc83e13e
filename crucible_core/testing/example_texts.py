"""The texts in the data of examples that a stage may make sets of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from crucible_core.contract.dataset import Dataset

if TYPE_CHECKING:
    from crucible_core.contract.example import StageExample

_MOST_ROWS = 1_000
_MOST = 40
_ROOMS = ("options", "outputs", "assigns", "metrics", "artifacts")

Family = tuple[str, ...]
"""Texts that stand for the same thing in each row, in the order in which they first occur."""


def families_in(examples: Iterable[StageExample]) -> list[Family]:
    """Return the distinct texts of each column, the keys of each mapping, and each list of texts."""
    found = dict.fromkeys(
        family for example in examples for room in _ROOMS for family in _families(_made(example, room))
    )
    return list(islice(found, _MOST))


def _made(example: StageExample, room: str) -> Any:
    made = example.make(room)
    return list(made) if room == "outputs" else made


def _families(value: Any) -> Iterator[Family]:
    if isinstance(value, Dataset):
        yield from _families(list(value.rows))
    elif isinstance(value, Mapping):
        yield _texts(value)
        for each in islice(value.values(), _MOST):
            yield from _families(each)
    elif isinstance(value, (list, tuple)):
        yield _texts(value)
        rows = [row for row in value[:_MOST_ROWS] if isinstance(row, Mapping)]
        for name in dict.fromkeys(name for row in rows for name in row):
            yield _texts(row.get(name) for row in rows)
        yield from (_texts(row) for row in rows[:1])


def _texts(values: Iterable[Any]) -> Family:
    return tuple(dict.fromkeys(each for each in values if isinstance(each, str)))
