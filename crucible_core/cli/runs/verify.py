"""``crucible runs verify``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crucible_core.cli.complete import run_names
from crucible_core.cli.json_errors import JsonErrorsCommand
from crucible_core.trace.one_line import in_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_core.runs.file_checks import Check
    from crucible_core.runs.verification import Verification

WRONG = 1
_WORDS = {"ok": "ok", "changed": "CHANGED", "missing": "MISSING", "not_checkable": "not checkable"}
_COLOURS = {"ok": "green", "changed": "red", "missing": "red", "not_checkable": "yellow"}


@click.command("verify", cls=JsonErrorsCommand, no_args_is_help=True)
@click.argument("run", shell_complete=run_names)
@click.option("--output-dir", type=click.Path(path_type=Path), help="Where runs lie.  [default: artifacts/crucible]")
@click.option("--all", "whole", is_flag=True, help="List what is as it was, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as in docs/schemas/runs_verify.schema.json.")
@click.pass_context
def verify_command(ctx: click.Context, run: str, output_dir: Path | None, *, whole: bool, as_json: bool) -> None:
    """Check that RUN is still what was recorded: hash again its artifacts, kept values and data, and read its journal.

    Exits with 1 when something was changed or is missing. What has no hash, or is not here, cannot be checked.
    """
    from crucible_core.cli.table import print_json
    from crucible_core.runs import find_run
    from crucible_core.runs.verification import verify_run

    verification = verify_run(find_run(run, output_dir))
    if as_json:
        print_json(verification.to_dict())
    else:
        for line in _page(verification, whole=whole):
            click.echo(line)
    ctx.exit(0 if verification.sound else WRONG)


def _page(verification: Verification, *, whole: bool) -> Iterator[str]:
    yield f"{in_one_line(verification.run.label)}  {in_one_line(verification.run.status)}"
    for check in verification.checks:
        if whole or check.outcome != "ok" or check.reason:
            yield _line(check)
    counts: dict[str, int] = {}
    for check in verification.checks:
        counts[check.outcome] = counts.get(check.outcome, 0) + 1
    told = ", ".join(f"{counts[outcome]:,} {word}" for outcome, word in _WORDS.items() if outcome in counts)
    yield f"{'sound' if verification.sound else 'NOT AS RECORDED'}: {told}"


def _line(check: Check) -> str:
    word = click.style(f"{_WORDS[check.outcome]:<13}", fg=_COLOURS[check.outcome])
    reason = f": {in_one_line(check.reason)}" if check.reason else ""
    return f"  {word}  {check.kind} {in_one_line(check.name)}{reason}"
