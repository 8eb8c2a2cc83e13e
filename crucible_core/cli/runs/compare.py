"""``crucible runs compare``."""

from __future__ import annotations

from pathlib import Path

import click

from crucible_core.cli.complete import run_names
from crucible_core.cli.json_errors import JsonErrorsCommand

_FEWEST = 2


@click.command("compare", cls=JsonErrorsCommand, no_args_is_help=True)
@click.argument("runs", nargs=-1, required=True, metavar="A B [C]...", shell_complete=run_names)
@click.option("--output-dir", type=click.Path(path_type=Path), help="Where runs lie.  [default: artifacts/crucible]")
@click.option("--all", "whole", is_flag=True, help="Shorten no list, and show metrics that are equal, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as in docs/schemas/runs_compare.schema.json.")
def compare_command(runs: tuple[str, ...], output_dir: Path | None, *, whole: bool, as_json: bool) -> None:
    """Show what differs between runs: spec, options, data, environment and metrics.

    A run is named by its directory, its id or the beginning of one, experiment/run, or 'latest'. Metrics are compared
    with those of the first.
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
    if as_json:
        print_json(comparison.to_dict())
        return
    for line in page(comparison, canvas(), whole=whole):
        click.echo(line)
    print_notes(comparison.notes)
