"""The stages of a run as bars over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from crucible_core.cli.runs.canvas import Canvas, cells, clipped, padded
from crucible_core.cli.runs.quantities import moment, seconds

if TYPE_CHECKING:
    from crucible_core.runs.timeline import Attempt, Timeline

__all__ = ["Row", "draw", "rows_of"]

_MOST_ROWS = 50
_WIDEST_BAR, _NARROWEST_BAR = 60, 10
_DURATION = 10
_COLOURS = {"succeeded": "green", "failed": "red", "cancelled": "yellow", "interrupted": "yellow", "running": "cyan"}
_PLAIN = {"succeeded": "#", "failed": "x", "cancelled": "x", "interrupted": "x", "running": ">"}


@dataclass(frozen=True)
class Row:
    """One line of the drawing; ``began_s`` is None for a stage without a bar."""

    stage: str
    outcome: str
    session: int
    began_s: float | None = None
    duration_s: float = 0.0
    note: str = ""

    @property
    def telling(self) -> bool:
        """Whether it says more than that a stage went well."""
        return bool(self.note)


def rows_of(timeline: Timeline, stages: Sequence[str]) -> list[Row]:
    """Return a row for each attempt, each skipped stage, and each stage that was not reached."""
    times: dict[str, int] = {}
    for attempt in timeline.attempts:
        times[attempt.stage] = times.get(attempt.stage, 0) + 1
    rows = []
    for attempt in timeline.attempts:
        note = _note(attempt, several=times[attempt.stage] > 1)
        began = None if attempt.outcome == "skipped" else attempt.began_s
        rows.append(Row(attempt.stage, attempt.outcome, attempt.session, began, attempt.duration_s, note))
    last = len(timeline.sessions)
    return rows + [Row(stage, "pending", last, note="not reached") for stage in stages if stage not in times]


def _note(attempt: Attempt, *, several: bool) -> str:
    """Return what there is to say of an attempt: which it is, how it ended unless that is as expected, and why."""
    reason = "" if attempt.outcome == "interrupted" else attempt.reason or ""
    said_by_reason = reason.startswith(attempt.outcome) or attempt.outcome in ("succeeded", "failed")
    parts = [f"attempt {attempt.attempt}"] if attempt.attempt and several else []
    parts += [] if said_by_reason else [attempt.outcome]
    return ": ".join(filter(None, (", ".join(parts), reason)))


def draw(timeline: Timeline, rows: Sequence[Row], surface: Canvas, *, whole: bool) -> Iterator[str]:
    """Yield the lines of the drawing.

    Args:
        timeline: The times.
        rows: What to draw, in order.
        surface: What to draw on.
        whole: Draw every row; else, of a long run, those that say something and those that took longest.
    """
    shown = set(range(len(rows))) if whole or len(rows) <= _MOST_ROWS else _chosen(rows)
    layout = _Layout([rows[index] for index in sorted(shown)], timeline.duration_s, surface)
    left_out: list[Row] = []
    session = 1
    for index, row in enumerate(rows):
        if index not in shown:
            left_out.append(row)
            continue
        yield from _gap(left_out, surface)
        left_out = []
        if row.session != session and row.began_s is not None:
            session = row.session
            yield f"  resumed {moment(timeline.sessions[session - 1].started_at)}"
        yield layout.line(row)
    yield from _gap(left_out, surface)


def _chosen(rows: Sequence[Row]) -> set[int]:
    """Return which rows of a long run to draw: what says something comes first, then what took longest."""
    order = sorted(range(len(rows)), key=lambda at: (rows[at].outcome == "pending", not rows[at].telling, at))
    telling = [at for at in order if rows[at].telling and rows[at].outcome != "pending"][: _MOST_ROWS // 2]
    longest = sorted(range(len(rows)), key=lambda at: (-rows[at].duration_s, at))
    chosen = dict.fromkeys([*telling, *(at for at in longest if rows[at].began_s is not None)])
    return set(list(chosen)[:_MOST_ROWS])


def _gap(rows: Sequence[Row], surface: Canvas) -> Iterator[str]:
    if not rows:
        return
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.outcome] = counts.get(row.outcome, 0) + 1
    words = ", ".join(f"{count:,} {_STATES.get(outcome, outcome)}" for outcome, count in counts.items())
    took = sum(row.duration_s for row in rows)
    yield f"  {surface.ellipsis} {words}{f', {seconds(took)} together' if took else ''}; --all shows them"


_STATES = {"pending": "not reached"}


class _Layout:
    """Where the columns of the drawing are."""

    def __init__(self, rows: Sequence[Row], total: float, surface: Canvas) -> None:
        self._total = total or 1.0
        self._surface = surface
        notes = max((len(row.note) for row in rows), default=0)
        labels = max((cells(clipped(row.stage, surface.width, surface)) for row in rows), default=0)
        self._label = min(labels, surface.width // 4)
        free = surface.width - 2 - self._label - 1 - _DURATION - 2
        self._bar = max(_NARROWEST_BAR, min(_WIDEST_BAR, free - min(notes, surface.width // 3) - 1))
        self._note = max(0, free - self._bar - 1)

    def line(self, row: Row) -> str:
        """Return one row."""
        label = padded(clipped(row.stage, self._label, self._surface), self._label)
        took = "" if row.began_s is None else seconds(row.duration_s)
        note = clipped(row.note, self._note, self._surface)
        if row.outcome == "failed":
            note = click.style(note, fg="red")
        return f"  {label} {self._drawn(row)} {took:>{_DURATION}}  {note}".rstrip()

    def _drawn(self, row: Row) -> str:
        if row.began_s is None:
            return " " * self._bar
        start = min(self._bar - 1, int(row.began_s / self._total * self._bar))
        length = max(1, min(self._bar - start, round(row.duration_s / self._total * self._bar)))
        mark = "█" if self._surface.drawn else _PLAIN.get(row.outcome, "#")
        bar = click.style(mark * length, fg=_COLOURS.get(row.outcome))
        return f"{' ' * start}{bar}{' ' * (self._bar - start - length)}"
