"""A command group whose commands are imported when they are used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class LazyGroup(click.Group):
    """A group that knows its commands by name and one line, and imports one when it is invoked.

    Args:
        lazy: Command name to ``module:attribute`` and the line that ``--help`` shows.
    """

    def __init__(self, *arguments: Any, lazy: dict[str, tuple[str, str]] | None = None, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.lazy = lazy or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands in the order of declaration, then those of plugins."""
        return [*self.lazy, *self.plugin_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command."""
        if cmd_name in self.lazy:
            module, _, attribute = self.lazy[cmd_name][0].partition(":")
            command: click.Command = getattr(import_module(module), attribute)
            return command
        return self.load_plugin_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may have been meant."""
        name = args[0]
        if not name.startswith("-") and name not in self.lazy and name not in self.plugin_commands(ctx):
            from difflib import get_close_matches

            close = get_close_matches(name, self.list_commands(ctx), n=1)
            meant = f"; did you mean {close[0]!r}?" if close else f"; `{ctx.command_path} --help` lists them"
            raise click.UsageError(f"no command {name!r}{meant}", ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the name of a command or an option; no command is imported for it."""
        from click.shell_completion import CompletionItem

        commands = {name: summary for name, (_, summary) in self.lazy.items()}
        commands |= {name: f"from {distribution}" for name, distribution in self.plugin_commands(ctx).items()}
        found = [CompletionItem(name, help=text) for name, text in commands.items() if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        rows = [(name, summary) for name, (_, summary) in self.lazy.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
        plugins = [(name, f"from {distribution}") for name, distribution in self.plugin_commands(ctx).items()]
        if plugins:
            with formatter.section("Commands of plugins"):
                formatter.write_dl(plugins)

    def plugin_commands(self, ctx: click.Context) -> dict[str, str]:  # noqa: ARG002 - for groups that have some
        """Return the commands plugins contribute to this group, each with its distribution."""
        return {}

    def load_plugin_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        """Import a plugin's command; None where there is none of this name."""
        return None
