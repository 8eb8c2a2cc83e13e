"""``crucible cache clear``."""

from __future__ import annotations

from pathlib import Path

import click

from crucible_core.cli.cache.amounts import age, size
from crucible_core.cli.json_errors import JsonErrorsCommand


@click.command("clear", cls=JsonErrorsCommand)
@click.option("--output-dir", type=click.Path(path_type=Path), help="Where runs lie.  [default: artifacts/crucible]")
@click.option("--stage", "stages", multiple=True, metavar="NAME", help="Only results of this stage.")
@click.option("--older-than", callback=age, metavar="AGE", help="Only what was not used for so long: 30d, 12h.")
@click.option(
    "--max-bytes",
    callback=size,
    metavar="SIZE",
    help="Only so much, the longest unused first, that SIZE is enough: 10GB.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be removed; remove nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as in docs/schemas/cache_clear.schema.json.")
def clear_command(
    output_dir: Path | None,
    stages: tuple[str, ...],
    older_than: float | None,
    max_bytes: int | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Remove kept results of stages; without an option, all of them.

    Nothing is lost but time: what is asked for again is computed again. Records of runs are not touched.
    """
    from dataclasses import asdict

    from crucible_core.cli.runs import quantities
    from crucible_core.cli.table import print_json
    from crucible_core.runs.cache.cache_directory import CacheDirectory
    from crucible_core.runs.cache.clearing import clear
    from crucible_core.runs.directory import DEFAULT_OUTPUT_DIR

    cache = CacheDirectory(output_dir or DEFAULT_OUTPUT_DIR)
    done = clear(cache, stages=stages, unused_for_s=older_than, max_bytes=max_bytes, dry_run=dry_run)
    if as_json:
        print_json({"schema_version": "1.0", "directory": str(cache.path), "dry_run": dry_run, **asdict(done)})
        return
    verb = "would remove" if dry_run else "removed"
    entries = f"{done.entries} {'entry' if done.entries == 1 else 'entries'}"
    gone, left = quantities.size(done.bytes), quantities.size(done.left_bytes)
    click.echo(f"{verb} {entries} and {gone}; {done.left_entries} stay, {left}")
