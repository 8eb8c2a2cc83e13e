"""The critical-difference diagram of Demsar 2006, figure 1, as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crucible_bench.figures.svg import FONT, SMALL, document, line, name_text, text
from crucible_bench.figures.text_width import clipped, text_width

if TYPE_CHECKING:
    from crucible_bench.many_datasets.nemenyi import NemenyiResult

_ROW = 24.0
_BAR_STEP = 10.0
_AXIS_Y = 84.0
_AXIS_PER_RANK = 120.0
_AXIS_MOST, _AXIS_LEAST = 620.0, 440.0
_LABEL_MOST = 300.0
_STUB = 40.0
_GAP = 6.0
_MARGIN = 12.0
_CROWDED = 12
_VERY_CROWDED = 25


@dataclass(frozen=True)
class _Layout:
    """Where things are, in pixels: rank k is at the left end of the axis, rank 1 at the right."""

    ranks: int
    left: float
    right: float
    first_row: float
    width: float
    height: float

    def x(self, rank: float) -> float:
        return self.right - (rank - 1) / (self.ranks - 1) * (self.right - self.left)


def draw_critical_difference(result: NemenyiResult, *, title: str = "Critical difference of mean ranks") -> str:
    """Draw mean ranks on an axis (best on the right), the critical difference above, and bars below.

    A bar joins models not found to differ. The drawing has one colour, the current text colour, and no background: set
    into a page it follows the page; on its own it is black, or light where the reader prefers a dark scheme. Title and
    description are part of the SVG; the description is that of `describe_diagram`.

    Args:
        result: What `nemenyi` returned.
        title: Accessible title; escaped.

    Returns:
        A standalone SVG document (no XML declaration, so that it can be set into HTML as it is).
    """
    order = sorted(zip(result.models, result.mean_ranks, strict=True), key=lambda each: each[1])
    best, rest = order[: len(order) // 2], order[len(order) // 2 :][::-1]
    layout = _lay_out(result, best, rest)
    description = describe_diagram(result)
    caption = f"Mean ranks, 1 is best. Bars join models not found to differ at alpha {result.alpha:g}."
    body = [
        *_axis(layout),
        *_difference(layout, result),
        *_labels(layout, best, rest),
        *_bars(layout, result),
        text(layout.width / 2, layout.height - 12.0, caption, "middle", SMALL),
    ]
    return document(body, layout.width, layout.height, title=title, description=description, prefix="cd")


def describe_diagram(result: NemenyiResult) -> str:
    """Say in words what the diagram shows, as alternative text."""
    order = sorted(zip(result.models, result.mean_ranks, strict=True), key=lambda each: each[1])
    ranks = ", ".join(f"{name} {rank:.3f}" for name, rank in order)
    joined = "; ".join(", ".join(group) for group in result.groups)
    bars = f"Not found to differ: {joined}." if joined else "Every pair is found to differ."
    return (
        f"Mean ranks of {len(order)} models over {result.n_datasets} {result.items}, best first: {ranks}. "
        f"Critical difference at alpha {result.alpha:g}: {result.critical_difference:.3f}. {bars}"
    )


def _lay_out(result: NemenyiResult, best: list[tuple[str, float]], rest: list[tuple[str, float]]) -> _Layout:
    ranks = len(result.models)
    axis = min(_AXIS_MOST, max(_AXIS_LEAST, _AXIS_PER_RANK * (ranks - 1)))
    left_labels, right_labels = (max((_label_width(name) for name, _ in side), default=0.0) for side in (rest, best))
    left = _MARGIN + left_labels + _GAP + _STUB
    levels = len({level for level, _ in _bar_levels(result)})
    first_row = _AXIS_Y + 22.0 + _BAR_STEP * levels + (8.0 if levels else 0.0)
    height = first_row + _ROW * (max(len(best), len(rest)) - 1) + 46.0
    width = left + axis + _STUB + _GAP + right_labels + _MARGIN
    return _Layout(ranks, round(left, 1), round(left + axis, 1), first_row, round(width), round(height))


def _label_width(name: str) -> float:
    return text_width(clipped(name, _LABEL_MOST, FONT), FONT)


def _axis(layout: _Layout) -> list[str]:
    step = 1 if layout.ranks <= _VERY_CROWDED else 5
    parts = [line(layout.left, _AXIS_Y, layout.right, _AXIS_Y, 1.5)]
    for half in range(2, 2 * layout.ranks + 1):
        rank, whole = half / 2, half % 2 == 0
        if not whole and layout.ranks > _CROWDED:
            continue
        x = layout.x(rank)
        parts.append(line(x, _AXIS_Y - (9.0 if whole else 5.0), x, _AXIS_Y, 1.5 if whole else 1.0))
        if whole and (rank - 1) % step == 0:
            parts.append(text(x, _AXIS_Y - 15.0, f"{rank:.0f}", "middle", SMALL if layout.ranks > _CROWDED else FONT))
    return parts


def _difference(layout: _Layout, result: NemenyiResult) -> list[str]:
    """Draw the critical difference as a ruler that starts above the left end of the axis."""
    y, start = 34.0, layout.left
    length = min(result.critical_difference / (layout.ranks - 1), 1.0) * (layout.right - layout.left)
    beyond = " (longer than the axis)" if result.critical_difference > layout.ranks - 1 else ""
    words = f"CD = {result.critical_difference:.2f}{beyond}"
    middle = start + max(length / 2, text_width(words, FONT) / 2)
    ends = (start,) if beyond else (start, start + length)
    return [
        line(start, y, start + length, y, 1.5),
        *(line(end, y - 5.0, end, y + 5.0, 1.5) for end in ends),
        text(middle, y - 11.0, words, "middle", FONT),
    ]


def _labels(layout: _Layout, best: list[tuple[str, float]], rest: list[tuple[str, float]]) -> list[str]:
    parts = []
    for models, edge, outwards, anchor in ((rest, layout.left, -1.0, "end"), (best, layout.right, 1.0, "start")):
        for row, (name, rank) in enumerate(models):
            x, y, end = layout.x(rank), layout.first_row + _ROW * row, edge + outwards * _STUB
            elbow = f"M {x:.1f} {_AXIS_Y:g} V {y:g} H {end:.1f}"
            parts.append(f'<path d="{elbow}" fill="none" stroke="currentColor" stroke-width="1"/>')
            parts.append(name_text(end + outwards * _GAP, y + 4.5, name, anchor, _LABEL_MOST))
            parts.append(text(end, y - 3.5, f"{rank:.2f}", "start" if anchor == "end" else "end", SMALL))
    return parts


def _bars(layout: _Layout, result: NemenyiResult) -> list[str]:
    ranked = dict(zip(result.models, result.mean_ranks, strict=True))
    parts = []
    for level, group in _bar_levels(result):
        y = _AXIS_Y + 16.0 + _BAR_STEP * level
        ends = layout.x(ranked[group[-1]]) - 4.0, layout.x(ranked[group[0]]) + 4.0
        parts.append(line(*(ends[0], y, ends[1], y), 4.5))
    return parts


def _bar_levels(result: NemenyiResult) -> list[tuple[int, tuple[str, ...]]]:
    """Give each bar the highest level on which it touches no other."""
    ranked = dict(zip(result.models, result.mean_ranks, strict=True))
    clearance = 0.03 * (len(ranked) - 1)
    ends: list[float] = []
    placed = []
    for group in result.groups:
        first, last = ranked[group[0]], ranked[group[-1]]
        level = next((index for index, end in enumerate(ends) if first > end + clearance), len(ends))
        ends[level:] = [last, *ends[level + 1 :]]
        placed.append((level, group))
    return placed
