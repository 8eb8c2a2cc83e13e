"""``crucible cache explain``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crucible_core.cli.complete import run_names, stage_ids
from crucible_core.cli.json_errors import JsonErrorsCommand

if TYPE_CHECKING:
    from crucible_core.runs.cache.explanation import CacheExplanation


@click.command("explain", cls=JsonErrorsCommand, no_args_is_help=True)
@click.argument("run", shell_complete=run_names)
@click.argument("stage", shell_complete=stage_ids)
@click.option("--output-dir", type=click.Path(path_type=Path), help="Where runs lie.  [default: artifacts/crucible]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as in docs/schemas/cache_explain.schema.json.")
def explain_command(run: str, stage: str, output_dir: Path | None, *, as_json: bool) -> None:
    """Say why STAGE of RUN was found in the cache, or why not."""
    from crucible_core.runs import find_run, rebuild_manifest
    from crucible_core.runs.cache.cache_directory import CacheDirectory
    from crucible_core.runs.cache.explanation import explain

    directory = find_run(run, output_dir)
    cache = CacheDirectory(output_dir or directory.path.parent.parent)
    found = explain(cache, rebuild_manifest(directory.path), stage)
    if as_json:
        from dataclasses import asdict

        from crucible_core.cli.table import print_json

        print_json({"schema_version": "1.0", **asdict(found)})
        return
    for line in _lines(found):
        click.echo(line)


_OUTCOMES = {
    "hit": "found in the cache",
    "miss": "not found in the cache",
    "uncacheable": "cannot be cached",
    "not_cacheable": "is not cached",
    "off": "ran without the cache",
    "not_reached": "did not run",
}


def _lines(found: CacheExplanation) -> Iterator[str]:
    yield f"{found.stage} of {found.experiment_id}/{found.run_id}: {_OUTCOMES[found.outcome]}"
    if found.source is not None:
        yield f"  computed by {_run(found.source)}"
    if found.reason is not None:
        yield f"  {'its result was not kept: ' if found.kept is False and found.key else ''}{found.reason}"
    elif found.kept:
        yield "  its result is kept now"
    if found.outcome == "miss" and found.key is not None and found.nearest is None:
        yield "  there is no earlier entry of this stage to compare it with"
    if found.nearest is not None:
        yield f"  nearest earlier entry: {_run(found.nearest)}; it differs in"
        for each in found.differences:
            yield f"    {each.part}: {_said(each.before)} -> {_said(each.after)}"


def _run(named: Mapping[str, Any]) -> str:
    from crucible_core.cli.runs.quantities import moment

    return f"{named['experiment_id']}/{named['run_id']}, {moment(named['created_at'])}"


def _said(text: str | None) -> str:
    return "absent" if text is None else text
