"""``crucible schema``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crucible_core.cli.complete import schema_kinds
from crucible_core.cli.session import registry_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_core.plugins.registry import Registry
    from crucible_core.schemas.spec import InstalledStage


@click.command("schema")
@click.argument("kind", default="spec", shell_complete=schema_kinds)
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
    make = schemas[kind] if kind != "spec" else lambda: spec_schema(tuple(_installed(registry_for(ctx))))
    text = json.dumps(schema_document(make), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        atomic_write(output, text.encode())
    except OSError as error:
        raise click.BadParameter(f"cannot write {output}: {error.strerror or error}", param_hint="--output") from None
    click.echo(f"wrote {output}", err=True)


def _installed(registry: Registry) -> Iterator[InstalledStage]:
    """Yield every stage that a spec can name; say on stderr of which the options cannot be known."""
    from crucible_core.ir.errors import CrucibleError
    from crucible_core.pipeline.loading import inspected
    from crucible_core.schemas.spec import InstalledStage

    refs = registry.stages()
    counts = Counter(ref.name for ref in refs)
    for ref in refs:
        names = (ref.name, ref.qualified) if counts[ref.name] == 1 else (ref.qualified,)
        try:
            loaded = inspected(ref, registry.load(ref))
            problem = loaded.failure[1] if loaded.failure else ""
        except CrucibleError as error:
            problem = str(error)
        if problem:
            click.echo(f"left out the options of {names[0]}: {problem}", err=True)
        yield InstalledStage(names, None if problem else loaded.description)
