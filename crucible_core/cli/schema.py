"""``crucible schema``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crucible_core.cli.session import registry_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_core.contract.description import StageDescription
    from crucible_core.plugins.registry import Registry


@click.command("schema")
@click.argument("kind", default="spec")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write a file instead of printing.")
@click.pass_context
def schema_command(ctx: click.Context, kind: str, output: Path | None) -> None:
    """Write the JSON Schema of KIND: spec (the default), run_manifest, telemetry_event, stage_description, ...

    The schema of spec files holds the options of every installed stage, so that an editor completes and checks a
    spec: put `# yaml-language-server: $schema=FILE` on its first line.
    """
    import json

    from crucible_core.runs.atomic import atomic_write
    from crucible_core.schemas.published import published_schemas, schema_document
    from crucible_core.schemas.spec import spec_schema

    schemas = published_schemas()
    if kind not in schemas:
        raise click.BadParameter(f"no schema {kind!r}; there are: {', '.join(schemas)}", param_hint="KIND")
    make = schemas[kind] if kind != "spec" else lambda: spec_schema(_usable(registry_for(ctx)))
    text = json.dumps(schema_document(make), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        atomic_write(output, text.encode())
    except OSError as error:
        raise click.BadParameter(f"cannot write {output}: {error.strerror or error}", param_hint="--output") from None
    click.echo(f"wrote {output}", err=True)


def _usable(registry: Registry) -> Iterator[tuple[str, StageDescription]]:
    """Yield name and description of every stage that loads; say on stderr which do not."""
    from crucible_core.ir.errors import CrucibleError
    from crucible_core.pipeline.loading import inspected

    names: Any = [ref.name for ref in registry.stages()]
    for ref in registry.stages():
        name = ref.name if names.count(ref.name) == 1 else ref.qualified
        try:
            loaded = inspected(ref, registry.load(ref))
        except CrucibleError as error:
            click.echo(f"left out {name}: {error}", err=True)
            continue
        if loaded.failure is not None:
            click.echo(f"left out {name}: {loaded.failure[1]}", err=True)
        else:
            yield name, loaded.description
