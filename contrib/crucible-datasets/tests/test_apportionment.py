"""Dividing whole rows in given proportions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crucible_datasets import DatasetError
from crucible_datasets.apportionment import largest_remainder
from crucible_datasets.sizes import check_sizes, split_counts, stratum_counts


def test_hamiltons_own_bill():
    """The bill of 1792 that Washington vetoed: 120 seats on the census of 1790 (Balinski and Young, Fair Representation)."""
    populations = {
        "Connecticut": (236841, 8), "Delaware": (55540, 2), "Georgia": (70835, 2), "Kentucky": (68705, 2),
        "Maryland": (278514, 9), "Massachusetts": (475327, 16), "New Hampshire": (141822, 5), "New Jersey": (179570, 6),
        "New York": (331589, 11), "North Carolina": (353523, 12), "Pennsylvania": (432879, 14), "Rhode Island": (68446, 2),
        "South Carolina": (206236, 7), "Vermont": (85533, 3), "Virginia": (630560, 21),
    }  # fmt: skip
    total = sum(people for people, _ in populations.values())
    quotas = [Fraction(people * 120, total) for people, _ in populations.values()]
    assert largest_remainder(quotas) == [seats for _, seats in populations.values()]


@pytest.mark.parametrize(
    ("rows", "sizes", "counts"),
    [
        (10, {"train": 0.8, "test": 0.2}, [8, 2, 0]),
        (10, {"train": 0.7, "test": 0.2}, [7, 2, 1]),
        (150, {"train": 0.7, "validation": 0.2, "test": 0.1}, [105, 30, 15, 0]),
        (3, {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}, [1, 1, 1, 0]),
        (9, {"a": 0.3333333334, "b": 0.3333333334, "c": 0.3333333334}, [3, 3, 3, 0]),
        (10, {"train": 6, "test": 3}, [6, 3, 1]),
        (10, {"all": 1.0}, [10, 0]),
    ],
)
def test_rows_of_each_split_and_of_none(rows, sizes, counts):
    assert split_counts(rows, sizes) == counts


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({"train": 0.9, "test": 0.2}, "1.1 in sum"),
        ({"train": 0.5, "test": 2}, "fractions only (0.8, and 1.0 for all) or counts only"),
        ({"train": 0.0}, "above 0"),
        ({"train": -1}, "above 0"),
        ({"train": float("nan")}, "above 0"),
        ({"train": True}, "above 0"),
        ({}, "above 0"),
    ],
)
def test_sizes_that_cannot_be_meant(sizes, said):
    with pytest.raises(DatasetError) as caught:
        check_sizes(sizes)
    assert caught.value.code == "bad_sizes"
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "sizes", "said"),
    [
        (10, {"train": 8, "test": 3}, "ask for 11 rows, there are 10"),
        (3, {"train": 0.9, "test": 0.1}, "split 'test' would be empty: 0.1 of 3 rows"),
    ],
)
def test_too_few_rows(rows, sizes, said):
    with pytest.raises(DatasetError) as caught:
        split_counts(rows, sizes)
    assert caught.value.code == "too_few_rows"
    assert said in str(caught.value)


@settings(deadline=None)
@given(
    strata=st.lists(st.integers(6, 40), min_size=1, max_size=8),
    weights=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    unused=st.integers(0, 9),
)
def test_every_stratum_is_within_one_row_of_its_share_and_totals_hold(strata, weights, unused):
    shares = [Fraction(weight, sum(weights) + unused) for weight in weights]
    sizes = {str(index): float(share) for index, share in enumerate(shares)}
    try:
        totals = split_counts(sum(strata), sizes)
    except DatasetError:  # a split of less than a row
        return
    table = stratum_counts(strata, sizes)
    assert [sum(row) for row in table] == strata
    assert [sum(column) for column in zip(*table, strict=True)] == totals
    for rows, counts in zip(strata, table, strict=True):
        assert all(abs(count - rows * share) <= 1.000001 for count, share in zip(counts, shares, strict=False))


def test_small_strata_share_the_test_rows_between_them():
    """Ten strata of five rows: none alone has a whole tenth to give, together they have five."""
    table = stratum_counts([5] * 10, {"train": 0.9, "test": 0.1})
    assert sum(row[1] for row in table) == 5
