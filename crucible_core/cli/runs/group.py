"""The group ``crucible runs``: where each of its commands lives."""

from __future__ import annotations

import click

from crucible_core.cli.lazy_group import LazyGroup

_HERE = "crucible_core.cli.runs"
_COMMANDS = {
    "list": (f"{_HERE}.listing:list_command", "List runs, newest first."),
    "show": (f"{_HERE}.show:show_command", "Show what became of a run, its stages in time."),
    "compare": (f"{_HERE}.compare:compare_command", "Show what differs between runs."),
    "verify": (f"{_HERE}.verify:verify_command", "Check that a run is still what was recorded."),
    "lineage": (f"{_HERE}.lineage:lineage_command", "Show what the results of a run came of."),
    "export": (f"{_HERE}.export:export_command", "Write a run into one file."),
    "import": (f"{_HERE}.import_archive:import_command", "Take a run in that was exported elsewhere."),
    "tag": (f"{_HERE}.tag:tag_command", "Add tags to runs, or take them away."),
    "reindex": (f"{_HERE}.reindex:reindex_command", "Make the index again from the run directories."),
}


@click.group("runs", cls=LazyGroup, lazy=_COMMANDS)
def runs_group() -> None:
    """Find runs and what became of them."""
