"""``crucible runs reindex``."""

from __future__ import annotations

from pathlib import Path

import click

from crucible_core.cli.json_errors import JsonErrorsCommand


@click.command("reindex", cls=JsonErrorsCommand)
@click.option("--output-dir", type=click.Path(path_type=Path), help="Where runs lie.  [default: artifacts/crucible]")
@click.option("--index", "url", metavar="URL", help="Bring these runs into a shared index, postgresql://...")
@click.option("--shared", is_flag=True, help="Bring these runs into the shared index that the settings name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as in docs/schemas/runs_reindex.schema.json.")
def reindex_command(output_dir: Path | None, url: str | None, *, shared: bool, as_json: bool) -> None:
    """Make the index again from the run directories.

    It is brought up to date whenever it is asked; this is for one that was damaged, or for a shared index that was not
    there when runs ended.
    """
    from crucible_core.cli.notes import print_notes
    from crucible_core.cli.runs.index_place import reading_progress, shared_url
    from crucible_core.cli.table import print_json
    from crucible_core.runs.index.asking import reindex

    notes: list[str] = []
    with reading_progress() as progress:
        done = reindex(output_dir, index=shared_url(url, shared=shared), tell=notes.append, progress=progress)
    if as_json:
        print_json({"schema_version": "1.0", "read": done.read, "gone": done.gone, "notes": notes})
        return
    print_notes(notes)
    gone = f"; {done.gone} that are gone were taken out" if done.gone else ""
    click.echo(f"{done.read} run {'directory' if done.read == 1 else 'directories'} read{gone}")
