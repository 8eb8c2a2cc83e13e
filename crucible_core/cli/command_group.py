"""A group of commands that prints the summaries of its commands whole, and their errors as JSON on request."""

from __future__ import annotations

import click

from crucible_core.cli.json_errors import JsonErrorsCommand

__all__ = ["CommandGroup"]


class CommandGroup(click.Group):
    """A group whose help shows the first sentence of each command, however long; click would cut it."""

    command_class = JsonErrorsCommand

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, _summary(command)) for name, command in commands if command and not command.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _summary(command: click.Command) -> str:
    paragraph = (command.help or "").strip().partition("\n\n")[0]
    return " ".join(paragraph.split())
