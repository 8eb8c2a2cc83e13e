"""What the cells of a text column become."""

from __future__ import annotations

import pytest

from crucible_datasets.cell_types import CellError, convert_column, infer_column


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "-2", "0"], [1, -2, 0]),
        (["1", "2.5"], [1.0, 2.5]),
        (["1e-4", "5.", ".5", "-1E3"], [1e-4, 5.0, 0.5, -1000.0]),
        ([" 39", "50 "], [39, 50]),
        (["", "7"], [None, 7]),
        (["", ""], [None, None]),
        (["123456789012345678901234567890"], [123456789012345678901234567890]),
    ],
)
def test_columns_of_numbers_become_numbers(cells, values):
    found = infer_column(cells)
    assert found == values
    assert [type(each) for each in found] == [type(each) for each in values]


@pytest.mark.parametrize(
    "cells",
    [
        ["007", "12"],
        ["00.5"],
        ["+4930123", "1"],
        ["1,5"],
        ["1.000,5"],
        ["1_000"],
        ["nan"],
        ["inf"],
        ["1e999"],
        ["0x10"],
        ["٣"],
        ["true", "false"],
        ["12", "n/a"],
        [" padded "],
    ],
)
def test_everything_else_stays_text_in_the_whole_column(cells):
    assert infer_column(cells) == cells


def test_null_values_are_compared_without_blanks_around_them():
    assert infer_column([" ?", "3", "NA"], null_values=("?", "NA")) == [None, 3, None]


def test_an_empty_cell_is_text_when_it_is_no_null_value():
    assert infer_column(["", "x"], null_values=("NA",)) == ["", "x"]


@pytest.mark.parametrize(
    ("kind", "cells", "values"),
    [
        ("string", ["007", "12", ""], ["007", "12", None]),
        ("integer", ["007", "+5", " 3 "], [7, 5, 3]),
        ("float", ["007.50", "3", "+1e2"], [7.5, 3.0, 100.0]),
        ("boolean", ["TRUE", "false", "1", "0"], [True, False, True, False]),
    ],
)
def test_a_type_that_was_asked_for_wins_over_the_looks(kind, cells, values):
    found = convert_column(cells, kind)
    assert found == values
    assert [type(each) for each in found] == [type(each) for each in values]


@pytest.mark.parametrize(
    ("kind", "text"),
    [("integer", "1.0"), ("integer", "x"), ("float", "nan"), ("float", "1e9999"), ("float", "1,5"), ("boolean", "yes")],
)
def test_a_cell_of_another_type_is_named(kind, text):
    with pytest.raises(CellError) as caught:
        convert_column(["1", text], kind)
    assert (caught.value.index, caught.value.text) == (1, text)
