"""The group ``crucible runs``: where each of its commands lives."""

from __future__ import annotations

import click

from crucible_core.cli.lazy_group import LazyGroup

_HERE = "crucible_core.cli.runs"
_COMMANDS = {
    "list": (f"{_HERE}.listing:list_command", "List runs, newest first."),
    "show": (
        f"{_HERE}.show:show_command",
        "Show what became of RUN: stages in time, metrics, verdicts, failure, files.",
    ),
    "compare": (f"{_HERE}.compare:compare_command", "Show what differs between runs, scores of items included."),
    "verify": (f"{_HERE}.verify:verify_command", "Check that RUN is still what was recorded."),
    "lineage": (f"{_HERE}.lineage:lineage_command", "Show what the results of RUN came of."),
    "export": (f"{_HERE}.export:export_command", "Write RUN into one archive."),
    "import": (f"{_HERE}.import_archive:import_command", "Take in the run that was exported into FILE."),
    "delete": (f"{_HERE}.delete:delete_command", "Delete each RUN with all of its files."),
    "gc": (f"{_HERE}.gc:gc_command", "Remove what no run needs, and runs that are too many or too old."),
    "tag": (f"{_HERE}.tag:tag_command", "Add tags to RUN, or take them away."),
    "reindex": (f"{_HERE}.reindex:reindex_command", "Make the index again from the run directories."),
}


@click.group("runs", cls=LazyGroup, lazy=_COMMANDS)
def runs_group() -> None:
    """Find runs and what became of them."""
