"""Divide rows into named splits."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal, get_args

from crucible_datasets import accepted
from crucible_datasets.errors import DatasetError, unknown_column
from crucible_datasets.sizes import DEFAULT_SIZES, check_sizes, split_counts, stratum_counts

Method = Literal["none", "given", "random", "stratified", "kfold"]
Splits = dict[str, tuple[int, ...]]
DEFAULT_FOLDS = 5
FEWEST_FOLDS = 2


@dataclass(frozen=True)
class Splitting:
    """How to split; see `split_indices` for what each field means."""

    method: Method = "none"
    sizes: Mapping[str, float] | None = None
    folds: int = DEFAULT_FOLDS
    split_column: str | None = None
    stratify_by: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is missing and what has no meaning for the method."""
        accepted.one_of("split", self.method, get_args(Method))
        accepted.whole_number("folds", self.folds, least=FEWEST_FOLDS)
        accepted.name("split_column", self.split_column)
        accepted.name("stratify_by", self.stratify_by)
        for option, methods in _METHODS_OF.items():
            if getattr(self, option) != getattr(Splitting, option) and self.method not in methods:
                raise DatasetError(
                    "inconsistent_options",
                    f"`{option}` applies to split {' or '.join(methods)}, not to {self.method}; leave it out",
                    option=option,
                )
        for option, method in (("split_column", "given"), ("stratify_by", "stratified")):
            if self.method == method and getattr(self, option) is None:
                raise DatasetError(
                    "inconsistent_options", f"split {method} needs `{option}`, the name of a column", option=option
                )
        check_sizes(DEFAULT_SIZES if self.sizes is None else self.sizes)

    @property
    def column(self) -> str | None:
        """The column the split rests on, if any."""
        return self.stratify_by if self.split_column is None else self.split_column


_METHODS_OF = {
    "sizes": ("random", "stratified"),
    "folds": ("kfold",),
    "split_column": ("given",),
    "stratify_by": ("stratified", "kfold"),
}


def split_indices(
    rows: Sequence[Mapping[str, Any]],
    method: Method,
    *,
    rng: Random,
    sizes: Mapping[str, float] | None = None,
    folds: int = DEFAULT_FOLDS,
    split_column: str | None = None,
    stratify_by: str | None = None,
) -> Splits:
    """Return, for each split, the indices of its rows in ascending order; no row is in two of them.

    Args:
        rows: The rows, each with every column.
        method: ``none`` (no splits); ``given`` (a column names each row's split); ``random``; ``stratified`` (random,
            and each split holds every stratum's rows in the same proportion, to within one row); ``kfold`` (``fold-0``
            to ``fold-(k-1)`` hold each fold's test rows).
        rng: Where random draws come from.
        sizes: Name of a split to its size: fractions of all rows (floats of at most 1, in sum too) or counts
            (integers); ``{"train": 0.8, "test": 0.2}`` where not given. Rows beyond them are in no split. Fractions are
            rounded by largest remainder.
        folds: Number of folds of ``kfold``; their sizes differ by one row at most, and so do their counts of each
            stratum.
        split_column: The column of ``given``.
        stratify_by: The column whose values are the strata of ``stratified`` and, if given, of ``kfold``; null is one.

    Raises:
        DatasetError: ``bad_option``, ``inconsistent_options``, ``bad_sizes``, ``unknown_column``, ``too_few_rows``,
            ``small_stratum`` or ``missing_split_value``.

    Example:
        >>> split_indices([{"part": "a"}, {"part": "b"}, {"part": "a"}], "given", rng=Random(0), split_column="part")
        {'a': (0, 2), 'b': (1,)}
    """
    return split_as(rows, Splitting(method, sizes, folds, split_column, stratify_by), rng)


def split_as(rows: Sequence[Mapping[str, Any]], splitting: Splitting, rng: Random) -> Splits:
    """Do what `split_indices` does, its options in one value."""
    option = "stratify_by" if splitting.split_column is None else "split_column"
    if splitting.column is not None and rows and splitting.column not in rows[0]:
        raise unknown_column(splitting.column, rows[0], option)
    return _SPLITTERS[splitting.method](rows, splitting, rng)


