"""Numbers, intervals, p-values and names as a reader sees them."""

from __future__ import annotations

import pytest

from crucible_bench.labels import things
from crucible_bench.wording import interval_numbers, number, p_number

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (13993.0, "13993"),
        (39.0, "39"),
        (27.3456, "27.35"),
        (0.034, "0.034"),
        (-2.5, f"{MINUS}2.5"),
        (0.0, "0"),
        (-0.0, "0"),
        (2.5e-8, f"2.5e{MINUS}08"),
        (100.0, "100"),
    ],
)
def test_numbers_have_four_digits_and_a_proper_minus(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize(
    ("limits", "shown"),
    [
        ((-0.0751, 2.4321), f"[{MINUS}0.075, 2.432]"),
        ((0.0068, 0.0612), "[0.0068, 0.0612]"),
        ((0.1, None), "[0.1, ∞)"),
        ((None, -3.0), f"({MINUS}∞, {MINUS}3]"),
        ((0.0, 0.0), "[0.000, 0.000]"),
        ((-0.00001, 1.0), "[0.000, 1.000]"),
    ],
)
def test_limits_have_the_same_digits(limits, shown):
    assert interval_numbers(*limits) == shown


@pytest.mark.parametrize(
    ("p_value", "shown"),
    [(0.01837, "0.0184"), (0.5, "0.500"), (1.0, "1.00"), (0.00003, "< 0.0001"), (0.0001, "0.000100")],
)
def test_p_values_have_three_digits(p_value, shown):
    assert p_number(p_value) == shown


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("question", "questions"),
        ("question_id", "questions"),
        ("Data set", "data sets"),
        ("query", "queries"),
        ("essay", "essays"),
        ("tasks", "tasks"),
        ("id", "items"),
        ("d", "items"),
        ("x_1", "items"),
        ("Frage/Nr", "items"),
        (None, "items"),
    ],
)
def test_items_are_called_what_the_field_calls_them(field, words):
    assert things(field) == words
