"""The plugin registry as the flags of one invocation want it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crucible_core.garbage import collection_paused

if TYPE_CHECKING:
    from crucible_core.plugins.inventory import Inventory
    from crucible_core.plugins.registry import Registry

SECONDS = click.FloatRange(min=0, min_open=True)
"""How long a plugin may take to answer, as an option."""


@collection_paused()
def registry_for(ctx: click.Context) -> Registry:
    """Return the registry under the global flags; at the end of the command is said whose hooks did not work.

    Raises:
        PluginProblemError: ``--strict`` was given and a plugin does not work.
    """
    from crucible_core.cli.notes import print_notes
    from crucible_core.plugins.registry import Registry

    registry = Registry(inventory_for(ctx))
    print_notes(registry.notes)
    ctx.call_on_close(lambda: print_notes(registry.hook_notes))
    return registry


def inventory_for(ctx: click.Context) -> Inventory:
    """Return what is installed, under the global flags.

    Raises:
        PluginProblemError: As for `registry_for`.
    """
    from crucible_core.plugins.inventory import take_inventory
    from crucible_core.plugins.settings import load_settings

    flags = ctx.find_root().params
    settings = load_settings(no_plugins=flags["no_plugins"], disable=flags["disable"], strict=flags["strict"])
    inventory = take_inventory(settings)
    if settings.strict:
        require_healthy(inventory)
    return inventory


def require_healthy(inventory: Inventory) -> None:
    """Try every plugin in a child process: whatever does not work is to be known before anything runs."""
    from crucible_core.cli.stage_check import CHECK
    from crucible_core.plugins.errors import PluginProblemError
    from crucible_core.plugins.registry import bad_records
    from crucible_core.plugins.survey import ask_plugins, survey

    bad = bad_records(survey(inventory, ask_plugins(inventory, check=CHECK, thorough=True)).records)
    if bad:
        raise PluginProblemError(bad)
