"""``crucible runs import``."""

from __future__ import annotations

from pathlib import Path

import click

from crucible_core.cli.json_errors import JsonErrorsCommand


@click.command("import", cls=JsonErrorsCommand, no_args_is_help=True)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--output-dir", type=click.Path(path_type=Path, file_okay=False), help="Where to.  [default: artifacts/crucible]"
)
@click.option(
    "--max-bytes",
    type=click.IntRange(min=0),
    help="How much may be unpacked.  [default: 100 times the size of FILE, and at least a GiB]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as in docs/schemas/runs_import.schema.json.")
def import_command(file: Path, output_dir: Path | None, max_bytes: int | None, *, as_json: bool) -> None:
    """Take in the run that crucible runs export wrote into FILE, whole or not at all.

    Checksums are compared before the run is there to be seen. A run that is there already is not touched.
    """
    from crucible_core.cli.runs.quantities import size
    from crucible_core.cli.table import print_json
    from crucible_core.runs.archive import import_run
    from crucible_core.runs.directory import DEFAULT_OUTPUT_DIR

    done = import_run(file, output_dir or DEFAULT_OUTPUT_DIR, most_bytes=max_bytes)
    if as_json:
        print_json(done.to_dict())
    else:
        click.echo(f"{done.run}: {done.files} files, {size(done.bytes)}, in {done.directory.path}")
