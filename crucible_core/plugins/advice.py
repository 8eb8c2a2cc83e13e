"""What to type about a plugin that does not work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_core.plugins.problems import ProblemKind
from crucible_core.plugins.record import BAD, CORE, Status

if TYPE_CHECKING:
    from crucible_core.plugins.problems import LoadProblem
    from crucible_core.plugins.record import PluginRecord

__all__ = ["fix_for", "next_step_for", "or_switch_off", "reinstall"]
_CORE_AGAIN = "pip install --force-reinstall .   # in a checkout of Crucible"
_ENTRY_POINT = "correct the entry point in its pyproject.toml and install it again"
_MEND = {
    ProblemKind.ATTRIBUTE_MISSING: _ENTRY_POINT,
    ProblemKind.NOT_A_STAGE: _ENTRY_POINT,
    ProblemKind.NOT_A_CODEC: "correct the codec, or its reference in the hook module",
    ProblemKind.NOT_A_COMMAND: _ENTRY_POINT,
    ProblemKind.WRONG_NAME: "give the class and its entry point the same name",
    ProblemKind.HANGS: "give it more time (--timeout, or CRUCIBLE_PLUGIN_TIMEOUT for a run), or correct its code",
    ProblemKind.EXITS: "take the exit out of its code",
    ProblemKind.BAD_HOOKS: "correct its hook module",
    ProblemKind.BAD_DESCRIPTION: "correct what describe() returns",
}
_MISSING = (ProblemKind.MODULE_MISSING, ProblemKind.DEPENDENCY_MISSING)


def fix_for(problem: LoadProblem, record: PluginRecord | None) -> str:
    """Return what to do about a problem; ``record`` is None for what belongs to the core."""
    if record is None:
        return f"this is part of Crucible: {_CORE_AGAIN}, or report the defect"
    return f"{_mend(problem, record)}{or_switch_off(record)}"


def or_switch_off(record: PluginRecord) -> str:
    """Return the end of an advice; nobody who writes a plugin wants to hear that it can be switched off."""
    return "" if record.editable else f", or switch it off: crucible plugins disable {record.name}"


def _mend(problem: LoadProblem, record: PluginRecord) -> str:
    if problem.kind is ProblemKind.MODULE_MISSING:
        return f"reinstall it: {reinstall(record)}"
    if problem.kind is ProblemKind.DEPENDENCY_MISSING:
        return f"install what provides {problem.missing!r}, or reinstall it with what it needs: {reinstall(record)}"
    if problem.kind in _MEND:
        return _MEND[problem.kind]
    return "correct its code" if record.editable else "correct its code, or install a release that works"


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


def next_step_for(record: PluginRecord, problem: LoadProblem | None) -> str:
    """Return what gets a user of this plugin further: a command, or what to correct; empty when all is well."""
    if record.distribution == CORE:
        return _CORE_AGAIN if problem else ""
    if problem is not None and problem.kind in _MISSING:
        return reinstall(record)
    if problem is not None and record.editable:
        return f"correct {problem.place}" if problem.place else _mend(problem, record)
    if problem is None and record.status in (Status.DISABLED, Status.CONFLICT):
        return record.fix
    if problem is None and record.status not in BAD:
        return ""
    return record.fix if record.editable else f"crucible plugins disable {record.name}"
