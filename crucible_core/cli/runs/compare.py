"""``crucible runs compare``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crucible_core.cli.complete import run_names
from crucible_core.cli.json_errors import JsonErrorsCommand

if TYPE_CHECKING:
    from crucible_core.contract.item_pairs import ItemPairs
    from crucible_core.runs.item_comparison import Findings, ItemComparison
    from crucible_core.runs.recorded import RecordedRun

_FEWEST = 2


@click.command("compare", cls=JsonErrorsCommand, no_args_is_help=True)
@click.argument("runs", nargs=-1, required=True, metavar="A B [C]...", shell_complete=run_names)
@click.option("--output-dir", type=click.Path(path_type=Path), help="Where runs lie.  [default: artifacts/crucible]")
@click.option("--field", "fields", multiple=True, metavar="NAME", help="Compare this field of items.  [default: score]")
@click.option("--all", "whole", is_flag=True, help="Shorten no list, and show metrics that are equal, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as in docs/schemas/runs_compare.schema.json.")
@click.pass_context
def compare_command(
    ctx: click.Context,
    runs: tuple[str, ...],
    output_dir: Path | None,
    fields: tuple[str, ...],
    *,
    whole: bool,
    as_json: bool,
) -> None:
    """Show what differs between runs: spec, options, data, environment, metrics, and the scores of items.

    A run is named by its directory, its id or the beginning of one, experiment/run, or 'latest'. Metrics and items are
    compared with those of the first; whether items differ by more than noise is said by plugins such as crucible-bench.
    """
    from crucible_core.cli.notes import print_notes
    from crucible_core.cli.runs.canvas import canvas
    from crucible_core.cli.runs.comparison_page import page
    from crucible_core.cli.table import print_json
    from crucible_core.runs import find_run
    from crucible_core.runs.comparing import compare_runs
    from crucible_core.runs.recorded import read_run

    if len(runs) < _FEWEST:
        raise click.UsageError("name two runs or more: crucible runs compare A B")
    comparison = compare_runs([read_run(find_run(name, output_dir)) for name in runs])
    comparison = replace(comparison, items=_items(ctx, comparison.runs, fields))
    if as_json:
        print_json(comparison.to_dict())
        return
    for line in page(comparison, canvas(), whole=whole):
        click.echo(line)
    print_notes((*comparison.notes, *comparison.items.notes))


def _items(ctx: click.Context, runs: Sequence[RecordedRun], fields: Sequence[str]) -> ItemComparison:
    """Compare what was measured per item; plugins are looked for where there is something to ask them."""
    from crucible_core.cli.session import registry_for
    from crucible_core.plugins.catalogue import install_hint
    from crucible_core.runs.item_comparison import compare_items

    notes: list[str] = []
    registry = cache(lambda: registry_for(ctx))

    def ask(pairs: Sequence[ItemPairs]) -> Findings:
        found = registry().item_findings(pairs)
        notes.extend(registry().hook_notes)
        if not found:
            notes.append(f"crucible-bench says it: {install_hint('bench')}")
        return found

    compared = compare_items(runs, ask, codecs=lambda: registry().codecs(), fields=fields)
    return replace(compared, notes=(*compared.notes, *notes))
