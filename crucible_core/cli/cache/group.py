"""The group ``crucible cache``: where each of its commands lives."""

from __future__ import annotations

import click

from crucible_core.cli.lazy_group import LazyGroup

_HERE = "crucible_core.cli.cache"
_COMMANDS = {
    "info": (f"{_HERE}.info:info_command", "Show which stages the cache has results of, and how large it is."),
    "explain": (f"{_HERE}.explain:explain_command", "Say why STAGE of RUN was found in the cache, or why not."),
    "clear": (f"{_HERE}.clear:clear_command", "Remove kept results of stages; without an option, all of them."),
}


@click.group("cache", cls=LazyGroup, lazy=_COMMANDS)
def cache_group() -> None:
    """Look after the kept results of stages."""
