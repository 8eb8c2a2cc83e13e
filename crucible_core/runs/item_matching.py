"""Match what two runs measured on the same items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from crucible_core.contract.item_pairs import ItemPairs
from crucible_core.contract.json_values import as_text
from crucible_core.runs.metric_values import numeric

__all__ = ["MatchedItems", "match_items"]

_SERIES = ("stage", "model")
_NOT_MEASURED = frozenset(
    {"id", "input", "output", "target", "prediction", "probability", "group", *_SERIES},
)
"""Fields with a meaning of their own, which is no measure of how well an item went."""
CORRECT = "correct"
"""What is measured where rows say what was expected and what came, and nothing else."""
_EXAMPLES = 5

Key = tuple[str, ...]
Column = dict[str, float]


@dataclass(frozen=True)
class MatchedItems:
    """One field of two runs, matched by item.

    Args:
        pairs: What matches.
        only: In the first run and in the second, ids of items that the other has no value for.
        repeated: Items that are left out because a run has several values for them.
    """

    pairs: ItemPairs
    only: tuple[tuple[Any, ...], tuple[Any, ...]]
    repeated: int

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values, without the values themselves."""
        first, second = self.pairs.first, self.pairs.second
        return {
            "field": self.pairs.field,
            "series": dict(self.pairs.series),
            "first": self.pairs.names[0],
            "second": self.pairs.names[1],
            "matched": len(self.pairs.items),
            "means": [fmean(first), fmean(second)] if first else None,
            "only_first": _told(self.only[0]),
            "only_second": _told(self.only[1]),
            "repeated": self.repeated,
        }


def match_items(
    first: Iterable[Mapping[str, Any]],
    second: Iterable[Mapping[str, Any]],
    names: tuple[str, str],
    fields: Sequence[str] = (),
) -> tuple[MatchedItems, ...]:
    """Match the rows of two runs by ``id``, within the rows of one stage and model.

    Args:
        first: Rows of the first run.
        second: Rows of the second.
        names: What to call the runs.
        fields: The fields to compare; if there are none, ``score``, or ``correct`` where there is no score, or whether
            the prediction is the target where there is neither, or else every number that has no other meaning.
    """
    one, other = _Columns(first, fields), _Columns(second, fields)
    return tuple(
        _matched(field, series, names, one.columns[series, field], other.columns[series, field], one, other)
        for series, field in one.columns
        if (series, field) in other.columns
    )


class _Columns:
    """The values of a run by series, field and item."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], fields: Sequence[str]) -> None:
        self.columns: dict[tuple[Key, str], Column] = {}
        self.repeated: dict[tuple[Key, str], set[str]] = {}
        self.ids: dict[str, Any] = {}
        for row in rows:
            if row.get("id") is None:
                continue
            item = as_text(row["id"])
            self.ids.setdefault(item, row["id"])
            series = tuple("" if row.get(name) is None else str(row[name]) for name in _SERIES)
            for field, value in _measured(row, fields):
                self._add((series, field), item, value)

    def _add(self, where: tuple[Key, str], item: str, value: float) -> None:
        column = self.columns.setdefault(where, {})
        if item in column:
            self.repeated.setdefault(where, set()).add(item)
        column[item] = value


def _measured(row: Mapping[str, Any], fields: Sequence[str]) -> Iterable[tuple[str, float]]:
    """Yield the fields of a row that are compared, with their values; NaN and the infinities are none."""
    for field in fields or _usual_fields(row):
        number = _number(row[field]) if field in row else _correct(row) if field == CORRECT else None
        if number is not None:
            yield field, number


def _usual_fields(row: Mapping[str, Any]) -> Iterable[str]:
    """Return what is compared where nobody says it.

    Not every number is a measure of how well an item went, a fold is none: where a row has a score, or says whether it
    is correct, nothing else is compared.
    """
    if "score" in row:
        return ("score",)
    if CORRECT in row or _correct(row) is not None:
        return (CORRECT,)
    return [field for field in row if field not in _NOT_MEASURED]


def _number(value: Any) -> float | None:
    plain = _scalar(value)
    return float(plain) if isinstance(plain, bool) else numeric(plain, finite=True)


def _correct(row: Mapping[str, Any]) -> float | None:
    """Return 1 where the prediction is the target and 0 where it is not; None where either is missing."""
    target, prediction = row.get("target"), row.get("prediction")
    if target is None or prediction is None:
        return None
    return float(as_text(_scalar(target)) == as_text(_scalar(prediction)))


def _scalar(value: Any) -> Any:
    """Return Python's number in the place of numpy's."""
    return value.item() if getattr(value, "shape", None) == () and hasattr(value, "item") else value


def _matched(
    field: str, series: Key, names: tuple[str, str], one: Column, other: Column, left: _Columns, right: _Columns
) -> MatchedItems:
    repeated = left.repeated.get((series, field), set()) | right.repeated.get((series, field), set())
    both = [item for item in one if item in other and item not in repeated]
    pairs = ItemPairs(
        field=field,
        series={name: value for name, value in zip(_SERIES, series, strict=True) if value},
        names=names,
        items=tuple(left.ids[item] for item in both),
        first=tuple(one[item] for item in both),
        second=tuple(other[item] for item in both),
    )
    only = (
        tuple(left.ids[item] for item in one if item not in other),
        tuple(right.ids[item] for item in other if item not in one),
    )
    return MatchedItems(pairs, only, len(repeated))


def _told(items: Sequence[Any]) -> dict[str, Any]:
    return {"count": len(items), "examples": list(items[:_EXAMPLES])}
