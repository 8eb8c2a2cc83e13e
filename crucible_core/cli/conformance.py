"""``crucible conformance``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crucible_core.cli.complete import check_ids, conformance_targets
from crucible_core.cli.json_errors import JsonErrorsCommand
from crucible_core.cli.session import SECONDS

if TYPE_CHECKING:
    from crucible_core.testing.outcome import Report

FAILED = 5


@click.command("conformance", cls=JsonErrorsCommand)
@click.argument("targets", nargs=-1, metavar="[TARGET]...", shell_complete=conformance_targets)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as in docs/schemas/conformance.schema.json.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write JUnit XML to this file.")
@click.option(
    "--check", "checks", multiple=True, metavar="ID", shell_complete=check_ids, help="Run this check, or group."
)
@click.option("--timeout", type=SECONDS, help="Seconds that one check may take.  [default: as configured, or 30]")
@click.option("--jobs", type=click.IntRange(min=1), help="Stages to check at a time.  [default: number of processors]")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The pyproject.toml with [tool.crucible.conformance].  [default: that of the stage's distribution]",
)
@click.option("--list", "listing", is_flag=True, help="List the checks and run none.")
@click.option("--explain", metavar="ID", shell_complete=check_ids, help="Say what a check means and how to pass it.")
@click.pass_context
def conformance_command(
    ctx: click.Context,
    targets: tuple[str, ...],
    junit: Path | None,
    checks: tuple[str, ...],
    timeout: float | None,
    jobs: int | None,
    config: Path | None,
    explain: str | None,
    *,
    as_json: bool,
    listing: bool,
) -> None:
    """Hold stages to what they say of themselves.

    TARGET is a stage (bench, or crucible-bench:bench), a distribution, for all of its stages, or module:Class; without
    any, the distribution whose pyproject.toml is in the working directory. Exits with 5 when a stage does not conform.
    """
    from crucible_core.cli import conformance_output as output
    from crucible_core.cli.conformance_targets import asked_for

    if explain is not None:
        output.explain(explain)
        return
    if listing:
        output.list_checks(as_json=as_json)
        return
    asked = asked_for(ctx, targets, config)
    if junit is not None and not os.access(junit.absolute().parent, os.W_OK):
        raise _unwritable(junit, "its directory is not there, or may not be written to")
    with output.progress(quiet=as_json) as tell:
        report = asked.run(checks=checks or None, timeout_s=timeout, jobs=jobs, on_outcome=tell)
    _write(report, junit)
    output.show(report, as_json=as_json)
    ctx.exit(0 if report.passed else FAILED)


def _write(report: Report, junit: Path | None) -> None:
    """Write JUnit XML, whole or not at all."""
    if junit is None:
        return
    from crucible_core.runs.atomic import atomic_write
    from crucible_core.testing.junit import junit_xml

    try:
        atomic_write(junit, junit_xml(report))
    except OSError as error:
        raise _unwritable(junit, error.strerror or str(error)) from None


def _unwritable(junit: Path, why: str) -> click.BadParameter:
    return click.BadParameter(f"cannot write {junit}: {why}", param_hint="--junit")
