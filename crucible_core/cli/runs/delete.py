"""``crucible runs delete``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crucible_core.cli.complete import run_names
from crucible_core.cli.json_errors import JsonErrorsCommand
from crucible_core.trace.one_line import in_one_line

if TYPE_CHECKING:
    from crucible_core.runs.directory import RunDirectory


@click.command("delete", cls=JsonErrorsCommand, no_args_is_help=True)
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", shell_complete=run_names)
@click.option("--output-dir", type=click.Path(path_type=Path), help="Where runs lie.  [default: artifacts/crucible]")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as in docs/schemas/runs_delete.schema.json.")
def delete_command(runs: tuple[str, ...], output_dir: Path | None, *, yes: bool, as_json: bool) -> None:
    """Delete each RUN with all of its files.

    It asks first. A run that goes on is refused. All of them are found and looked at before the first is deleted.
    """
    from crucible_core.cli.runs.confirmation import confirm
    from crucible_core.cli.runs.quantities import size
    from crucible_core.cli.table import print_json
    from crucible_core.runs import find_run
    from crucible_core.runs.deletion import check_deletable, delete_run, size_of

    found = list({each.path.resolve(): each for each in (find_run(name, output_dir) for name in runs)}.values())
    for each in found:
        check_deletable(each)
    sizes = [size_of(each.path) for each in found]
    if not yes:
        for each, count in zip(found, sizes, strict=True):
            click.echo(f"{_about(each)}, {size(count)}", err=True)
        confirm(f"Delete {'this run' if len(found) == 1 else f'these {len(found)} runs'}?")
    deleted = []
    for each, count in zip(found, sizes, strict=True):
        label = _label(each)
        delete_run(each)
        deleted.append({"run": label, "directory": str(each.path), "bytes": count})
        if not as_json:
            click.echo(f"deleted {in_one_line(label)}, {size(count)}")
    if as_json:
        print_json({"schema_version": "1.0", "deleted": deleted, "bytes": sum(sizes)})


def _label(directory: RunDirectory) -> str:
    path = directory.path.resolve()
    return f"{path.parent.name}/{path.name}"


def _about(directory: RunDirectory) -> str:
    """Say which run it is, as far as its record tells."""
    from crucible_core.cli.runs.quantities import moment
    from crucible_core.runs.recorded import UnreadableRunError, read_run

    try:
        run = read_run(directory)
    except UnreadableRunError:
        return f"{in_one_line(_label(directory))}, damaged"
    began = moment(run.manifest["started_at"] or run.manifest["created_at"])
    return f"{in_one_line(run.label)}, {in_one_line(run.status)}, began {began}"
