"""Commands that plugins add to ``crucible``, found from metadata and imported when invoked."""

from __future__ import annotations

from collections.abc import Collection

import click

from crucible_core.ir.errors import CrucibleError
from crucible_core.plugins.inventory import take_inventory
from crucible_core.plugins.loading import load_object
from crucible_core.plugins.problems import LoadProblemError
from crucible_core.plugins.settings import load_settings


class PluginCommandError(CrucibleError):
    """A plugin's command that cannot be used."""

    exit_code = 3


def offered(ctx: click.Context, taken: Collection[str]) -> dict[str, str]:
    """Return command name to distribution for every usable plugin; a built-in command's name cannot be taken."""
    return {name: distribution for name, (distribution, _) in _found(ctx).items() if name not in taken}


def load(ctx: click.Context, name: str) -> click.Command | None:
    """Import a plugin's command.

    Raises:
        PluginCommandError: Its module does not load, or what it names is no click command.
        PluginProblemError: ``--strict`` was given and a plugin does not work.
    """
    found = _found(ctx).get(name)
    if found is None:
        return None
    if ctx.find_root().params.get("strict"):
        from crucible_core.cli.session import inventory_for

        inventory_for(ctx)
    distribution, value = found
    try:
        command = load_object(value)
    except LoadProblemError as error:
        raise PluginCommandError(
            f"the command {name!r} of {distribution} does not load: {error.problem.reason}",
            hint=f"crucible plugins doctor {distribution}",
        ) from error
    if not isinstance(command, click.Command):
        raise PluginCommandError(f"the command {name!r} of {distribution}: {value} is no click command")
    return command


def _found(ctx: click.Context) -> dict[str, tuple[str, str]]:
    flags = ctx.find_root().params
    settings = load_settings(no_plugins=flags.get("no_plugins", False), disable=flags.get("disable", ()), tolerant=True)
    found: dict[str, tuple[str, str]] = {}
    for record in take_inventory(settings).records:
        blocked = dict(record.blocked)
        for name, value in record.commands if record.usable else ():
            if name not in blocked:
                found.setdefault(name, (record.name, value))
    return dict(sorted(found.items()))
