"""The ``crucible`` group: options that hold for every command, and where each command lives."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import click

from crucible_core import __version__
from crucible_core.cli.lazy_group import LazyGroup
from crucible_core.cli.streams import silence


class CrucibleGroup(LazyGroup):
    """The top group; plugins add to it through the entry point group ``crucible.commands``."""

    def plugin_commands(self, ctx: click.Context) -> dict[str, str]:
        """Return the commands of usable plugins, from metadata alone."""
        from crucible_core.cli.plugin_commands import offered

        return offered(ctx, taken=frozenset(self.lazy))

    def load_plugin_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a plugin's command."""
        from crucible_core.cli.plugin_commands import load

        return load(ctx, name)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the arguments, some of which print: ``--help`` and ``--version``."""
        with _reader_may_leave():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> None:
        """Run the command; what it returns is not an exit code, whatever plugin it is from."""
        with _reader_may_leave():
            super().invoke(ctx)


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    """Succeed where a reader closes the output early (``| head``): it has had enough."""
    try:
        yield
    except BrokenPipeError:
        silence(sys.stdout)
        raise click.exceptions.Exit(0) from None


_COMMANDS = {
    "run": ("crucible_core.cli.run:run_command", "Run an experiment."),
    "validate": ("crucible_core.cli.validate:validate_command", "Check an experiment and show its plan; run nothing."),
    "trace": ("crucible_core.cli.trace:trace_command", "Show what happened in a run, and why."),
    "runs": ("crucible_core.cli.runs.group:runs_group", "Find, compare and keep runs."),
    "cache": ("crucible_core.cli.cache.group:cache_group", "Look after the kept results of stages."),
    "stages": ("crucible_core.cli.stages:stages_group", "List and describe stages."),
    "plugins": ("crucible_core.cli.plugins:plugins_group", "List, examine, enable and disable plugins."),
    "conformance": ("crucible_core.cli.conformance:conformance_command", "Hold stages to what they say of themselves."),
    "schema": ("crucible_core.cli.schema:schema_command", "Write a JSON Schema, of spec files by default."),
    "completion": ("crucible_core.cli.completion:completion_command", "Print the completion script of a shell."),
}
_FLAGS = ("--no-plugins", "--strict", "--debug")


def with_flags_first(arguments: list[str]) -> list[str]:
    """Return the arguments with the flags of ``crucible`` before the command, where people write them after it.

    Commands of plugins, which may have flags of these names themselves, are left as they are.

    >>> with_flags_first(["run", "spec.yaml", "--debug"])
    ['--debug', 'run', 'spec.yaml']
    """
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    words = (each for before, each in pairwise(["", *own]) if not each.startswith("-") and before != "--disable")
    if next(words, None) not in _COMMANDS:
        return arguments
    flags = [each for each in own if each in _FLAGS]
    return [*flags, *(each for each in own if each not in _FLAGS), *arguments[len(own) :]]


@click.group(cls=CrucibleGroup, lazy=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="crucible %(version)s")
@click.option("--no-plugins", is_flag=True, help="Use the built-in stages only.")
@click.option("--disable", multiple=True, metavar="NAMES", help="Leave out these plugins or stages (comma-separated).")
@click.option("--strict", is_flag=True, help="Exit with 3 when any plugin does not work.")
@click.option("--debug", is_flag=True, help="Show full tracebacks.")
def main(**_: object) -> None:
    """Run machine-learning experiments made of stages from installable plugins."""
