"""What to type about a plugin that does not work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_core.plugins.problems import ProblemKind
from crucible_core.plugins.record import CORE, Status

if TYPE_CHECKING:
    from crucible_core.plugins.problems import LoadProblem
    from crucible_core.plugins.record import PluginRecord

__all__ = ["fix_for", "next_command_for", "reinstall"]
_CORE_AGAIN = "pip install --force-reinstall .   # in a checkout of Crucible"
_ENTRY_POINT = "correct the entry point in its pyproject.toml and install it again"
_MEND = {
    ProblemKind.ATTRIBUTE_MISSING: _ENTRY_POINT,
    ProblemKind.NOT_A_STAGE: _ENTRY_POINT,
    ProblemKind.NOT_A_COMMAND: _ENTRY_POINT,
    ProblemKind.WRONG_NAME: "give the class and its entry point the same name",
    ProblemKind.HANGS: "give it more time with --timeout, or correct its code",
    ProblemKind.EXITS: "take the exit out of its code",
    ProblemKind.BAD_HOOKS: "correct its hook module",
    ProblemKind.BAD_DESCRIPTION: "correct what describe() returns",
}


def fix_for(problem: LoadProblem, record: PluginRecord | None) -> str:
    """Return what to do about a problem; ``record`` is None for what belongs to the core."""
    if record is None:
        return f"this is part of Crucible: {_CORE_AGAIN}, or report the defect"
    off = f"or switch it off: crucible plugins disable {record.name}"
    if problem.kind is ProblemKind.MODULE_MISSING:
        return f"reinstall it: {reinstall(record)}, {off}"
    if problem.kind is ProblemKind.DEPENDENCY_MISSING:
        return (
            f"install what provides {problem.missing!r}, or reinstall it with what it needs: {reinstall(record)}, {off}"
        )
    return f"{_MEND.get(problem.kind, 'correct its code, or install a release that works')}, {off}"


def reinstall(record: PluginRecord) -> str:
    """Return the command that installs a plugin again, from where it came or from what the catalogue knows."""
    from crucible_core.plugins.catalogue import source_of
    from crucible_core.plugins.origin import requirement_line

    if record.distribution == CORE:
        return _CORE_AGAIN
    known = None if record.source else source_of(record.distribution)
    return known or f"pip install --force-reinstall {_argument(requirement_line(record))}"


def _argument(line: str) -> str:
    """Quote a line of a requirements file for the shell; that of an editable install is quoted already."""
    from shlex import quote

    return line if line.startswith("-e ") else quote(line)


def next_command_for(record: PluginRecord, problem: LoadProblem | None) -> str:
    """Return the one command that gets a user of this plugin further."""
    if problem is not None and problem.kind in (ProblemKind.MODULE_MISSING, ProblemKind.DEPENDENCY_MISSING):
        return reinstall(record)
    if record.status is Status.DISABLED:
        return record.fix
    return f"crucible plugins disable {record.name}"
