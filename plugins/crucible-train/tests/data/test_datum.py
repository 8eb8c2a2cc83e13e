"""From tokens to what a model reads and predicts."""

from __future__ import annotations

import pytest

from crucible_train.data.datum import next_token_datum


def test_what_is_read_is_shifted_against_what_is_predicted():
    """The case of tinker_cookbook's own test."""
    datum = next_token_datum([10, 20, 30, 40, 50], [0, 0, 1, 1, 1])
    assert datum.tokens.tolist() == [10, 20, 30, 40]
    assert datum.loss_inputs["targets"].tolist() == [20, 30, 40, 50]
    assert datum.loss_inputs["weights"].tolist() == [0, 1, 1, 1]


def test_what_is_too_long_is_cut_from_the_right():
    datum = next_token_datum([10, 20, 30, 40, 50], [0, 0, 1, 1, 1], max_length=4)
    assert datum.loss_inputs["targets"].tolist() == [20, 30, 40]


@pytest.mark.parametrize(
    ("tokens", "weights", "named"), [([1], [1], "at least two tokens"), ([1, 2], [1], "2 tokens need as many weights")]
)
def test_what_cannot_be_learned_from_is_refused(tokens, weights, named):
    with pytest.raises(ValueError, match=named):
        next_token_datum(tokens, weights)
