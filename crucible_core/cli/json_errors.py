"""Errors of commands that print JSON, as JSON: one rule for all of them."""

from __future__ import annotations

import json
import traceback
from typing import TYPE_CHECKING, Any

import click

from crucible_core.ir.errors import CrucibleError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["JsonErrorsCommand", "error_document", "print_json_error"]

USAGE = 2


class JsonErrorsCommand(click.Command):
    """A command that, where JSON was asked for, prints an error as a document on stdout; the exit code stays.

    Nothing goes to stderr then, but for the traceback with ``--debug``. What is wrong with the command line itself, and
    defects of Crucible, are told as without ``--json``.
    JSON is asked for with a flag whose parameter is ``as_json``, or ``shape`` with the value ``json``.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        if not _wants_json(ctx):
            return super().invoke(ctx)
        return _told_as_json(ctx, super().invoke)


def _wants_json(ctx: click.Context) -> bool:
    return bool(ctx.params.get("as_json")) or ctx.params.get("shape") == "json"


def _told_as_json(ctx: click.Context, invoke: Callable[[click.Context], Any]) -> Any:
    try:
        return invoke(ctx)
    except (CrucibleError, click.ClickException) as error:
        if ctx.find_root().params.get("debug"):
            traceback.print_exception(error)
        print_json_error(error)
        ctx.exit(getattr(error, "exit_code", USAGE))


def print_json_error(error: CrucibleError | click.ClickException) -> None:
    """Print an error as one line of JSON, so that readers of JSON lines can read it, too."""
    click.echo(json.dumps(error_document(error), ensure_ascii=False))


def error_document(error: CrucibleError | click.ClickException) -> dict[str, Any]:
    """Return what ``docs/schemas/error.schema.json`` describes."""
    message = error.format_message() if isinstance(error, click.ClickException) else str(error)
    return {"schema_version": "1.0", "error": {"message": message, "hint": getattr(error, "hint", None)}}
