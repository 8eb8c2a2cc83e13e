"""``crucible completion``: what a shell needs to complete commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

# \b keeps click from filling a paragraph; in a docstring it would have to be escaped, and click would print it
_HELP = """Print the completion script of a shell, to be sourced from its start-up file.

\b
bash:  eval "$(crucible completion bash)"
zsh:   eval "$(crucible completion zsh)"
fish:  crucible completion fish | source
"""


@click.command("completion", help=_HELP)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    kind = get_completion_class(shell)
    assert kind is not None
    source = kind(ctx.find_root().command, {}, "crucible", "_CRUCIBLE_COMPLETE").source()
    click.echo(source)
