"""The group ``crucible cache``: where each of its commands lives."""

from __future__ import annotations

import click

from crucible_core.cli.lazy_group import LazyGroup

_HERE = "crucible_core.cli.cache"
_COMMANDS = {
    "info": (f"{_HERE}.info:info_command", "Show what the cache holds."),
    "explain": (f"{_HERE}.explain:explain_command", "Say why a stage was found in the cache, or not."),
    "clear": (f"{_HERE}.clear:clear_command", "Make the cache smaller, or empty."),
}


@click.group("cache", cls=LazyGroup, lazy=_COMMANDS)
def cache_group() -> None:
    """Look after the kept results of stages."""
