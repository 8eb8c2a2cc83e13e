"""The words that every format uses for the same thing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crucible_core.stages.report.cells import grid_cells
from crucible_core.stages.report.grids import METRIC_COLUMNS
from crucible_core.stages.report.quantities import (
    common_decimals,
    count,
    format_duration,
    format_number,
    is_scientific,
)

if TYPE_CHECKING:
    from crucible_core.contract.verdict import Verdict
    from crucible_core.stages.report.model import Grid, StageSection, Target

_NAMED = 6  # metrics that still read well in one line
STATUS_WORDS = {
    "pending": "Not yet run",
    "running": "Making this report",  # stages run one after the other, and this is the one that runs now
    "succeeded": "Succeeded",
    "failed": "Failed",
    "skipped": "Skipped",
    "cached": "From the cache",
    "cancelled": "Cancelled",
}


def target_word(target: Target) -> str:
    """Say in a word or two how a metric kept to its target."""
    if target.reached is None:
        return "Undefined" if target.there else "Not measured"
    return "Reached" if target.reached else "Missed"


def verdict_word(verdict: Verdict) -> str:
    """Return the verdict in one word."""
    return "Passed" if verdict.passed else "Failed"


def stage_words(stage: StageSection) -> str:
    """Say in a line what a stage did and left."""
    sentences = [stage.description.strip()]
    if stage.changed:
        sentences.append(f"Given {_pairs(stage.changed)}.")
    if stage.metrics:
        sentences.append(f"{_metric_words(stage)}.")
    return " ".join(sentence for sentence in sentences if sentence)


def stage_state(stage: StageSection) -> str:
    """Say how a stage went and how long it took."""
    status = STATUS_WORDS.get(stage.status, stage.status)
    time = "" if stage.duration is None else f" in {format_duration(stage.duration)}"
    time += f" at attempt {stage.attempts}" if stage.attempts > 1 else ""
    reason = f": {stage.reason}" if stage.reason else ""
    return f"{status}{time}{reason}" if status else ""


def _metric_words(stage: StageSection) -> str:
    first = stage.metrics[0]
    if first.columns != METRIC_COLUMNS:
        return f"It left {count(stage.metric_count, 'row')} of metrics"
    shown = replace(first, rows=first.rows[:_NAMED])
    more = stage.metric_count - len(shown.rows)
    return f"Metrics: {_pairs(shown)}{f' and {more:,} more' if more else ''}"


def _pairs(grid: Grid) -> str:
    return ", ".join(f"{name.text} = {value.text}" for name, value in grid_cells(grid))


def interval_words(interval: tuple[float, float] | None) -> str:
    """Say how sure an estimate is, as far as its interval tells."""
    if interval is None:
        return "no interval was given."
    decimals = None if any(map(is_scientific, interval)) else common_decimals(interval)
    low, high = (format_number(float(bound), decimals) for bound in interval)
    return f"the interval of the estimate runs from {low} to {high}."
