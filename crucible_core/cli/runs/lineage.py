"""``crucible runs lineage``."""

from __future__ import annotations

from pathlib import Path

import click

from crucible_core.cli.complete import run_names
from crucible_core.cli.json_errors import JsonErrorsCommand

_DEPTH = 24


@click.command("lineage", cls=JsonErrorsCommand, no_args_is_help=True)
@click.argument("run", shell_complete=run_names)
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--output-dir", type=click.Path(path_type=Path), help="Where runs lie.  [default: artifacts/crucible]")
@click.option(
    "--depth", type=click.IntRange(min=0), default=_DEPTH, show_default=True, help="Levels of the tree; 0: all."
)
@click.option("--mermaid", "shape", flag_value="mermaid", help="Print a Mermaid flowchart.")
@click.option("--json", "shape", flag_value="json", help="Print JSON, as in docs/schemas/runs_lineage.schema.json.")
def lineage_command(run: str, targets: tuple[str, ...], output_dir: Path | None, depth: int, shape: str | None) -> None:
    """Show what the results of RUN came of: which stage wrote them, what it read, and the data at the bottom.

    TARGET is a file of the run (its path or name), a context path such as metrics.eval, or the id of a stage; without
    any, everything that no stage of the run read again.
    """
    from crucible_core.cli.notes import print_notes
    from crucible_core.cli.runs.lineage_tree import mermaid, tree
    from crucible_core.cli.table import print_json
    from crucible_core.contract.json_values import as_record
    from crucible_core.runs import find_run
    from crucible_core.runs.lineage import lineage_of
    from crucible_core.runs.recorded import read_run

    lineage = lineage_of(read_run(find_run(run, output_dir)))
    tops = [node for name in targets for node in lineage.find(name)] or lineage.results
    if targets:
        lineage = lineage.below(tops)
    if shape == "json":
        print_json(as_record(lineage.to_dict()))
        return
    for line in mermaid(lineage) if shape == "mermaid" else tree(lineage, tops, depth or None):
        click.echo(line)
    print_notes(lineage.notes if tops else (*lineage.notes, "no stage of this run is done"))
