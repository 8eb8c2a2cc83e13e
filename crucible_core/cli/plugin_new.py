"""``crucible plugins new``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crucible_core.cli.json_errors import JsonErrorsCommand
from crucible_core.cli.table import print_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crucible_core.plugins.new import PluginNames

__all__ = ["new_command"]


@click.command("new", cls=JsonErrorsCommand, no_args_is_help=True)
@click.argument("name")
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    default=".",
    show_default="the working directory",
    help="Write it into DIRECTORY/NAME.",
)
@click.option("--stage", metavar="NAME", help="Name of its stage.  [default: NAME, without crucible-]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def new_command(name: str, directory: Path, stage: str | None, *, as_json: bool) -> None:
    """Write a new plugin: a distribution called NAME with a stage that works, its tests, lint and CI.

    Nothing is written over, and what cannot be written whole is not written at all.
    """
    from crucible_core import __version__
    from crucible_core.plugins.inventory import take_inventory
    from crucible_core.plugins.new import choose_names, next_commands, render, write_whole
    from crucible_core.plugins.settings import load_settings

    names = choose_names(name, stage, take_inventory(load_settings(tolerant=True)))
    files = render(names, __version__)
    target = directory / name
    write_whole(target, files)
    commands = next_commands(target)
    if as_json:
        _print_document(names, target, files, commands)
    else:
        _print_report(target, files, commands)


def _print_document(names: PluginNames, target: Path, files: Iterable[str], commands: Iterable[str]) -> None:
    from crucible_core.plugins.documents import SCHEMA_VERSION, NewDocument

    print_json(
        NewDocument(
            schema_version=SCHEMA_VERSION,
            distribution=names.distribution,
            package=names.package,
            stage=names.stage,
            directory=str(target),
            files=list(files),
            next=list(commands),
        )
    )


def _print_report(target: Path, files: Iterable[str], commands: Sequence[str]) -> None:
    from crucible_core.plugins.new import UNKNOWN_SOURCE

    click.echo(f"wrote {target}")
    for path in files:
        click.echo(f"  {path}")
    click.echo("\nNext:")
    for command in commands:
        click.echo(f"  {command}")
    if any(UNKNOWN_SOURCE in command for command in commands):
        click.echo(f"\n{UNKNOWN_SOURCE} is a checkout of Crucible; its names on the public index belong to others.")
