"""``crucible schema``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crucible_core.cli.complete import schema_kinds
from crucible_core.cli.session import SECONDS, inventory_for


@click.command("schema")
@click.argument("kind", default="spec", shell_complete=schema_kinds)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write a file instead of printing.")
@click.option("--timeout", type=SECONDS, default=10.0, show_default=True, help="Seconds that one plugin may take.")
@click.pass_context
def schema_command(ctx: click.Context, kind: str, output: Path | None, timeout: float) -> None:
    """Write the JSON Schema of KIND: spec (the default), run_manifest, telemetry_event, stage_description, ...

    The schema of spec files holds the options of every installed stage, so that an editor completes and checks a
    spec: put `# yaml-language-server: $schema=FILE` on its first line. Plugins are asked in child processes: of
    one that crashes or does not answer the options are left open.
    """
    import json

    from crucible_core.runs.atomic import atomic_write

    text = json.dumps(_document(ctx, kind, timeout), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        atomic_write(output, text.encode())
    except OSError as error:
        raise click.BadParameter(f"cannot write {output}: {error.strerror or error}", param_hint="--output") from None
    click.echo(f"wrote {output}", err=True)


def _document(ctx: click.Context, kind: str, timeout: float) -> dict[str, Any]:
    from crucible_core.cli.installed_stages import installed_stages
    from crucible_core.schemas.published import published_schemas, schema_document
    from crucible_core.schemas.spec import spec_schema

    schemas = published_schemas()
    if kind not in schemas:
        raise click.BadParameter(f"no schema {kind!r}; there are: {', '.join(schemas)}", param_hint="KIND")
    if kind != "spec":
        return schema_document(schemas[kind])
    stages = tuple(installed_stages(inventory_for(ctx), timeout))
    return schema_document(lambda: spec_schema(stages))
