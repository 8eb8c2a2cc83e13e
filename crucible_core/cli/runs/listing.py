"""``crucible runs list``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crucible_core.cli.json_errors import JsonErrorsCommand
from crucible_core.garbage import collection_paused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crucible_core.runs.index.listing import RunList
    from crucible_core.runs.index.query import RunQuery

_SHOWN = 50
_STATUSES = ("running", "succeeded", "failed", "cancelled", "interrupted", "damaged")


@click.command("list", cls=JsonErrorsCommand)
@click.option("--output-dir", type=click.Path(path_type=Path), help="Where runs lie.  [default: artifacts/crucible]")
@click.option("--index", "url", metavar="URL", help="List the runs of a shared index, postgresql://...")
@click.option("--shared", is_flag=True, help="List the runs of the shared index that the settings name.")
@click.option("-e", "--experiment", "experiments", multiple=True, metavar="ID", help="Only runs of this experiment.")
@click.option(
    "-s", "--status", "statuses", multiple=True, type=click.Choice(_STATUSES), help="Only runs of this status."
)
@click.option("-t", "--tag", "tags", multiple=True, metavar="TAG", help="Only runs with this tag.")
@click.option(
    "-m",
    "--metric",
    "metrics",
    multiple=True,
    metavar="CONDITION",
    help="Only runs with this metric: eval.accuracy, or 'eval.accuracy>0.9'.",
)
@click.option(
    "--since", metavar="TIME", help="Only runs created since then: 2026-11-24, a time in UTC, or 12h, 7d, 2w."
)
@click.option("--until", metavar="TIME", help="Only runs created before then; a date includes that day.")
@click.option("--show", "shown", multiple=True, metavar="METRIC", help="A column for this metric.")
@click.option(
    "--sort",
    default="created",
    show_default=True,
    metavar="KEY",
    help="created, duration, experiment, status or a metric; the largest first.",
)
@click.option("--reverse", is_flag=True, help="The smallest first.")
@click.option("--limit", type=click.IntRange(min=0), default=_SHOWN, show_default=True, help="So many runs; 0 for all.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as in docs/schemas/runs_list.schema.json.")
def list_command(
    output_dir: Path | None,
    url: str | None,
    shown: tuple[str, ...],
    sort: str,
    limit: int,
    *,
    shared: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """List runs, newest first.

    An option that is given twice means any of the experiments or statuses, but all of the tags and metrics.
    """
    notes: list[str] = []
    with collection_paused():
        from crucible_core.cli.notes import print_notes
        from crucible_core.cli.runs.index_place import index_place, reading_progress
        from crucible_core.runs.index.asking import ask
        from crucible_core.runs.index.query import run_query

        query = run_query(**asked, order=sort, limit=limit or None)
        with reading_progress() as progress:
            found = ask(index_place(output_dir, url, shared=shared), query, notes.append, progress)
    if as_json:
        _print_json(found, notes)
        return
    print_notes(notes)
    if found.runs:
        from crucible_core.cli.runs.runs_table import print_runs

        print_runs(found, _columns(query, shown))
    else:
        click.echo(_nothing(found), err=True)


def _columns(query: RunQuery, shown: Iterable[str]) -> list[str]:
    """Return the metrics that have a column: those asked for, and those that decide what is shown or in which order."""
    from crucible_core.runs.index.query import ORDERS, metric_path

    asked = [*map(metric_path, shown), *(condition.path for condition in query.metrics)]
    return list(dict.fromkeys([*asked, *([] if query.order in ORDERS else [query.order])]))


def _print_json(found: RunList, notes: list[str]) -> None:
    from crucible_core.cli.table import print_json

    document = {"schema_version": "1.0", "runs": [run.to_dict() for run in found.runs]}
    print_json({**document, "matching": found.matching, "total": found.total, "notes": notes})


def _nothing(found: RunList) -> str:
    if not found.total:
        return "there are no runs yet; `crucible run SPEC` makes one"
    return f"none of {found.total} runs matches"
