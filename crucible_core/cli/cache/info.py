"""``crucible cache info``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crucible_core.cli.json_errors import JsonErrorsCommand

if TYPE_CHECKING:
    from crucible_core.runs.cache.sizes import CacheSize


@click.command("info", cls=JsonErrorsCommand)
@click.option("--output-dir", type=click.Path(path_type=Path), help="Where runs lie.  [default: artifacts/crucible]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as in docs/schemas/cache_info.schema.json.")
def info_command(output_dir: Path | None, *, as_json: bool) -> None:
    """Show which stages the cache has results of, and how large it is."""
    from crucible_core.cli.table import print_json, print_table
    from crucible_core.runs.cache.cache_directory import CacheDirectory
    from crucible_core.runs.cache.sizes import size_of
    from crucible_core.runs.directory import DEFAULT_OUTPUT_DIR

    cache = CacheDirectory(output_dir or DEFAULT_OUTPUT_DIR)
    found = size_of(cache)
    if as_json:
        print_json(_document(cache.path, found))
        return
    from crucible_core.cli.runs import quantities

    if not found.stages:
        click.echo(f"nothing is cached in {cache.path}")
        return
    rows = [
        (
            each.stage,
            str(each.entries),
            str(each.results),
            quantities.size(each.bytes),
            quantities.seconds(each.saved_s),
            quantities.moment(_used(each).isoformat()),
        )
        for each in found.stages
    ]
    print_table(("stage", "entries", "results", "size", "took", "last used"), rows)
    click.echo(f"{quantities.size(found.bytes)} in {cache.path}")


def _used(stage: Any) -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(stage.last_used, UTC)


def _document(path: Path, found: CacheSize) -> dict[str, Any]:
    from dataclasses import asdict

    stages = [{**asdict(each), "last_used": _used(each).isoformat(timespec="seconds")} for each in found.stages]
    return {"schema_version": "1.0", "directory": str(path), "bytes": found.bytes, "stages": stages}
