"""The critical-difference diagram as a document: valid, described, escaped, complete."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from crucible_bench import describe_diagram, draw_critical_difference, nemenyi
from crucible_bench.figures.text_width import clipped, text_width

SVG = "{http://www.w3.org/2000/svg}"


def result_of(names, step=0.3, n=25):
    rng = np.random.default_rng(3)
    return nemenyi({name: rng.normal(i * step, 1, n) for i, name in enumerate(names)})


def drawn(result, **options):
    return ET.fromstring(draw_critical_difference(result, **options))


def thick_lines(root):
    return [line for line in root.iter(f"{SVG}line") if float(line.get("stroke-width")) > 3]


def test_title_and_description_are_referenced(demsar):
    root = drawn(nemenyi(demsar), title="C4.5 & variants")
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == "C4.5 & variants"
    assert description.text == describe_diagram(nemenyi(demsar))


def test_description_says_what_the_drawing_shows(demsar):
    assert describe_diagram(nemenyi(demsar)) == (
        "Mean ranks of 4 models over 14 data sets, best first: C4.5+m+cf 1.964, C4.5+m 2.000, C4.5+cf 2.893, C4.5 3.143. "
        "Critical difference at alpha 0.05: 1.254. Not found to differ: C4.5+m+cf, C4.5+m, C4.5+cf, C4.5."
    )


@pytest.mark.parametrize("count", [2, 3, 7, 20, 30])
def test_every_model_and_every_group_is_drawn(count):
    result = result_of([f"model {i}" for i in range(count)])
    root = drawn(result)
    texts = {text.text for text in root.iter(f"{SVG}text")}
    assert {f"model {i}" for i in range(count)} <= texts
    assert {f"{rank:.2f}" for rank in result.mean_ranks} <= texts
    assert len(thick_lines(root)) == len(result.groups)


def test_positions_follow_the_ranks_and_the_ruler_has_the_length_of_the_difference(demsar):
    """Rank 1 at the right end of the axis, rank 4 at the left, and the critical difference in the same unit."""
    result = nemenyi(demsar)
    root = drawn(result)
    lines = [[float(line.get(key)) for key in ("x1", "y1", "x2", "y2")] for line in root.iter(f"{SVG}line")]
    ruler, axis = sorted((line for line in lines if line[1] == line[3]), key=lambda line: line[1])[:2]
    unit = (axis[2] - axis[0]) / 3
    assert (ruler[2] - ruler[0]) / unit == pytest.approx(result.critical_difference, abs=1e-3)
    starts = sorted(float(path.get("d").split()[1]) for path in root.iter(f"{SVG}path"))
    expected = sorted(axis[2] - (rank - 1) * unit for rank in result.mean_ranks)
    assert starts == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize("count", [6, 12, 20])
def test_bars_do_not_touch_each_other(count):
    bars = [
        (float(bar.get("x1")), float(bar.get("x2")), float(bar.get("y1")))
        for bar in thick_lines(drawn(result_of([f"m{i}" for i in range(count)])))
    ]
    for index, (left, right, y) in enumerate(bars):
        for other_left, other_right, other_y in bars[index + 1 :]:
            assert y != other_y or right + 2 < other_left or other_right + 2 < left


@pytest.mark.parametrize("count", [2, 12, 20])
def test_everything_lies_inside_the_picture(count):
    names = [f"an-organisation/a-rather-long-model-name-{i}-instruct-2024-07-18" for i in range(count)]
    root = drawn(result_of(names))
    width, height = float(root.get("width")), float(root.get("height"))
    for text in root.iter(f"{SVG}text"):
        size = float(text.get("font-size", "14"))
        words = "".join(text.itertext()) if text.find(f"{SVG}title") is None else text.find(f"{SVG}title").tail
        extent, x = text_width(words, size), float(text.get("x"))
        start = {"start": x, "middle": x - extent / 2, "end": x - extent}[text.get("text-anchor")]
        assert start >= 0
        assert start + extent <= width
        assert float(text.get("y")) <= height


def test_names_are_escaped_and_long_ones_keep_their_tooltip():
    long = "organisation/" + "x" * 80 + "-chat"
    root = drawn(result_of(['<script>&"quoted"', long, "\x00bell\x07"]))
    texts = list(root.iter(f"{SVG}text"))
    assert '<script>&"quoted"' in {text.text for text in texts}
    assert long in {title.text for title in root.iter(f"{SVG}title")}
    assert "\ufffdbell\ufffd" in {text.text for text in texts}
    assert "<script>" not in draw_critical_difference(result_of(["<script>", "b"]))


def test_the_drawing_takes_the_colour_of_the_page():
    """No colour but the current one, except for the reader's dark scheme when the drawing stands alone."""
    svg = draw_critical_difference(result_of(["a", "b", "c"]))
    colours = {element.get("stroke") for element in ET.fromstring(svg).iter()} - {None, "none"}
    assert colours == {"currentColor"}
    assert "prefers-color-scheme: dark" in svg


def test_two_drawings_in_one_page_have_different_ids():
    first, second = (drawn(result_of(names)).get("aria-labelledby") for names in (["a", "b"], ["c", "d"]))
    assert set(first.split()).isdisjoint(second.split())


def test_a_difference_longer_than_the_axis_says_so():
    svg = draw_critical_difference(result_of(["a", "b", "c"], n=2))
    assert "(longer than the axis)" in svg


def test_without_groups_there_are_no_bars():
    result = replace(result_of(["a", "b"], step=9), groups=())
    assert thick_lines(drawn(result)) == []
    assert "Every pair is found to differ." in describe_diagram(result)


@pytest.mark.parametrize(("name", "width"), [("short", 300), ("x" * 100, 100), ("模型" * 30, 120)])
def test_clipping_keeps_both_ends_and_fits(name, width):
    shown = clipped(name, width, 14)
    assert text_width(shown, 14) <= width
    assert shown == name or (shown[0] == name[0] and shown[-1] == name[-1] and "…" in shown)
