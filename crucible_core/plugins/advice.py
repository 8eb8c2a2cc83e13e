"""What to type about a plugin that does not work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_core.plugins.problems import ProblemKind

if TYPE_CHECKING:
    from crucible_core.plugins.problems import LoadProblem
    from crucible_core.plugins.record import PluginRecord

__all__ = ["fix_for", "reinstall"]

_AUTHORS = "the fault is in its code"


def fix_for(problem: LoadProblem, record: PluginRecord | None) -> str:
    """Return what to do about a problem; ``record`` is None for what belongs to the core."""
    if record is None:
        return "this is part of Crucible: reinstall it, or report the defect"
    off = f"until then: crucible plugins disable {record.name}"
    if problem.kind is ProblemKind.MODULE_MISSING:
        return f"reinstall it: {reinstall(record)}; {off}"
    if problem.kind is ProblemKind.DEPENDENCY_MISSING:
        return (
            f"install what provides {problem.missing!r}, or reinstall it with what it needs: {reinstall(record)}; {off}"
        )
    return f"{_AUTHORS}: correct it or get a release that works; {off}"


def reinstall(record: PluginRecord) -> str:
    """Return the command that installs a plugin again, from where it came or from what the catalogue knows."""
    from crucible_core.plugins.catalogue import source_of
    from crucible_core.plugins.origin import requirement_line

    if record.source:
        return f"pip install --force-reinstall {requirement_line(record)}"
    return source_of(record.distribution) or f"pip install --force-reinstall '{requirement_line(record)}'"
