"""How many rows each split gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from crucible_datasets.apportionment import largest_remainder, round_table
from crucible_datasets.errors import DatasetError

DEFAULT_SIZES: Final[Mapping[str, float]] = MappingProxyType({"train": 0.8, "test": 0.2})

_ROUNDING = Fraction(1, 10**9)  # by which fractions such as 1/3, written as floats, may exceed 1 in sum


def check_sizes(sizes: Mapping[str, float]) -> None:
    """Refuse sizes that cannot be meant.

    Raises:
        DatasetError: ``bad_sizes``.
    """
    if not isinstance(sizes, Mapping):
        raise DatasetError("bad_sizes", f"sizes is {sizes!r}; give a mapping of each split to its size")
    shown = dict(sizes)
    if not sizes or not all(map(_is_size, sizes.values())):
        raise DatasetError("bad_sizes", f"sizes are {shown}; give each split a size above 0", sizes=shown)
    if len({isinstance(size, int) for size in sizes.values()}) > 1:
        raise DatasetError(
            "bad_sizes",
            f"sizes are {shown}; give fractions only (0.8, and 1.0 for all) or counts only (integers)",
            sizes=shown,
        )
    if not _are_counts(sizes) and sum(map(_exact, sizes.values())) > 1 + _ROUNDING:
        total = float(sum(map(_exact, sizes.values())))
        raise DatasetError(
            "bad_sizes", f"sizes are {shown}, which is {total:g} in sum; fractions add up to at most 1", sizes=shown
        )


def _is_size(size: object) -> bool:
    return isinstance(size, (int, float)) and not isinstance(size, bool) and size > 0


def split_counts(rows: int, sizes: Mapping[str, float]) -> list[int]:
    """Return the number of rows of each split, and last of the rows that are in none.

    Raises:
        DatasetError: ``too_few_rows``: the counts exceed the rows, or a fraction of them is less than a row.

    Example:
        >>> split_counts(10, {"train": 0.5, "test": 0.25})
        [5, 3, 2]
    """
    if _are_counts(sizes) and sum(sizes.values()) > rows:
        raise DatasetError(
            "too_few_rows",
            f"sizes {dict(sizes)} ask for {int(sum(sizes.values()))} rows, there are {rows}; ask for fewer",
            rows=rows,
        )
    counts = largest_remainder([rows * share for share in _shares(rows, sizes)])
    for name, count in zip(sizes, counts, strict=False):
        if count == 0:
            raise DatasetError(
                "too_few_rows",
                f"split {name!r} would be empty: {sizes[name]:g} of {rows} rows; make it larger, or load more rows",
                rows=rows,
                split=name,
            )
    return counts


def stratum_counts(strata: Sequence[int], sizes: Mapping[str, float]) -> list[list[int]]:
    """Return for each stratum, given its rows, what `split_counts` returns for all rows together.

    The splits' totals are those of `split_counts`, and each stratum's share is within one row of the exact one.
    """
    rows = sum(strata)
    shares = _shares(rows, sizes)
    return round_table([[count * share for share in shares] for count in strata], split_counts(rows, sizes))


def _shares(rows: int, sizes: Mapping[str, float]) -> list[Fraction]:
    """Return each split's share of the rows, and last the share of no split; they sum to 1."""
    shares = [Fraction(int(size), rows) if _are_counts(sizes) else _exact(size) for size in sizes.values()]
    total = sum(shares, Fraction(0))
    if total > 1:
        shares = [share / total for share in shares]
    return [*shares, max(Fraction(0), 1 - total)]


def _are_counts(sizes: Mapping[str, float]) -> bool:
    return all(isinstance(size, int) for size in sizes.values())


def _exact(size: float) -> Fraction:
    return Fraction(repr(float(size)))  # 0.1 as written, not the binary number next to it
