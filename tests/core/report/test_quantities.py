import doctest

import pytest

from crucible_core.stages.report import datasets, quantities, stage_sections, typesetting
from crucible_core.stages.report.cells import NOTHING, cell, grid_cells
from crucible_core.stages.report.model import Grid
from crucible_core.stages.report.number_line import number_line
from crucible_core.stages.report.quantities import format_moment, format_number


@pytest.mark.parametrize("module", [quantities, stage_sections, datasets, typesetting])
def test_examples_in_docstrings_hold(module):
    failed, tried = doctest.testmod(module)
    assert tried > 0
    assert failed == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-3, "−3"),
        (2006, "2006"),
        (1234567, "1,234,567"),
        (0.0, "0"),
        (-0.0714285, "−0.07143"),
        (0.9996, "0.9996"),
        (0.99999, "1"),
        (12345.678, "12,346"),
        (99.95, "99.95"),
        (5e-320, "5e−320"),
        (1.5e300, "1.5e+300"),
        (float("nan"), "NaN"),
        (float("-inf"), "−Infinity"),
    ],
)
def test_a_number_is_short_and_not_misleading(value, text):
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-03-14T10:26:53.5+01:00", "2026-03-14 09:26:53 UTC"),
        ("2026-03-14T09:26:53Z", "2026-03-14 09:26:53 UTC"),
        ("2026-03-14T09:26:53", "2026-03-14 09:26:53 UTC"),
        ("yesterday", "yesterday"),
    ],
)
def test_a_moment_is_shown_in_utc(given, shown):
    assert format_moment(given) == shown


@pytest.mark.parametrize(
    ("value", "text", "exact"),
    [
        (None, NOTHING, None),
        ("", NOTHING, None),
        (True, "yes", None),
        (1 / 3, "0.3333", "0.3333333333333333"),
        (14, "14", None),
        ([1, 2.5], "1, 2.5", "[1, 2.5]"),
        ({"low": 1 / 3, "reason": None}, "low: 0.3333, reason: –", '{"low": 0.3333333333333333, "reason": null}'),
        ({"a": [1]}, '{"a": [1]}', None),
        ("NaN", "NaN", None),
        ("-Infinity", "−Infinity", None),
        (-3, "−3", None),
    ],
)
def test_a_cell_shows_what_a_reader_needs_and_keeps_the_exact_value(value, text, exact):
    assert (cell(value).text, cell(value).exact) == (text, exact)


def test_long_text_is_cut_and_says_how_long_it_was():
    assert cell("x" * 5000).text.endswith("x… (5,000 characters)")


def test_the_numbers_of_a_column_have_the_same_digits():
    grid = Grid(("rank",), ((3.142857,), (2.0,), (1.9642857,)))
    assert [row[0].text for row in grid_cells(grid)] == ["3.143", "2.000", "1.964"]


def test_a_column_of_unlike_numbers_keeps_each_readable():
    grid = Grid(("value",), ((12345.6,), (0.00123,)))
    assert [row[0].text for row in grid_cells(grid)] == ["12,346", "0.00123"]


def test_an_interval_near_zero_is_drawn_with_zero():
    line = number_line((-1.0, 3.0))
    assert line.low < line.zero < line.high


@pytest.mark.parametrize("interval", [None, (0.0, float("inf")), (float("nan"), 1.0), (-1.7e308, 1.7e308)])
def test_an_interval_without_ends_is_not_drawn(interval):
    assert number_line(interval) is None


def test_an_interval_far_from_zero_is_drawn_without_it():
    assert number_line((100.0, 101.0)).zero is None


def test_an_interval_of_one_point_is_drawn():
    line = number_line((2.0, 2.0))
    assert line.low == line.high
