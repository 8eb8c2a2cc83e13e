"""See, try and switch the installed plugins: ``crucible plugins``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crucible_core.cli.command_group import CommandGroup
from crucible_core.cli.complete import known_names
from crucible_core.cli.plugin_new import new_command
from crucible_core.cli.plugin_reports import print_diagnoses, print_findings, print_list, print_record
from crucible_core.cli.session import SECONDS
from crucible_core.cli.stage_check import CHECK
from crucible_core.cli.table import print_json
from crucible_core.plugins.documents import (
    SCHEMA_VERSION,
    DoctorDocument,
    FreezeDocument,
    RequirementDocument,
    SwitchDocument,
)
from crucible_core.plugins.inventory import Inventory, take_inventory
from crucible_core.plugins.record import BAD, PluginRecord, Status
from crucible_core.plugins.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crucible_core.plugins.switch import Switched

__all__ = ["current_settings", "plugins_group"]

PROBLEM_EXIT_CODE = 3


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


@click.group("plugins", cls=CommandGroup)
def plugins_group() -> None:
    """See, try and switch the installed plugins, and write new ones."""


plugins_group.add_command(new_command)


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
        print_list(shown)
    _finish(ctx, inventory, quiet=as_json)


@plugins_group.command()
@click.argument("name", shell_complete=known_names)
@click.option("--load", is_flag=True, help="Try it in a child process, too.")
@click.option("--timeout", type=SECONDS, default=20.0, show_default=True, help="Seconds for --load.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def show(ctx: click.Context, name: str, timeout: float, *, load: bool, as_json: bool) -> None:
    """Show what is known of one plugin, by its name or that of one of its stages."""
    from crucible_core.plugins.doctor import diagnose
    from crucible_core.plugins.documents import ShowDocument, diagnosis_document, plugin_document

    inventory = _inventory(ctx)
    record = inventory.find(name)
    if record is None:
        raise _not_found(inventory, name)
    diagnosis = diagnose(inventory, [record], timeout, check=CHECK)[0] if load else None
    if as_json:
        found = diagnosis_document(diagnosis) if diagnosis else None
        print_json(ShowDocument(schema_version=SCHEMA_VERSION, plugin=plugin_document(record), diagnosis=found))
    else:
        print_record(record)
        if diagnosis is not None:
            print_findings(diagnosis)
    if diagnosis is not None and not diagnosis.healthy:
        ctx.exit(PROBLEM_EXIT_CODE)
    _finish(ctx, inventory, quiet=as_json)


def _not_found(inventory: Inventory, name: str) -> Exception:
    from crucible_core.plugins.doctor import not_installed
    from crucible_core.plugins.errors import SettingsError
    from crucible_core.plugins.switch import is_builtin

    if is_builtin(name):
        return SettingsError(f"{name}: it is built in, not a plugin", hint="crucible stages list")
    absent = not_installed(inventory, name)
    return SettingsError(f"{name}: {absent.reason}", hint=absent.next_step)


@plugins_group.command()
@click.argument("name", required=False, shell_complete=known_names)
@click.option("--timeout", type=SECONDS, default=20.0, show_default=True, help="Seconds that one plugin may take.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def doctor(ctx: click.Context, name: str | None, timeout: float, *, as_json: bool) -> None:
    """Try every plugin (or NAME) in a child process, say what is wrong with it and what to type.

    The exit code is 3 when something is wrong.
    """
    from crucible_core.plugins.doctor import diagnose_all, diagnose_name, next_step
    from crucible_core.plugins.documents import diagnosis_document

    inventory = _inventory(ctx)
    found = (
        diagnose_name(inventory, name, timeout, check=CHECK) if name else diagnose_all(inventory, timeout, check=CHECK)
    )
    healthy = all(one.healthy for one in found) and not inventory.settings.problems
    step = next_step(found)
    if as_json:
        documents = [diagnosis_document(one) for one in found]
        notes = list(inventory.notes)
        print_json(
            DoctorDocument(
                schema_version=SCHEMA_VERSION, healthy=healthy, plugins=documents, notes=notes, next_step=step
            )
        )
    else:
        print_diagnoses(found, inventory.notes, step)
    if not healthy:
        ctx.exit(PROBLEM_EXIT_CODE)


@plugins_group.command()
@click.argument("name", shell_complete=known_names)
@click.option("--user", is_flag=True, help="For every project of this user.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def enable(ctx: click.Context, name: str, *, user: bool, as_json: bool) -> None:
    """Switch a plugin or a stage on again."""
    from crucible_core.plugins.switch import enable as switch

    file = _file(user=user)
    done = switch(name, file, _inventory(ctx), lambda: current_settings(ctx))
    _print_switched(done, file, enabled=True, as_json=as_json)


@plugins_group.command()
@click.argument("name", shell_complete=known_names)
@click.option("--user", is_flag=True, help="For every project of this user.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def disable(ctx: click.Context, name: str, *, user: bool, as_json: bool) -> None:
    """Switch a plugin or a stage off: nothing of it is imported any more."""
    from crucible_core.plugins.switch import disable as switch

    file = _file(user=user)
    done = switch(name, file, _inventory(ctx), lambda: current_settings(ctx))
    _print_switched(done, file, enabled=False, as_json=as_json)


def _print_switched(done: Switched, file: Path, *, enabled: bool, as_json: bool) -> None:
    if not as_json:
        click.echo(done.message)
        return
    print_json(
        SwitchDocument(
            schema_version=SCHEMA_VERSION,
            name=done.label,
            enabled=enabled,
            file=str(file),
            changed=done.changed,
            message=done.message,
        )
    )


def _file(*, user: bool) -> Path:
    """Return the configuration file to write."""
    from crucible_core.plugins.configuration import FILE_NAME, find_project_file, user_file

    here = Path.cwd()
    return user_file(os.environ) if user else find_project_file(here) or here / FILE_NAME


@plugins_group.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def freeze(ctx: click.Context, *, as_json: bool) -> None:
    """Print the installed plugins as requirements: pip install -r of this brings them back."""
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
