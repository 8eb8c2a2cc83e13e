"""What ``crucible runs compare`` tells: a table for each kind of difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

import click

from crucible_core.cli.runs.canvas import Canvas, cells, clipped, clipped_inside, padded
from crucible_core.cli.runs.item_lines import item_lines
from crucible_core.cli.runs.quantities import moment, number, seconds
from crucible_core.cli.runs.run_page import is_plain, styled_status
from crucible_core.runs.comparing import ABSENT, Comparison, Difference, Metric, same
from crucible_core.runs.leaves import path_words
from crucible_core.trace.one_line import in_one_line

if TYPE_CHECKING:
    from crucible_core.runs.recorded import RecordedRun

__all__ = ["letters", "page"]

_MOST_ROWS = 40
_NARROWEST = 9
_WIDEST = 32
_TITLES = {"spec": "Spec", "options": "Options", "data": "Data", "environment": "Environment"}
_COMMON_KEPT = 3
_MANIFOLD = 10
"""From this share on a percentage says nothing any more."""


def page(comparison: Comparison, surface: Canvas, *, whole: bool) -> Iterator[str]:
    """Yield the lines of the page.

    Args:
        comparison: What was found.
        surface: What to print on.
        whole: Shorten no list, and show what is equal, too.
    """
    names = letters(len(comparison.runs))
    for name, run in zip(names, comparison.runs, strict=True):
        yield _heading(name, run)
    for section, found in comparison.sections.items():
        yield from _section(_TITLES[section], names, list(map(_Cells.of, found)), surface, whole=whole)
    if not any(comparison.sections.values()):
        yield from ("", "Spec, options, data and environment are the same.")
    columns = [*names, *(f"{name} - {names[0]}" for name in names[1:])]
    shown = comparison.metrics if whole else _of_interest(comparison.metrics)
    yield from _section("Metrics", columns, list(map(_Cells.of_metric, shown)), surface, whole=whole)
    if not whole and comparison.metrics:
        yield from ([] if shown else ["", click.style("Metrics", bold=True)])
        yield from _not_shown(comparison.metrics, shown)
    yield from item_lines(comparison.items.compared, surface)


def _of_interest(metrics: Sequence[Metric]) -> list[Metric]:
    """Return the metrics that differ among the runs that have them; of those, what a person asks for first."""
    different = [each for each in metrics if not _alike(each)]
    plain = [each for each in different if any(is_plain(each.path, value) for value in each.values)]
    return plain or different


def _not_shown(metrics: Sequence[Metric], shown: Sequence[Metric]) -> Iterator[str]:
    equal, alike = sum(each.equal for each in metrics), sum(map(_alike, metrics))
    counts = {
        "equal": equal,
        "not in all runs": alike - equal,
        "more that differ": len(metrics) - alike - len(shown),
    }
    words = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
    if words:
        yield f"  {words}; --all shows them"


def _alike(metric: Metric) -> bool:
    """Tell whether a metric has one value in the runs that have it."""
    there = [value for value in metric.values if value is not ABSENT]
    return all(same(there[0], value) for value in there[1:])


def letters(count: int) -> list[str]:
    """Return a short name for each run: A, B, ... Z, AA, AB, ...

    Example:
        >>> letters(28)[24:]
        ['Y', 'Z', 'AA', 'AB']
    """
    size = len(ascii_uppercase)
    return [
        (ascii_uppercase[index // size - 1] if index >= size else "") + ascii_uppercase[index % size]
        for index in range(count)
    ]


def _heading(name: str, run: RecordedRun) -> str:
    manifest = run.manifest
    took = "" if manifest["duration_s"] is None else f", {seconds(manifest['duration_s'])}"
    return f"{name}  {in_one_line(run.label)}  {styled_status(run.status)}  {moment(manifest['started_at'])}{took}"


class _Cells:
    """One row as texts: what it is about, and what each column holds."""

    def __init__(self, title: str, texts: Sequence[str]) -> None:
        self.title = title
        self.texts = list(texts)

    @classmethod
    def of(cls, difference: Difference) -> _Cells:
        """Return the row of something that differs."""
        return cls(path_words(difference.path), [_text(value) for value in difference.values])

    @classmethod
    def of_metric(cls, metric: Metric) -> _Cells:
        """Return the row of a metric, with its differences to the first run."""
        changes = [_change(*each) for each in zip(metric.absolute[1:], metric.relative[1:], strict=True)]
        return cls(path_words(metric.path), [*map(_text, metric.values), *changes])


def _text(value: Any) -> str:
    return "-" if value is ABSENT else in_one_line(number(value))


def _change(absolute: float | None, relative: float | None) -> str:
    if absolute is None:
        return ""
    share = "" if relative is None or abs(relative) >= _MANIFOLD else f" ({relative:+.1%})"
    return f"{absolute:+.4g}{share}" if absolute else "0"


def _section(title: str, columns: Sequence[str], rows: list[_Cells], surface: Canvas, *, whole: bool) -> Iterator[str]:
    if not rows:
        return
    shown = rows if whole else rows[:_MOST_ROWS]
    yield from ("", click.style(title, bold=True))
    widths = _widths(columns, shown, surface)
    yield from _blocks(columns, shown, surface) if widths is None else _table(columns, shown, widths, surface)
    if len(shown) < len(rows):
        yield f"  {surface.ellipsis} {len(rows) - len(shown):,} more; --all shows them"


def _widths(columns: Sequence[str], rows: Sequence[_Cells], surface: Canvas) -> list[int] | None:
    """Return the widths of a table's columns, that of the names first; None where they would be too narrow to read."""
    wanted = [
        max(len(column), min(_WIDEST, max(cells(row.texts[at]) for row in rows))) for at, column in enumerate(columns)
    ]
    titles = max(cells(in_one_line(row.title)) for row in rows)
    room = surface.width - 2 - 2 * len(columns)
    if titles + sum(wanted) <= room:
        return [titles, *wanted]
    names = min(titles, max(room - sum(wanted), surface.width // 3))
    share = _share(wanted, room - names)
    return [names, *(min(width, share) for width in wanted)] if share >= min(_NARROWEST, max(wanted)) else None


def _share(wanted: Sequence[int], room: int) -> int:
    """Return the widest that a column may be so that all fit; those that need less leave more to the others.

    Example:
        >>> _share([2, 30, 30], 42)
        20
    """
    for rank, width in enumerate(sorted(wanted)):
        share = room // (len(wanted) - rank)
        if width > share:
            return share
        room -= width
    return max(wanted)


def _table(columns: Sequence[str], rows: Sequence[_Cells], widths: Sequence[int], surface: Canvas) -> Iterator[str]:
    """Yield a line for each row; what is too long is cut where it still tells the values apart."""
    yield "  " + _joined(["", *columns], widths)
    for row in rows:
        texts = [_telling(row.texts, at, width, surface) for at, width in enumerate(widths[1:])]
        yield "  " + _joined([clipped_inside(row.title, widths[0], surface), *texts], widths)


def _joined(texts: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(padded(text, width) for text, width in zip(texts, widths, strict=True)).rstrip()


def _telling(texts: Sequence[str], at: int, width: int, surface: Canvas) -> str:
    """Return a text cut to a width; where others begin alike for longer than that, from where they differ."""
    text = texts[at]
    if cells(text) <= width:
        return text
    common = min((_common(text, other) for other in texts if other != text), default=0)
    if common > width - len(surface.ellipsis) - 1:
        text = surface.ellipsis + text[max(0, common - _COMMON_KEPT) :]
    return clipped(text, width, surface)


def _common(first: str, second: str) -> int:
    return next((at for at, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), 0)


def _blocks(columns: Sequence[str], rows: Sequence[_Cells], surface: Canvas) -> Iterator[str]:
    """Yield a line for each value, where the columns of a table would be too narrow to read."""
    width = max(map(len, columns))
    for row in rows:
        yield f"  {clipped(row.title, surface.width - 2, surface)}"
        for column, text in zip(columns, row.texts, strict=True):
            if text not in ("", "-"):
                yield f"    {column:<{width}}  {clipped(text, surface.width - width - 6, surface)}"
