"""Many runs as a table."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from crucible_core.cli.runs.quantities import number, seconds
from crucible_core.cli.table import aligned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crucible_core.runs.index.listing import RunList, RunSummary

_COLOURS = {"succeeded": "green", "running": "blue", "cancelled": "yellow"}
_LONGEST_REASON = 80  # characters


def print_runs(found: RunList, metrics: Sequence[str]) -> None:
    """Print runs, one a line, with a column for each of these metrics.

    Drawing it with a library would take longer than finding the runs among ten thousand.
    """
    runs = found.runs
    hosts, reasons = any(run.host for run in runs), any(run.reason for run in runs)
    heads = ["run", "status", "created (UTC)", "duration", "stages", *metrics, "tags"]
    heads += ["host"] * hosts + ["reason"] * reasons
    rows = [heads]
    for run in runs:
        row = [run.place, run.status, _moment(run.created_at), _duration(run), f"{run.stages_done}/{run.stages}"]
        row += [_metric(run, path) for path in metrics] + [" ".join(run.tags)]
        rows.append(row + [run.host or ""] * hosts + [_reason(run)] * reasons)
    lines = aligned([[" ".join(cell.splitlines()) for cell in row] for row in rows])
    if sys.stdout.isatty():
        lines = [click.style(lines[0], bold=True), *map(_coloured, lines[1:], runs)]
    click.echo("\n".join(lines))
    if len(runs) < found.matching:
        click.echo(f"{len(runs)} of {found.matching} runs; --limit 0 lists all", err=True)


def _moment(time: str | None) -> str:
    return time[:19].replace("T", " ") if time else ""


def _duration(run: RunSummary) -> str:
    return "" if run.duration_s is None else seconds(run.duration_s)


def _metric(run: RunSummary, path: str) -> str:
    if path not in run.metrics:
        return ""
    value = run.metrics[path]
    return "NaN" if value is None else number(value)


def _reason(run: RunSummary) -> str:
    reason = run.reason or ""
    return reason if len(reason) <= _LONGEST_REASON else f"{reason[: _LONGEST_REASON - 3]}..."


def _coloured(line: str, run: RunSummary) -> str:
    """Colour the status, which stands after the run's place."""
    at = line.index(run.status, len(run.place))
    coloured = click.style(run.status, fg=_COLOURS.get(run.status, "red"))
    return f"{line[:at]}{coloured}{line[at + len(run.status) :]}"
