"""What ``crucible conformance`` prints."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from crucible_core.cli.table import print_json, print_table
from crucible_core.testing.check import SUITE_VERSION, all_checks, find_checks
from crucible_core.testing.outcome import Status

if TYPE_CHECKING:
    from crucible_core.testing.outcome import Outcome, Report

_CLEAR = "\r\x1b[2K"


def explain(name: str) -> None:
    """Print the pages of a check or a group."""
    from crucible_core.testing.documentation import page

    click.echo("\n".join(map(page, find_checks([name]))), nl=False)


def list_checks(*, as_json: bool) -> None:
    """Print the table of checks."""
    checks = sorted(all_checks().values(), key=lambda each: each.id)
    if as_json:
        print_json({"schema_version": "1.0", "suite": SUITE_VERSION, "checks": [each.to_dict() for each in checks]})
    else:
        print_table(
            ("Check", "Level", "Since", "What holds for a stage that passes"),
            [(each.id, each.level.value, each.since, each.title) for each in checks],
        )


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[Outcome], None]]:
    """Yield what shows on a terminal which check was done last; nothing elsewhere."""
    shown = sys.stderr.isatty() and not quiet
    lock = threading.Lock()
    count = 0

    def tell(outcome: Outcome) -> None:
        nonlocal count
        with lock:
            count += 1
            click.echo(f"{_CLEAR}{count} done: {outcome.target.name} {outcome.check.id}", err=True, nl=False)

    try:
        yield tell if shown else lambda _: None
    finally:
        if shown:
            click.echo(_CLEAR, err=True, nl=False)


def show(report: Report, *, as_json: bool) -> None:
    """Print a report: as JSON, or what failed in full, the rest in a line each, and how many ended how."""
    if as_json:
        print_json(report.to_dict())
        return
    for text in (*report.complaints, *(each.message for each in report.of(Status.FAILED, Status.ADVISED))):
        click.echo(f"{text}\n")
    rows = [_row(each) for each in report.of(Status.WAIVED, Status.BLOCKED, Status.NOT_APPLICABLE)]
    if rows:
        print_table(("Stage", "Check", "Status", "Why"), rows)
        click.echo()
    for line in (*report.notes, report.summary):
        click.echo(line)


def _row(outcome: Outcome) -> tuple[str, str, str, str]:
    return outcome.target.name, outcome.check.id, outcome.status.value.replace("_", " "), outcome.note
