"""Find groups of scores in rows of results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crucible_bench.catalogue import Design
from crucible_bench.errors import BenchError

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
        items: Names of the items or data sets; None for independent groups.
        why: Why the design is what it is, in words.
    """

    design: Design
    groups: Mapping[str, list[Any]]
    items: tuple[str, ...] | None
    why: str


def scores_in_columns(rows: Sequence[Row], columns: Sequence[str], item: str | None, design: str) -> Scores:
    """Read rows that hold the scores of all groups, a field each.

    Raises:
        BenchError: `wrong_field`, `duplicate_names`, `too_few_groups` or `test_does_not_fit`.
    """
    for name in [*columns, *([] if item is None else [item])]:
        _require_field(rows, name)
    if len(set(columns)) < len(columns):
        raise BenchError("duplicate_names", f"columns names a field twice: {', '.join(columns)}")
    groups = {name: [row.get(name) for row in rows] for name in columns}
    items = tuple(str(row.get(item) if item else index) for index, row in enumerate(rows, start=1))
    why = f"the {len(columns)} columns of a row belong to one item"
    return Scores(_chosen(design, len(columns), matched=True), groups, items, why)


def scores_by_group(rows: Sequence[Row], group: str, score: str, item: str | None, design: str) -> Scores:
    """Read rows that hold one score each, of a named group and, where scores are matched, a named item.

    Raises:
        BenchError: `wrong_field`, `too_few_groups`, `duplicate_names`, `missing_cells` or `test_does_not_fit`.
    """
    for name in [group, score, *([] if item is None else [item])]:
        _require_field(rows, name)
    if item is None:
        groups: dict[str, list[Any]] = {}
        for row in rows:
            groups.setdefault(str(row.get(group)), []).append(row.get(score))
        return Scores(_chosen(design, len(groups), matched=False), groups, None, "no field names the items")
    cells = _cells(rows, group, score, item)
    items = tuple(dict.fromkeys(name for each in cells.values() for name in each))
    _refuse_gaps(cells, items)
    matched = {name: [each[key] for key in items] for name, each in cells.items()}
    why = f"the field {item} says which scores belong together"
    return Scores(_chosen(design, len(matched), matched=True), matched, items, why)


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
    return Scores(chosen, {name: scores.groups[name] for name in names}, scores.items, scores.why)


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


def _cells(rows: Sequence[Row], group: str, score: str, item: str) -> dict[str, dict[str, Any]]:
    cells: dict[str, dict[str, Any]] = {}
    for row in rows:
        column = cells.setdefault(str(row.get(group)), {})
        name = str(row.get(item))
        if name in column:
            message = f"{row.get(group)} has two scores for {item} {name}; average them or tell the items apart"
            raise BenchError("duplicate_names", message)
        column[name] = row.get(score)
    return cells


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
