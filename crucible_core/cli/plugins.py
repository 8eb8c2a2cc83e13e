"""See, try and switch the installed plugins: ``crucible plugins``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crucible_core.cli.table import print_json, print_table
from crucible_core.plugins.documents import SCHEMA_VERSION, DoctorDocument, FreezeDocument, RequirementDocument
from crucible_core.plugins.inventory import Inventory, take_inventory
from crucible_core.plugins.record import BAD, PluginRecord, Status
from crucible_core.plugins.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crucible_core.plugins.doctor import Diagnosis

__all__ = ["current_settings", "plugins_group"]

PROBLEM_EXIT_CODE = 3
SECONDS = click.FloatRange(min=0, min_open=True)


def current_settings(ctx: click.Context, *, tolerant: bool = False) -> Settings:
    """Return what the global flags, the environment and the configuration files say about plugins.

    Args:
        ctx: The context of a command; the flags are those of its outermost one.
        tolerant: Collect what is wrong in the settings instead of raising.

    Raises:
        SettingsError: A configuration file is malformed (unless ``tolerant``).
    """
    flags = ctx.find_root().params
    return load_settings(
        no_plugins=bool(flags.get("no_plugins")),
        disable=flags.get("disable") or (),
        strict=bool(flags.get("strict")),
        tolerant=tolerant,
    )


@click.group("plugins")
def plugins_group() -> None:
    """See, try and switch the installed plugins."""


def _inventory(ctx: click.Context) -> Inventory:
    """Take stock; a malformed configuration file is a note here, because these commands help to mend it."""
    return take_inventory(current_settings(ctx, tolerant=True))


def _finish(ctx: click.Context, inventory: Inventory, *, quiet: bool = False) -> None:
    """Print the notes and end with exit code 3 where ``--strict`` found something."""
    for note in () if quiet else inventory.notes:
        click.echo(f"note: {note}", err=True)
    if inventory.settings.strict and (_bad(inventory.records) or inventory.settings.problems):
        ctx.exit(PROBLEM_EXIT_CODE)


def _bad(records: Iterable[PluginRecord]) -> bool:
    return any(record.status in BAD for record in records)


@plugins_group.command("list")
@click.option("--status", multiple=True, type=click.Choice([status.value for status in Status]), help="Only these.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def list_plugins(ctx: click.Context, status: tuple[str, ...], *, as_json: bool) -> None:
    """List the installed plugins; nothing of them is imported."""
    from crucible_core.plugins.documents import list_document

    inventory = _inventory(ctx)
    shown = [record for record in inventory.records if not status or record.status.value in status]
    if as_json:
        print_json(list_document(inventory, shown))
    else:
        _print_list(shown)
    _finish(ctx, inventory, quiet=as_json)


def _print_list(records: Sequence[PluginRecord]) -> None:
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


@plugins_group.command()
@click.argument("name")
@click.option("--load", is_flag=True, help="Try it in a child process, too.")
@click.option("--timeout", type=SECONDS, default=20.0, show_default=True, help="Seconds for --load.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def show(ctx: click.Context, name: str, timeout: float, *, load: bool, as_json: bool) -> None:
    """Show what is known of one plugin, by its name or that of one of its stages."""
    from crucible_core.plugins.documents import ShowDocument, diagnosis_document, plugin_document

    inventory = _inventory(ctx)
    record = inventory.find(name)
    if record is None:
        raise _not_found(inventory, name)
    diagnosis = _diagnose(record, timeout) if load else None
    if as_json:
        found = diagnosis_document(diagnosis) if diagnosis else None
        print_json(ShowDocument(schema_version=SCHEMA_VERSION, plugin=plugin_document(record), diagnosis=found))
    else:
        _print_record(record)
        _print_findings(diagnosis)
    if diagnosis is not None and not diagnosis.healthy:
        ctx.exit(PROBLEM_EXIT_CODE)
    _finish(ctx, inventory, quiet=as_json)


def _diagnose(record: PluginRecord, timeout: float) -> Diagnosis:
    from crucible_core.plugins.doctor import diagnose

    return diagnose(record, timeout)


def _not_found(inventory: Inventory, name: str) -> Exception:
    from crucible_core.plugins.doctor import diagnose_name
    from crucible_core.plugins.errors import SettingsError

    absent = diagnose_name(inventory, name)[0]
    return SettingsError(f"{name}: {absent.reason or 'it is part of the core'}", hint=absent.next_command)


def _print_record(record: PluginRecord) -> None:
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


def _print_findings(diagnosis: Diagnosis | None) -> None:
    told = ""
    for finding in diagnosis.findings if diagnosis else ():
        click.echo(f"  {finding.entry}: {finding.problem.reason if finding.problem else 'works'}")
        if finding.fix and finding.fix != told:
            click.echo(f"    {finding.fix}")
        told = finding.fix
        for trait in finding.weak_traits:
            click.echo(f"    weak trait {trait}")
        lines = finding.output.strip().splitlines()
        if lines and not finding.problem:
            click.echo(f"    it prints {len(lines)} line(s) on import, the first: {lines[0]}")


@plugins_group.command()
@click.argument("name", required=False)
@click.option("--timeout", type=SECONDS, default=20.0, show_default=True, help="Seconds that one plugin may take.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def doctor(ctx: click.Context, name: str | None, timeout: float, *, as_json: bool) -> None:
    """Try every plugin (or NAME) in a child process, say what is wrong with it and what to type.

    The exit code is 3 when something is wrong.
    """
    from crucible_core.plugins.doctor import diagnose_all, diagnose_name, next_command
    from crucible_core.plugins.documents import diagnosis_document

    inventory = _inventory(ctx)
    found = diagnose_name(inventory, name, timeout) if name else diagnose_all(inventory, timeout)
    healthy = all(one.healthy for one in found) and not inventory.settings.problems
    command = next_command(found) if healthy or not inventory.settings.problems else "crucible plugins doctor"
    if as_json:
        documents = [diagnosis_document(one) for one in found]
        notes = list(inventory.notes)
        print_json(
            DoctorDocument(
                schema_version=SCHEMA_VERSION, healthy=healthy, plugins=documents, notes=notes, next_command=command
            )
        )
    else:
        _print_diagnoses(found, inventory.notes, command)
    if not healthy:
        ctx.exit(PROBLEM_EXIT_CODE)


def _print_diagnoses(found: Sequence[Diagnosis], notes: Iterable[str], command: str) -> None:
    for one in found:
        tried = any(finding.problem for finding in one.findings)
        click.echo(f"{one.name} {one.version}".rstrip() + f": {_state(one)}{'' if tried else _because(one.reason)}")
        if one.fix and not tried:
            click.echo(f"  {one.fix}")
        _print_findings(one)
    for note in notes:
        click.echo(f"note: {note}")
    click.echo(f"{'' if found else 'No plugins.'}\nNext: {command}".lstrip("\n"))


def _state(diagnosis: Diagnosis) -> str:
    if diagnosis.status is None:
        return "not installed"
    if diagnosis.status is Status.LOADED:
        return "ok"
    return diagnosis.status.value


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""


@plugins_group.command()
@click.argument("name")
@click.option("--user", is_flag=True, help="For every project of this user.")
@click.pass_context
def enable(ctx: click.Context, name: str, *, user: bool) -> None:
    """Switch a plugin or a stage on again."""
    from crucible_core.plugins.switch import enable as switch

    click.echo(switch(name, _file(user=user), _inventory(ctx), lambda: current_settings(ctx)))


@plugins_group.command()
@click.argument("name")
@click.option("--user", is_flag=True, help="For every project of this user.")
@click.pass_context
def disable(ctx: click.Context, name: str, *, user: bool) -> None:
    """Switch a plugin or a stage off: nothing of it is imported any more."""
    from crucible_core.plugins.switch import disable as switch

    click.echo(switch(name, _file(user=user), _inventory(ctx), lambda: current_settings(ctx)))


def _file(*, user: bool) -> Path:
    """Return the configuration file to write."""
    from crucible_core.plugins.configuration import FILE_NAME, find_project_file, user_file

    here = Path.cwd()
    return user_file(os.environ) if user else find_project_file(here) or here / FILE_NAME


@plugins_group.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def freeze(ctx: click.Context, *, as_json: bool) -> None:
    """Print the installed plugins as requirements: ``pip install -r`` of this brings them back."""
    from crucible_core.plugins.origin import requirement_line

    records = [record for record in _inventory(ctx).records if record.version]
    lines = [requirement_line(record) for record in records]
    if as_json:
        listed = [
            RequirementDocument(name=record.name, version=record.version, requirement=line)
            for record, line in zip(records, lines, strict=True)
        ]
        print_json(FreezeDocument(schema_version=SCHEMA_VERSION, plugins=listed))
    else:
        click.echo("".join(f"{line}\n" for line in lines), nl=False)