def random_order(count: int, rng: Random) -> list[int]:
    """Return the indices below ``count`` in random order.

    They are sorted by one ``rng.random()`` each, the only method whose sequence Python keeps between versions.
    """
    keys = [rng.random() for _ in range(count)]
    return sorted(range(count), key=keys.__getitem__)


def _given(rows: Sequence[Mapping[str, Any]], splitting: Splitting, _: Random) -> Splits:
    column = str(splitting.split_column)
    found: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        if row[column] is None:
            raise DatasetError(
                "missing_split_value",
                f"row {index} (counted from 0) has no value in the split column {column!r}; name its split",
                row=index,
                column=column,
            )
        found.setdefault(_label(row[column]), []).append(index)
    return {name: tuple(indices) for name, indices in found.items()}


def _random(rows: Sequence[Mapping[str, Any]], splitting: Splitting, rng: Random) -> Splits:
    sizes = splitting.sizes or DEFAULT_SIZES
    return _dealt([random_order(len(rows), rng)], [split_counts(len(rows), sizes)], sizes)


def _stratified(rows: Sequence[Mapping[str, Any]], splitting: Splitting, rng: Random) -> Splits:
    sizes = splitting.sizes or DEFAULT_SIZES
    split_counts(len(rows), sizes)
    strata = _strata(rows, str(splitting.stratify_by), rng, len(sizes))
    counts = stratum_counts([len(each) for each in strata], sizes)
    return _dealt(strata, counts, sizes)


def _dealt(strata: Sequence[Sequence[int]], counts: Sequence[Sequence[int]], names: Mapping[str, float]) -> Splits:
    """Hand out each stratum's rows from its top: so many to the first split, so many to the next."""
    dealt: dict[str, list[int]] = {name: [] for name in names}
    for indices, row in zip(strata, counts, strict=True):
        start = 0
        for name, count in zip(names, row, strict=False):  # the last count is of rows in no split
            dealt[name] += indices[start : start + count]
            start += count
    return {name: tuple(sorted(indices)) for name, indices in dealt.items()}


def _kfold(rows: Sequence[Mapping[str, Any]], splitting: Splitting, rng: Random) -> Splits:
    """Deal the rows round the folds, stratum after stratum without starting afresh."""
    folds = splitting.folds
    if folds > len(rows):
        raise DatasetError(
            "too_few_rows",
            f"{folds} folds need at least {folds} rows, there are {len(rows)}; set `folds` lower",
            rows=len(rows),
            folds=folds,
        )
    if splitting.stratify_by is None:
        strata = [random_order(len(rows), rng)]
    else:
        strata = _strata(rows, splitting.stratify_by, rng, folds)
    order = [index for stratum in strata for index in stratum]
    return {f"fold-{fold}": tuple(sorted(order[fold::folds])) for fold in range(folds)}


def _strata(rows: Sequence[Mapping[str, Any]], column: str, rng: Random, splits: int) -> list[list[int]]:
    """Return the rows of each stratum in random order; strata in the order in which they first appear in the rows."""
    strata: dict[str, list[int]] = {_label(row[column]): [] for row in rows}
    for index in random_order(len(rows), rng):
        strata[_label(rows[index][column])].append(index)
    for label, indices in strata.items():
        if len(indices) < splits:
            raise DatasetError(
                "small_stratum",
                f"stratum {label!r} of column {column!r} has {len(indices)} rows, fewer than the {splits} splits; "
                "merge rare values into one, ask for fewer splits, or stratify by another column",
                column=column,
                stratum=label,
                rows=len(indices),
            )
    return list(strata.values())


def _label(value: Any) -> str:
    """Return a value as the name of a split or stratum: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)


_SPLITTERS: dict[Method, Callable[[Sequence[Mapping[str, Any]], Splitting, Random], Splits]] = {
    "none": lambda *_: {},
    "given": _given,
    "random": _random,
    "stratified": _stratified,
    "kfold": _kfold,
}
