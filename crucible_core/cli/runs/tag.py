"""``crucible runs tag``."""

from __future__ import annotations

from pathlib import Path

import click

from crucible_core.cli.complete import run_names
from crucible_core.cli.json_errors import JsonErrorsCommand


@click.command("tag", cls=JsonErrorsCommand, no_args_is_help=True)
@click.argument("run", shell_complete=run_names)
@click.argument("tags", nargs=-1, metavar="[TAG]...")
@click.option("-r", "--remove", "removed", multiple=True, metavar="TAG", help="Take this tag away.")
@click.option("--output-dir", type=click.Path(path_type=Path), help="Where runs lie.  [default: artifacts/crucible]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as in docs/schemas/runs_tag.schema.json.")
def tag_command(
    run: str, tags: tuple[str, ...], removed: tuple[str, ...], output_dir: Path | None, *, as_json: bool
) -> None:
    """Add tags to RUN, or take them away.

    RUN is a run directory, a run id or the beginning of one, experiment/run, or 'latest'. The tags lie in tags.json in
    its directory; those of its experiment count too, and can be taken away.
    """
    from crucible_core.runs import find_run
    from crucible_core.runs.index.reading import read_run
    from crucible_core.runs.tags import TagsError, change_tags, tags_of

    directory = find_run(run, output_dir).path.resolve()
    place = f"{directory.parent.name}/{directory.name}"
    record = read_run(directory, place)
    manifest = record.manifest if record else {}
    if set(tags) & set(removed):
        raise TagsError(f"{', '.join(sorted(set(tags) & set(removed)))}: to be added and to be taken away")
    now = (
        change_tags(directory, manifest, add=tags, remove=removed) if tags or removed else tags_of(directory, manifest)
    )
    if as_json:
        from crucible_core.cli.table import print_json

        print_json({"schema_version": "1.0", "run": place, "directory": str(directory), "tags": now})
    else:
        click.echo(f"{place}: {' '.join(now) or 'no tags'}")
