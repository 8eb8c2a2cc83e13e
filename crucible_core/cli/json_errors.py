"""Errors of commands that print JSON, as JSON: one rule for all of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

import click

from crucible_core.cli.error_report import lost_output, report_of
from crucible_core.ir.errors import CrucibleError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["JsonErrorsCommand", "error_document"]

Result = TypeVar("Result")


class JsonErrorsCommand(click.Command):
    """A command that, where JSON was asked for, prints an error as a document on stdout; the exit code stays.

    Nothing goes to stderr then, but for the traceback with ``--debug``. JSON is asked for with the flag ``--json``.
    """

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the arguments."""

        def read() -> click.Context:
            return super(JsonErrorsCommand, self).make_context(info_name, args, parent, **extra)

        own = args[: args.index("--")] if "--" in args else args
        return _told_as_json(read, debug=_debug(parent)) if "--json" in own else read()

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        if ctx.params.get("as_json") or ctx.params.get("shape") == "json":
            return _told_as_json(lambda: super(JsonErrorsCommand, self).invoke(ctx), debug=_debug(ctx))
        return super().invoke(ctx)


def _debug(ctx: click.Context | None) -> bool:
    return bool(ctx and ctx.find_root().params.get("debug"))


def _told_as_json(do: Callable[[], Result], *, debug: bool) -> Result:
    try:
        return do()
    except (click.exceptions.Exit, click.exceptions.Abort, BrokenPipeError):  # not errors, or nobody reads them
        raise
    except Exception as error:
        if lost_output(error):
            raise
        if debug:
            import traceback

            traceback.print_exception(error)
        click.echo(json.dumps(error_document(error), ensure_ascii=False))
        raise click.exceptions.Exit(report_of(error).exit_code) from None


def error_document(error: Exception) -> dict[str, Any]:
    """Return what ``docs/schemas/error.schema.json`` describes."""
    report = report_of(error)
    about = {"message": report.message, "hint": report.hint, "problems": _problems(error)}
    return {"schema_version": "1.0", "error": about}


def _problems(error: Exception) -> list[dict[str, Any]]:
    if not isinstance(error, CrucibleError):
        return []
    from crucible_core.ir.errors import SpecError
    from crucible_core.pipeline.problems import PlanError, problem_documents

    return problem_documents(error) if isinstance(error, (SpecError, PlanError)) else []
