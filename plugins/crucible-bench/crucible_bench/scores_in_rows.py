"""Find groups of scores in rows of results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crucible_bench.catalogue import Design
from crucible_bench.errors import BenchError
from crucible_bench.labels import things
from crucible_bench.samples import is_missing

Row = Mapping[str, Any]

_PAIR = 2
_MOST_LISTED = 5


@dataclass(frozen=True)
class Scores:
    """Scores by group.

    Attributes:
        design: How they were collected.
        groups: Group to its scores; those of one item stand at the same place in every group, unless the groups are
            independent.
        rows: Group to the numbers of the rows its scores stand in, counted from 1.
        items: Names of the items or data sets; None for independent groups.
        things: What the items are called, in the plural: the name of the field that tells them apart.
        why: Why the design is what it is, in words.
        binary: Whether every score is 0 or 1; known once they are checked.
    """

    design: Design
    groups: Mapping[str, Any]
    rows: Mapping[str, tuple[int, ...]]
    items: tuple[str, ...] | None
    things: str
    why: str
    binary: bool = False

    def first_not_binary(self) -> tuple[str, int, float]:
        """Return group, row and value of the first score that is neither 0 nor 1; there is one."""
        return next(
            (group, row, float(value))
            for group, values in self.groups.items()
            for row, value in zip(self.rows[group], values, strict=True)
            if value not in (0, 1)
        )


def scores_in_columns(rows: Sequence[Row], columns: Sequence[str], item: str | None, design: str) -> Scores:
    """Read rows that hold the scores of all groups, a field each.

    Raises:
        BenchError: `wrong_field`, `missing_label`, `duplicate_names`, `too_few_groups` or `test_does_not_fit`.
    """
    for name in [*columns, *([] if item is None else [item])]:
        _require_field(rows, name)
    if len(set(columns)) < len(columns):
        raise BenchError("duplicate_names", f"columns names a field twice: {', '.join(columns)}")
    groups = {name: [row.get(name) for row in rows] for name in columns}
    numbers = tuple(range(1, len(rows) + 1))
    items = tuple(_label(row, item, index) if item else f"row {index}" for index, row in enumerate(rows, start=1))
    if len(set(items)) < len(items):
        twice = next(name for name, times in Counter(items).items() if times > 1)
        message = f"two rows have {item} {twice}; average them or tell the items apart"
        raise BenchError("duplicate_names", message)
    why = f"the {len(columns)} columns of a row belong to one item"
    where = dict.fromkeys(columns, numbers)
    return Scores(_chosen(design, len(columns), matched=True), groups, where, items, things(item), why)


def scores_by_group(rows: Sequence[Row], group: str, score: str, item: str | None, design: str) -> Scores:
    """Read rows that hold one score each, of a named group and, where scores are matched, a named item.

    Raises:
        BenchError: `wrong_field`, `missing_label`, `too_few_groups`, `duplicate_names`, `missing_cells` or
            `test_does_not_fit`.
    """
    for name in [group, score, *([] if item is None else [item])]:
        _require_field(rows, name)
    if item is None:
        return _independent(rows, group, score, design)
    cells = _cells(rows, group, score, item)
    items = tuple(dict.fromkeys(name for each in cells.values() for name in each))
    _refuse_gaps(cells, items)
    matched = {name: [each[key][1] for key in items] for name, each in cells.items()}
    where = {name: tuple(each[key][0] for key in items) for name, each in cells.items()}
    why = f"the field {item} says which scores belong together"
    return Scores(_chosen(design, len(matched), matched=True), matched, where, items, things(item), why)


def _independent(rows: Sequence[Row], group: str, score: str, design: str) -> Scores:
    groups: dict[str, list[Any]] = {}
    where: dict[str, list[int]] = {}
    for index, row in enumerate(rows, start=1):
        name = _label(row, group, index)
        groups.setdefault(name, []).append(row.get(score))
        where.setdefault(name, []).append(index)
    chosen = _chosen(design, len(groups), matched=False)
    numbers = {name: tuple(each) for name, each in where.items()}
    return Scores(chosen, groups, numbers, None, "scores", "no field names the items")


def select_groups(scores: Scores, names: Sequence[str] | None, design: str) -> Scores:
    """Keep these groups, in this order.

    Raises:
        BenchError: `wrong_group`.
    """
    if names is None:
        return scores
    for name in names:
        if name not in scores.groups:
            raise BenchError("wrong_group", f"there is no group {name!r}; there are: {', '.join(scores.groups)}")
    if len(set(names)) < len(names):
        raise BenchError("duplicate_names", f"groups names one twice: {', '.join(names)}")
    chosen = _chosen(design, len(names), matched=scores.items is not None)
    return replace(scores, design=chosen, groups={name: scores.groups[name] for name in names})


def _chosen(design: str, groups: int, *, matched: bool) -> Design:
    """Return the design asked for, once it fits, or the one that follows from how the scores come."""
    if groups < _PAIR:
        raise BenchError("too_few_groups", f"there is {groups} group; at least two are needed")
    if design == "auto":
        if matched:
            return Design.PAIRED if groups == _PAIR else Design.MANY_DATASETS
        return Design.TWO_GROUPS if groups == _PAIR else Design.MANY_GROUPS
    asked = Design(design)
    if asked in (Design.PAIRED, Design.MANY_DATASETS) and not matched:
        message = f"design {design} compares scores of the same item; name the field that tells items apart with item"
        raise BenchError("test_does_not_fit", message)
    if asked in (Design.PAIRED, Design.TWO_GROUPS) and groups != _PAIR:
        message = f"design {design} compares two groups and there are {groups}; choose two with groups"
        raise BenchError("test_does_not_fit", message)
    return asked


def _cells(rows: Sequence[Row], group: str, score: str, item: str) -> dict[str, dict[str, tuple[int, Any]]]:
    """Return group -> item -> number of the row and score."""
    cells: dict[str, dict[str, tuple[int, Any]]] = {}
    for index, row in enumerate(rows, start=1):
        column = cells.setdefault(_label(row, group, index), {})
        name = _label(row, item, index)
        if name in column:
            message = f"{row.get(group)} has two scores for {item} {name}; average them or tell the items apart"
            raise BenchError("duplicate_names", message)
        column[name] = index, row.get(score)
    return cells


def _label(row: Row, name: str, index: int) -> str:
    """Return the group or item that a row names.

    Raises:
        BenchError: `missing_label`.
    """
    value = row.get(name)
    if is_missing(value):
        how = "is empty" if name in row else "is not there"
        raise BenchError("missing_label", f"the field {name!r} {how} in row {index}; fill it in, or leave out the row")
    return str(value)


def _refuse_gaps(cells: Mapping[str, Mapping[str, Any]], items: Sequence[str]) -> None:
    gaps = [f"{group} on {name}" for group, each in cells.items() for name in items if name not in each]
    if gaps:
        more = f" and {len(gaps) - _MOST_LISTED} more" if len(gaps) > _MOST_LISTED else ""
        listed = ", ".join(gaps[:_MOST_LISTED])
        raise BenchError("missing_cells", f"no score for {listed}{more}; add it, or leave out the item or the group")


def _require_field(rows: Sequence[Row], name: str) -> None:
    if any(name in row for row in rows):
        return
    there = list(dict.fromkeys(key for row in rows for key in row))
    if not there:
        raise BenchError("wrong_field", f"there is no field {name!r}: there are no rows")
    from difflib import get_close_matches

    near = get_close_matches(name, there, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise BenchError("wrong_field", f"no row has the field {name!r}; {hint}there are: {', '.join(map(str, there))}")
