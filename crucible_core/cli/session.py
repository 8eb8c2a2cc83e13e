"""The plugin registry as the flags of one invocation want it."""

from __future__ import annotations

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
    from crucible_core.plugins.registry import build_registry
    from crucible_core.plugins.settings import load_settings

    flags = ctx.find_root().params
    settings = load_settings(no_plugins=flags["no_plugins"], disable=flags["disable"], strict=flags["strict"])
    registry = build_registry(settings)
    if settings.strict:
        registry.stages()  # imports the hook modules, so that a broken one is known before anything runs
        registry.require_healthy()
    return registry
