"""The plugin registry as the flags of one invocation want it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from crucible_core.garbage import collection_paused

if TYPE_CHECKING:
    import click

    from crucible_core.plugins.registry import Registry


@collection_paused()
def registry_for(ctx: click.Context) -> Registry:
    """Return the registry under the global flags.

    Raises:
        PluginProblemError: ``--strict`` was given and a plugin does not work.
    """
    from crucible_core.cli.notes import print_notes
    from crucible_core.plugins.errors import StageUnloadableError
    from crucible_core.plugins.registry import build_registry
    from crucible_core.plugins.settings import load_settings

    flags = ctx.find_root().params
    settings = load_settings(no_plugins=flags["no_plugins"], disable=flags["disable"], strict=flags["strict"])
    registry = build_registry(settings)
    if settings.strict:
        for ref in registry.stages():  # whatever does not load is to be known before anything runs
            with contextlib.suppress(StageUnloadableError):
                registry.load(ref)
        registry.require_healthy()
    print_notes(registry.notes)
    return registry
