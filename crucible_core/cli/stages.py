"""``crucible stages``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from crucible_core.cli.arguments import parse_options
from crucible_core.cli.command_group import CommandGroup
from crucible_core.cli.complete import stage_names
from crucible_core.cli.notes import print_notes
from crucible_core.cli.plugins import current_settings
from crucible_core.cli.session import SECONDS, registry_for
from crucible_core.cli.table import print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_core.contract.description import StageDescription
    from crucible_core.pipeline.loading import Loaded


@click.group("stages", cls=CommandGroup, no_args_is_help=True)
def stages_group() -> None:
    """List and describe stages."""


@stages_group.command("list")
@click.option("--timeout", type=SECONDS, default=10.0, show_default=True, help="Seconds that one plugin may take.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def list_command(ctx: click.Context, timeout: float, *, as_json: bool) -> None:
    """List every stage that can be used, with what it does.

    Stages of plugins are asked in child processes: one that crashes or does not answer is listed with its problem.
    """
    from crucible_core.cli.stage_list import stage_list
    from crucible_core.plugins.errors import PluginProblemError
    from crucible_core.plugins.inventory import take_inventory
    from crucible_core.plugins.registry import bad_records

    inventory = take_inventory(current_settings(ctx))
    rows, found = stage_list(inventory, timeout)
    if as_json:
        print_json({"schema_version": "1.0", "stages": rows, "notes": list(found.notes)})
    else:
        table = [(row["name"], row["distribution"], row["version"] or "", _what(row)) for row in rows]
        print_table(("Stage", "From", "Version", "What it does"), table)
        print_notes(found.notes)
    bad = bad_records(found.records) if inventory.settings.strict else ()
    if bad and not as_json:  # a second document would follow the first
        raise PluginProblemError(bad)
    ctx.exit(PluginProblemError.exit_code if bad else 0)


def _what(row: Mapping[str, Any]) -> str:
    return f"does not work: {row['problem']}" if row["problem"] else str(row["description"])


@stages_group.command("describe", no_args_is_help=True)
@click.argument("name", shell_complete=stage_names)
@click.option("-o", "--option", "options", multiple=True, metavar="OPTION=VALUE", help="Describe it with this option.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, as in docs/schemas/stage_description.schema.json.")
@click.pass_context
def describe_command(ctx: click.Context, name: str, options: tuple[str, ...], *, as_json: bool) -> None:
    """Describe the stage NAME: its options, what it reads and writes, and how it fails."""
    from crucible_core.ir.errors import CrucibleError
    from crucible_core.pipeline.loading import inspected

    registry = registry_for(ctx)
    ref = registry.resolve(name)
    loaded = inspected(ref, registry.load(ref), limit=registry.limit(ref))
    if loaded.failure is not None:
        raise CrucibleError(loaded.failure[1], hint=loaded.failure[2])
    description = loaded.description
    given = parse_options(options)
    if given:
        description = _with_options(loaded, given)
    document = description.to_dict()
    document["extensions"] = {**document["extensions"], **registry.extensions(ref, document)}
    if as_json:
        print_json(document)
    else:
        _show(loaded, description, document)


def _with_options(loaded: Loaded, given: dict[str, Any]) -> StageDescription:
    """Return what a stage says of itself with some of its options.

    Raises:
        CrucibleError: It has no such option, or not with such a value, or cannot describe itself with them.
    """
    from crucible_core.ir.errors import CrucibleError
    from crucible_core.pipeline.loading import why_not
    from crucible_core.pipeline.options import OptionMode, checked

    _, problems = checked(loaded.description, loaded.model, given, OptionMode.ERROR)
    wrong = [problem for problem in problems if problem.option in given]
    if wrong:
        raise CrucibleError("; ".join(problem.message for problem in wrong), hint=wrong[0].hint)
    values = {**loaded.description.options.defaults, **given}
    try:
        return loaded.describe(values).filled(values)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise CrucibleError(f"describe(options) failed: {why_not(error)}") from error


def _show(loaded: Loaded, about: StageDescription, document: dict[str, Any]) -> None:
    click.echo(f"{about.name} {about.version}  from {loaded.ref.distribution or loaded.ref.value}\n")
    click.echo(f"{about.description}\n")
    if about.options.names:
        properties = document["options_schema"].get("properties", {})
        print_table(
            ("Option", "Type", "Default", "What it is"),
            [_option_row(about, name, properties) for name in about.options.names],
        )
        click.echo()
    for label, paths in (
        ("reads", about.reads),
        ("may read", about.may_read),
        ("writes", about.writes),
        ("may write", about.may_write),
        ("ephemeral", about.ephemeral),
        ("pickled", about.pickled),
    ):
        if paths:
            click.echo(f"{label:<10} {', '.join(paths)}")
    if about.section:
        click.echo(f"{'section':<10} {about.section} (its fields fill options not given)")
    if about.traits.weak:
        click.echo(f"{'traits':<10} {', '.join(about.traits.weak)}")
    for code, meaning in about.errors.items():
        click.echo(f"{'error':<10} {code}: {meaning}")
    for distribution, facts in document["extensions"].items():
        for line in _facts(facts):
            click.echo(f"{'extension':<10} {distribution}: {line}")


def _facts(facts: Any) -> Iterator[str]:
    """Yield what a plugin adds to a description, a line for each fact."""
    from crucible_core.contract.json_values import as_text

    if not isinstance(facts, Mapping):
        yield as_text(facts)
        return
    for name, fact in facts.items():
        yield f"{name} = {fact if isinstance(fact, str) else as_text(fact)}"


def _option_row(about: StageDescription, name: str, properties: dict[str, Any]) -> tuple[str, str, str, str]:
    from crucible_core.contract.json_values import as_text
    from crucible_core.contract.type_words import in_words

    default = "required" if name in about.options.required else as_text(about.options.defaults.get(name))
    meaning = properties.get(name, {}).get("description", "").replace("``", "`")  # the markup of docstrings
    return name, in_words(about.options.types[name]), default, meaning
