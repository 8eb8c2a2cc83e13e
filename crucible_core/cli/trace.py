"""``crucible trace``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crucible_core.cli.complete import event_names, run_names, stage_ids
from crucible_core.cli.json_errors import JsonErrorsCommand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_core.trace.event import Event


@click.command("trace", cls=JsonErrorsCommand, no_args_is_help=True)
@click.argument("run", shell_complete=run_names)
@click.option("--output-dir", type=click.Path(path_type=Path), help="Where runs lie.  [default: artifacts/crucible]")
@click.option("--reasoning", is_flag=True, help="Only events that say why something was done.")
@click.option(
    "--stage", "stages", multiple=True, metavar="ID", shell_complete=stage_ids, help="Only events of this stage."
)
@click.option(
    "--event",
    "names",
    multiple=True,
    metavar="NAME",
    shell_complete=event_names,
    help="Only events of this name.",
)
@click.option("--grep", metavar="TEXT", help="Only events that say this, whatever its case.")
@click.option("--tree", "shape", flag_value="tree", help="Group the events under their stages.")
@click.option("--mermaid", "shape", flag_value="mermaid", help="Print a Mermaid flowchart.")
@click.option("--json", "shape", flag_value="json", help="Print the events as JSON lines.")
def trace_command(
    run: str,
    output_dir: Path | None,
    stages: tuple[str, ...],
    names: tuple[str, ...],
    grep: str | None,
    shape: str | None,
    *,
    reasoning: bool,
) -> None:
    """Show the events of RUN: a run directory, a run id or the beginning of one, or 'latest'."""
    from crucible_core.runs import find_run
    from crucible_core.trace.jsonl import read_events
    from crucible_core.trace.reasoning import is_reasoning, summary_of

    def wanted(event: Event) -> bool:
        return (
            (not reasoning or is_reasoning(event))
            and (not stages or event.stage in stages)
            and (not names or event.event_name in names)
            and (not grep or grep.lower() in summary_of(event).lower())
        )

    seen = _Overview()
    count = 0
    for line in _lines(filter(wanted, seen.watched(read_events(find_run(run, output_dir).journal))), shape):
        click.echo(line)
        count += 1
    if not count:
        click.echo(f"no event of this run matches; it has {seen}", err=True)
    if seen.interrupted:
        click.echo("this run was interrupted: it did not end, and its process is gone", err=True)


@dataclass
class _Overview:
    """What the events of a run that went by have shown."""

    stages: dict[str, None] = field(default_factory=dict)
    names: dict[str, None] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=lambda: {"status": "succeeded"})

    def watched(self, events: Iterator[Event]) -> Iterator[Event]:
        """Yield the events, taking note of each."""
        for event in events:
            self.names.setdefault(event.event_name)
            if event.stage is not None:
                self.stages.setdefault(event.stage)
            if event.event_name == "run_start":
                self.manifest = {**event.payload["manifest"], "status": "running"}
            elif event.event_name == "run_stop":
                self.manifest["status"] = event.payload["status"]
            yield event

    @property
    def interrupted(self) -> bool:
        """Whether the run can no longer end."""
        from crucible_core.runs import observed_status

        return observed_status(self.manifest) == "interrupted"

    def __str__(self) -> str:
        return f"the stages {', '.join(self.stages) or '(none)'} and the events {', '.join(self.names) or '(none)'}"


def _lines(events: Iterator[Event], shape: str | None) -> Iterator[str]:
    from crucible_core.contract.json_values import as_text
    from crucible_core.trace.reasoning import as_lines, as_mermaid, as_tree

    if shape == "json":
        return (as_text(event.to_dict()) for event in events)
    return {"tree": as_tree, "mermaid": as_mermaid}.get(shape or "", as_lines)(events)
