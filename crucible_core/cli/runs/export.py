"""``crucible runs export``."""

from __future__ import annotations

from pathlib import Path

import click

from crucible_core.cli.complete import run_names
from crucible_core.cli.json_errors import JsonErrorsCommand


@click.command("export", cls=JsonErrorsCommand, no_args_is_help=True)
@click.argument("run", shell_complete=run_names)
@click.option("--output-dir", type=click.Path(path_type=Path), help="Where runs lie.  [default: artifacts/crucible]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write.  [default: EXPERIMENT-RUN.zip]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as in docs/schemas/runs_export.schema.json.")
def export_command(run: str, output_dir: Path | None, output: Path | None, *, as_json: bool) -> None:
    """Write RUN into one zip archive, with the checksums of its files; crucible runs import takes it in elsewhere.

    The same run gives the same bytes. A run that goes on is refused.
    """
    from crucible_core.cli.notes import print_notes
    from crucible_core.cli.runs.quantities import size
    from crucible_core.cli.table import print_json
    from crucible_core.runs import find_run
    from crucible_core.runs.archive import export_run

    done = export_run(find_run(run, output_dir), output)
    if as_json:
        print_json(done.to_dict())
        return
    content = f"{done.files} files, {size(done.content_bytes)}"
    click.echo(f"{done.run}: {content}, in {done.file} ({size(done.bytes)}, sha256 {done.sha256})")
    print_notes(f"left out {path}: {reason}" for path, reason in done.left_out)
