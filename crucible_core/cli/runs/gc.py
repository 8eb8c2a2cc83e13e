"""``crucible runs gc``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crucible_core.cli.json_errors import JsonErrorsCommand
from crucible_core.trace.one_line import in_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crucible_core.runs.collecting import Collection

FAILED = 1
_AGE = re.compile(r"(\d{1,6})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_STATUSES = ("succeeded", "failed", "cancelled", "interrupted")


def _age(_: click.Context, __: click.Parameter, value: str | None) -> timedelta | None:
    """Return the time that a text such as 12h, 30d or 8w says."""
    if value is None:
        return None
    match = _AGE.fullmatch(value.strip())
    if match is None:
        raise click.BadParameter(f"{value!r} is no age; write 12h, 30d or 8w")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


@click.command("gc", cls=JsonErrorsCommand)
@click.option("--output-dir", type=click.Path(path_type=Path), help="Where runs lie.  [default: artifacts/crucible]")
@click.option(
    "--keep", type=click.IntRange(min=0), metavar="N", help="Delete all runs but the newest N of each experiment."
)
@click.option("--older-than", callback=_age, metavar="AGE", help="Delete runs that began longer ago: 12h, 30d, 8w.")
@click.option("-e", "--experiment", "experiments", multiple=True, metavar="ID", help="Only runs of this experiment.")
@click.option(
    "-s", "--status", "statuses", multiple=True, type=click.Choice(_STATUSES), help="Only runs of this status."
)
@click.option("-t", "--tag", "tags", multiple=True, metavar="TAG", help="Only runs with this tag.")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would go, and delete nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before runs are deleted.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as in docs/schemas/runs_gc.schema.json.")
@click.pass_context
def gc_command(
    ctx: click.Context,
    output_dir: Path | None,
    keep: int | None,
    older_than: timedelta | None,
    experiments: tuple[str, ...],
    statuses: tuple[str, ...],
    tags: tuple[str, ...],
    *,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Remove what no run needs, and runs that are too many or too old.

    No run needs what killed processes left, and kept values that no journal refers to. Runs go only where --keep or
    --older-than asks for it; with both, a run has to be beyond either. It asks before it deletes runs. A run that
    goes on is never touched. Exits with 1 when something could not be removed.
    """
    from crucible_core.cli.notes import print_notes
    from crucible_core.cli.runs.confirmation import confirm
    from crucible_core.cli.table import print_json
    from crucible_core.runs.collecting import collect, remove
    from crucible_core.runs.directory import DEFAULT_OUTPUT_DIR
    from crucible_core.runs.retention import Retention

    if (experiments or statuses or tags) and keep is None and older_than is None:
        raise click.UsageError("--experiment, --status and --tag say which runs may go: add --keep or --older-than")
    retention = Retention(datetime.now(UTC), keep, older_than, experiments, statuses, tags)
    found = collect(output_dir or DEFAULT_OUTPUT_DIR, retention)
    runs = sum(each.kind == "run" for each in found.removable)
    if runs and not (dry_run or yes):
        for line in _lines(found, {}):
            click.echo(line, err=True)
        confirm(f"Delete {runs} run{'s' if runs > 1 else ''}?")
    failed = {} if dry_run else remove(found.removable)
    if as_json:
        print_json(found.to_dict(failed, dry_run=dry_run))
    else:
        for line in (*_lines(found, failed), _sum(found, failed, dry_run=dry_run)):
            click.echo(line)
        print_notes((*found.notes, *(f"cannot remove {path}: {reason}" for path, reason in failed.items())))
    ctx.exit(FAILED if failed else 0)


def _lines(found: Collection, failed: Mapping[Path, str]) -> Iterator[str]:
    from crucible_core.cli.runs.quantities import size

    for each in found.removable:
        if each.path not in failed:
            yield f"  {each.kind:<8}  {size(each.bytes):>9}  {in_one_line(str(each.path))}: {each.reason}"


def _sum(found: Collection, failed: Mapping[Path, str], *, dry_run: bool) -> str:
    from crucible_core.cli.runs.quantities import size

    gone = [each for each in found.removable if each.path not in failed]
    if not gone:
        return "nothing to remove"
    what = f"{len(gone):,} {'thing' if len(gone) == 1 else 'things'}, {size(sum(each.bytes for each in gone))}"
    return f"would remove {what}" if dry_run else f"removed {what}"
