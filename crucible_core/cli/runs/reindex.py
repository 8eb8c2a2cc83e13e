"""``crucible runs reindex``."""

from __future__ import annotations

import click

from crucible_core.cli.json_errors import JsonErrorsCommand


@click.command("reindex", cls=JsonErrorsCommand)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def reindex_command(*, as_json: bool) -> None:
    """In the making on this branch."""
    raise NotImplementedError(as_json)
