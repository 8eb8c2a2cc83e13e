"""``crucible validate``, and what ``crucible run --dry-run`` shows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crucible_core.cli.arguments import parse_assigns, parse_overrides
from crucible_core.cli.json_errors import JsonErrorsCommand
from crucible_core.cli.own_modules import find_modules_beside
from crucible_core.cli.session import registry_for
from crucible_core.cli.table import print_json, print_table

if TYPE_CHECKING:
    from crucible_core.pipeline.plan import Plan
    from crucible_core.plugins.registry import Registry

INVALID = 2


@click.command("validate", cls=JsonErrorsCommand, no_args_is_help=True)
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("-o", "--option", "options", multiple=True, metavar="STAGE.OPTION=VALUE", help="Override an option.")
@click.option("--assign", "assigns", multiple=True, metavar="NAME=@FILE", help="A value that will be given.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan, or the problems, as JSON.")
@click.pass_context
def validate_command(
    ctx: click.Context, spec: Path, options: tuple[str, ...], assigns: tuple[str, ...], *, as_json: bool
) -> None:
    """Check the experiment in the file SPEC: everything that is wrong with it, before anything runs.

    Modules that SPEC names may lie in the working directory or beside SPEC.
    """
    registry = registry_for(ctx)
    find_modules_beside(spec)
    show_plan(
        spec,
        registry,
        overrides=parse_overrides(options),
        assigns=parse_assigns(assigns),
        validate_options="error",
        as_json=as_json,
    )


def show_plan(
    spec: Path,
    registry: Registry,
    *,
    overrides: Mapping[str, Mapping[str, Any]],
    assigns: Mapping[str, Any],
    validate_options: str,
    as_json: bool,
) -> None:
    """Print the plan of a spec file; as JSON, problems are printed too, and the exit code is 2."""
    from crucible_core.composition import plan
    from crucible_core.ir import SpecError
    from crucible_core.pipeline.problems import PlanError

    try:
        planned = plan(spec, assigns=assigns, overrides=overrides, registry=registry, validate_options=validate_options)
    except (SpecError, PlanError) as error:
        if not as_json:
            raise
        print_json(_problems(spec, error))
        click.get_current_context().exit(INVALID)
    if as_json:
        print_json(_document(spec, planned))
    else:
        _print_plan(spec, planned)


def _print_plan(spec: Path, planned: Plan) -> None:
    from crucible_core.pipeline.policy_words import policy_words

    rows = [
        (
            stage.id,
            stage.definition.name,
            (stage.loaded.ref.distribution or stage.loaded.ref.value) if stage.loaded else "disabled",
            ", ".join(stage.description.reads) if stage.description else "",
            ", ".join(stage.writes),
            policy_words(stage.definition.policies),
        )
        for stage in planned.stages
    ]
    columns = ("Id", "Stage", "From", "Reads", "Writes", "Policies")
    shown = len(columns) if any(row[-1] for row in rows) else len(columns) - 1  # few experiments have any
    print_table(columns[:shown], [row[:shown] for row in rows])
    for note in planned.notes:
        click.echo(f"warning: {note}", err=True)
    click.echo(f"{spec} is valid: experiment {planned.experiment.id!r}, {_count(len(rows), 'stage')}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _document(spec: Path, planned: Plan) -> dict[str, Any]:
    return {
        "schema_version": "1.0",
        "spec": str(spec),
        "valid": True,
        "experiment_id": planned.experiment.id,
        "stages": [
            {
                "id": stage.id,
                "name": stage.definition.name,
                "enabled": stage.definition.enabled,
                "distribution": stage.loaded.ref.distribution if stage.loaded else None,
                "options": stage.shown_options_json(),
                "reads": list(stage.description.reads) if stage.description else [],
                "writes": list(stage.writes),
                "policies": stage.definition.policies,
            }
            for stage in planned.stages
        ],
        "problems": [note.to_dict() for note in planned.notes],
    }


def _problems(spec: Path, error: Any) -> dict[str, Any]:
    from crucible_core.pipeline.problems import problem_documents

    return {
        "schema_version": "1.0",
        "spec": str(spec),
        "valid": False,
        "experiment_id": None,
        "stages": [],
        "problems": problem_documents(error),
    }
