"""Examples in one row: none lost, none cut, few rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crucible_train.data.datum import next_token_datum
from crucible_train.data.packing import pack, packed


@given(st.lists(st.integers(1, 50), max_size=60))
def test_every_example_is_in_one_row_and_rows_are_few(lengths):
    rows = packed(lengths, 50)
    assert sorted(index for row in rows for index in row) == list(range(len(lengths)))
    assert all(sum(lengths[index] for index in row) <= 50 for row in rows)
    assert len(rows) <= 2 * sum(lengths) / 50 + 1  # no two rows are at most half full


def test_a_case_worked_by_hand():
    assert packed([3, 7, 5, 2, 2], 10) == [[1, 0], [2, 3, 4]]


def test_an_example_longer_than_a_row_is_refused():
    with pytest.raises(ValueError, match="example 1 has 11 tokens, a row 10"):
        packed([3, 11], 10)


def test_a_packed_row_knows_its_parts():
    one, two = (next_token_datum(range(start, start + 4), [0, 1, 1, 1]) for start in (10, 20))
    (row,) = pack([one, two], 6)
    assert row.parts == (3, 3)
    assert row.tokens.tolist() == [10, 11, 12, 20, 21, 22]
    assert row.loss_inputs["targets"].tolist() == [11, 12, 13, 21, 22, 23]
