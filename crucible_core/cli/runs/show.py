"""``crucible runs show``."""

from __future__ import annotations

from pathlib import Path

import click

from crucible_core.cli.complete import run_names
from crucible_core.cli.json_errors import JsonErrorsCommand


@click.command("show", cls=JsonErrorsCommand, no_args_is_help=True)
@click.argument("run", shell_complete=run_names)
@click.option("--output-dir", type=click.Path(path_type=Path), help="Where runs lie.  [default: artifacts/crucible]")
@click.option("--all", "whole", is_flag=True, help="Shorten no list.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as in docs/schemas/runs_show.schema.json.")
@click.pass_context
def show_command(ctx: click.Context, run: str, output_dir: Path | None, *, whole: bool, as_json: bool) -> None:
    """Show what became of RUN: its stages in time, metrics, verdicts, failure and files.

    RUN is a run directory, a run id or the beginning of one, experiment/run, or 'latest'.
    """
    from crucible_core.cli.notes import print_notes
    from crucible_core.cli.runs.canvas import canvas
    from crucible_core.cli.runs.run_page import page
    from crucible_core.cli.table import print_json
    from crucible_core.runs import find_run
    from crucible_core.runs.overview import overview

    about = overview(find_run(run, output_dir))
    if as_json:
        print_json(about.to_dict())
        return
    for line in page(about, canvas(), whole=whole, traceback=bool(ctx.find_root().params.get("debug"))):
        click.echo(line)
    print_notes(about.notes)
