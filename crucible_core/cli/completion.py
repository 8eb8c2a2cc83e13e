"""``crucible completion``: what a shell needs to complete commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> None:
    r"""Print the completion script of a shell, to be sourced from its start-up file.

    \b
    bash:  eval "$(crucible completion bash)"
    zsh:   eval "$(crucible completion zsh)"
    fish:  crucible completion fish | source
    """
    kind = get_completion_class(shell)
    assert kind is not None
    source = kind(ctx.find_root().command, {}, "crucible", "_CRUCIBLE_COMPLETE").source()
    click.echo(source)
