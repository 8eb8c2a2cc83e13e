"""Divide whole rows in given proportions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def largest_remainder(quotas: Sequence[Fraction]) -> list[int]:
    """Round quotas to integers with the same sum, each to its floor or its ceiling.

    Hamilton's method: everyone gets the floor, and what is left goes to the largest remainders (the earlier one where
    two are equal). Balinski and Young, Fair Representation (1982), chapter 3.

    Args:
        quotas: Non-negative, with an integer sum.

    Example:
        >>> largest_remainder([Fraction(7, 2), Fraction(11, 5), Fraction(13, 10)])
        [4, 2, 1]
    """
    counts = [floor(quota) for quota in quotas]
    left = round(sum(quotas)) - sum(counts)
    by_remainder = sorted(range(len(quotas)), key=lambda index: counts[index] - quotas[index])
    for index in by_remainder[:left]:
        counts[index] += 1
    return counts


def round_table(quotas: Sequence[Sequence[Fraction]], totals: Sequence[int]) -> list[list[int]]:
    """Round a table of quotas so that rows keep their sums and columns get theirs, no cell off by more than one.

    The cells with the largest remainders are raised first; where that leaves a row and a column short of each other,
    one exchange mends it. (With all margins rounded this is controlled rounding: Cox, JASA 82 (1987), 520-524.)

    Args:
        quotas: One row a stratum and one column a split; each row's sum is an integer.
        totals: What each column is to sum to, at least the sum of its floors; together the sum of all quotas.
    """
    table = _Rounding(quotas, totals)
    remainders = [(floor(quota) - quota, i, j) for i, row in enumerate(quotas) for j, quota in enumerate(row)]
    for _, row, column in sorted(remainders):
        if table.row_needs[row] and table.column_needs[column]:
            table.raise_cell(row, column)
    for row in range(len(quotas)):
        while table.row_needs[row]:
            table.mend(row)
    return [[floor(quota) + ((i, j) in table.raised) for j, quota in enumerate(row)] for i, row in enumerate(quotas)]


class _Rounding:
    """Which cells were raised from floor to floor plus one, and what rows and columns still need."""

    def __init__(self, quotas: Sequence[Sequence[Fraction]], totals: Sequence[int]) -> None:
        floors = [[floor(quota) for quota in row] for row in quotas]
        self.row_needs = [round(sum(row)) - sum(low) for row, low in zip(quotas, floors, strict=True)]
        self.column_needs = [total - sum(low) for total, low in zip(totals, zip(*floors, strict=True), strict=True)]
        self.raised: set[tuple[int, int]] = set()

    def raise_cell(self, row: int, column: int) -> None:
        self.raised.add((row, column))
        self.row_needs[row] -= 1
        self.column_needs[column] -= 1

    def mend(self, row: int) -> None:
        """Raise a cell of a row whose needy columns are all raised already: let another row give one of its own up."""
        columns = range(len(self.column_needs))
        free = [column for column in columns if (row, column) not in self.raised]
        needy = [column for column in columns if self.column_needs[column] > 0]
        for other, given_up in sorted(self.raised):
            for column in needy:
                if given_up in free and (other, column) not in self.raised:
                    self.raised.remove((other, given_up))
                    self.raised.add((other, column))
                    self.column_needs[column] -= 1
                    self.raised.add((row, given_up))
                    self.row_needs[row] -= 1
                    return
        self.raise_cell(row, max(free, key=lambda column: self.column_needs[column]))
