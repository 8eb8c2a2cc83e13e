"""The figure of estimates with their intervals: described, escaped, to scale."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from crucible_bench.figures.intervals import IntervalRow, describe_intervals, draw_intervals, ticks

SVG = "{http://www.w3.org/2000/svg}"
ROWS = (IntervalRow("t test", 0.06, 0.005, 0.115), IntervalRow("sign test", 0.074, -0.037, 0.141))


def drawn(rows):
    return ET.fromstring(draw_intervals(rows, title="Differences", quantity="a - b"))


def lines(root):
    return [[float(line.get(key)) for key in ("x1", "y1", "x2", "y2")] for line in root.iter(f"{SVG}line")]


def test_points_limits_and_zero_have_one_scale():
    root = drawn(ROWS)
    zero = next(float(line.get("x1")) for line in root.iter(f"{SVG}line") if line.get("stroke-dasharray"))
    centres = [(float(each.get("cx")), float(each.get("cy"))) for each in root.iter(f"{SVG}circle")]
    unit = (centres[0][0] - zero) / 0.06
    for row, (x, y) in zip(ROWS, centres, strict=True):
        assert x == pytest.approx(zero + row.value * unit, abs=0.2)
        (across,) = [line for line in lines(root) if line[1] == line[3] == y]
        assert across[0] == pytest.approx(zero + row.low * unit, abs=0.3)
        assert across[2] == pytest.approx(zero + row.high * unit, abs=0.3)


def test_values_stand_beside_the_intervals_and_in_the_description():
    root = drawn(ROWS)
    texts = {text.text for text in root.iter(f"{SVG}text")}
    assert "0.074 [\N{MINUS SIGN}0.037, 0.141]" in texts
    assert root.find(f"{SVG}desc").text == describe_intervals(ROWS, "a - b")
    assert describe_intervals(ROWS[:1], "a - b") == "a - b: t test 0.060 [0.005, 0.115]."


def test_an_open_end_runs_to_the_end_of_the_axis_without_a_cap():
    (row,) = (IntervalRow("t test", 0.06, 0.005, None),)
    root = drawn([row])
    (y,) = (float(each.get("cy")) for each in root.iter(f"{SVG}circle"))
    (across,) = [line for line in lines(root) if line[1] == line[3] == y]
    axis = max((line for line in lines(root) if line[1] == line[3]), key=lambda line: line[2] - line[0])
    assert across[2] == pytest.approx(axis[2])
    assert [line[0] for line in lines(root) if line[1] < y < line[3] and line[3] - line[1] == 10] == [across[0]]
    assert row.words.endswith("∞)")


def test_names_are_escaped_and_the_colour_is_that_of_the_page():
    svg = draw_intervals([IntervalRow("<script>&", 1.0, 0.5, 1.5)], title="<b>", quantity="a & b")
    assert "<script>" not in svg
    colours = {each.get("stroke") for each in ET.fromstring(svg).iter()} - {None, "none"}
    assert colours == {"currentColor"}


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(-0.13, 0.42, [0, 0.2, 0.4]), (-2.1, 2.4, [-2, -1, 0, 1, 2]), (0, 1e-6, [0, 2e-7, 4e-7, 6e-7, 8e-7, 1e-6])],
)
def test_ticks_are_round(low, high, expected):
    assert ticks(low, high) == pytest.approx(expected)


def test_everything_lies_inside_the_picture():
    from crucible_bench.figures.text_width import text_width

    root = drawn([IntervalRow("a rather long name of a model " * 4, -1234.5, -2345.6, 9.25)])
    for text in root.iter(f"{SVG}text"):
        extent = text_width("".join(text.itertext()) if text.text else "", 11.5)
        start = {"start": 0.0, "middle": extent / 2, "end": 0.0}[text.get("text-anchor")]
        assert 0 <= float(text.get("x")) - start <= float(root.get("width"))
        assert float(text.get("y")) <= float(root.get("height"))
