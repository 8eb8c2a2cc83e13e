"""What ``crucible plugins`` tells people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crucible_core.cli.table import print_table
from crucible_core.plugins.record import BAD, PluginRecord, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crucible_core.plugins.doctor import Diagnosis, Finding

__all__ = ["print_diagnoses", "print_findings", "print_list", "print_record"]

_DECLARES = {
    "determinism": "declares that the same inputs and seed may give other results",
    "network": "declares network access",
    "subprocess": "declares that it starts processes",
    "picklable": "declares that it cannot be sent to another process",
}
"""What a trait that is weaker than the default means, in words."""


def print_list(records: Sequence[PluginRecord]) -> None:
    """Print a line for each plugin, and the stages that are always there."""
    from crucible_core.plugins.builtin import BUILTIN_STAGES

    if records:
        columns = ("Name", "Version", "Status", "Stages", "Hooks", "Why")
        print_table(columns, [_row(record) for record in records])
        if any(record.status in BAD for record in records):
            click.echo("\nWhat to do about it: crucible plugins doctor")
    else:
        click.echo("No plugins.")
    click.echo(f"\nBuilt in: {', '.join(sorted(BUILTIN_STAGES))}")


def _row(record: PluginRecord) -> tuple[str, ...]:
    stages = ", ".join(ref.name for ref in record.stages) or "-"
    hooks = record.hook_name or "-"
    return record.name, record.version or "?", record.status.value, stages, hooks, record.reason


def print_record(record: PluginRecord) -> None:
    """Print what metadata say of a plugin."""
    click.echo(f"{record.name} {record.version}")
    facts = [
        ("status", record.status.value),
        ("why", record.reason),
        ("to do", record.fix),
        ("requires", "; ".join(record.requirements)),
        ("hooks", f"{record.hook_name} = {record.hook_module}" if record.hook_module else ""),
        ("location", record.location),
        ("installed from", f"{record.source}{' (editable)' if record.editable else ''}" if record.source else ""),
    ]
    for label, value in (*facts, *(("command", f"{name} = {value}") for name, value in record.commands)):
        if value:
            click.echo(f"  {label}: {value}")
    off = dict(record.blocked)
    for ref in record.stages:
        click.echo(f"  stage: {ref.name} = {ref.value}{f' ({off[ref.name]})' if ref.name in off else ''}")


def print_findings(diagnosis: Diagnosis) -> None:
    """Print what came of each entry of a plugin that was tried."""
    told = ""
    for finding in diagnosis.findings:
        click.echo(f"  {finding.entry}: {finding.problem.reason if finding.problem else 'works'}")
        for line in _about(finding, told):
            click.echo(f"    {line}")
        told = finding.fix


def _about(finding: Finding, told: str) -> Iterator[str]:
    if finding.fix and finding.fix != told:
        yield finding.fix
    if finding.warning:
        yield f"warning: {finding.warning}"
    for trait, reason in finding.weak_traits:
        yield f"{_DECLARES.get(trait, f'declares {trait}')}: {reason}"
    lines = finding.output.strip().splitlines()
    if lines and not finding.problem:
        yield f"it prints {len(lines)} line{'s' if len(lines) > 1 else ''} when it is loaded, the first: {lines[0]}"


def print_diagnoses(found: Sequence[Diagnosis], notes: Iterable[str], step: str) -> None:
    """Print what was found out about plugins, and what to do next unless that stands there already."""
    for one in found:
        tried = any(finding.problem for finding in one.findings)
        click.echo(f"{one.name} {one.version}".rstrip() + f": {_state(one)}{'' if tried else _because(one.reason)}")
        if one.fix and not tried:
            click.echo(f"  {one.fix}")
        print_findings(one)
    if not found:
        click.echo("No plugins.")
    for note in notes:
        click.echo(f"note: {note}")
    if step and [one.fix for one in found] != [step]:
        click.echo(f"Next: {step}")


def _state(diagnosis: Diagnosis) -> str:
    if diagnosis.status is None:
        return "not installed"
    if diagnosis.status is Status.LOADED:
        return "ok"
    return diagnosis.status.value


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""
