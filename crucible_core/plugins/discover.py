"""Read the record of every installed plugin from its metadata, importing nothing of it."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from crucible_core.plugins.advice import or_switch_off
from crucible_core.plugins.find import find_candidates
from crucible_core.plugins.metadata import MalformedMetadataError, parse_entry_points, parse_headers
from crucible_core.plugins.record import CORE, PluginRecord, StageRef, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crucible_core.plugins.find import Candidate
    from crucible_core.plugins.metadata import EntryPoint

__all__ = ["COMMANDS", "GROUPS", "PLUGINS", "STAGES", "discover", "entry_problems", "is_stage_name", "origin_of"]

STAGES = "crucible.stages"
PLUGINS = "crucible.plugins"
COMMANDS = "crucible.commands"
GROUPS = (STAGES, PLUGINS, COMMANDS)
"""The entry point groups that make a distribution a plugin."""

_STAGE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_REFERENCE = re.compile(r"[A-Za-z_][\w.]*(:[A-Za-z_][\w.]*)?")
_NEAR_GROUP = re.compile(r"crucible[._-]?(core)?[._-]?(stage|plugin|command|hook)s?", re.IGNORECASE)
_ON_CORE = re.compile(r"crucible[-_.]+core(?![-_.\w])", re.IGNORECASE)


def discover(path: Iterable[str] | None = None) -> tuple[PluginRecord, ...]:
    """Return a record for every plugin on a module search path, sorted by name.

    Args:
        path: Directories to look in; ``sys.path`` when None.

    Returns:
        Records with status ``available`` or ``broken``. Nothing that an installed distribution contains
        makes this raise: what cannot be read is a broken record that says why.
    """
    candidates = find_candidates(sys.path if path is None else path)
    records = (_record(candidate) for candidate in candidates if candidate.name != CORE)
    return tuple(sorted((record for record in records if record), key=lambda record: record.distribution))


def _record(candidate: Candidate) -> PluginRecord | None:
    bare = PluginRecord(candidate.name, candidate.name, location=candidate.location)
    if candidate.problem:
        return _broken(bare, candidate.problem)
    try:
        entries = parse_entry_points(candidate.entry_points)
    except MalformedMetadataError as error:
        return _broken(bare, f"entry_points.txt cannot be parsed: {error}")
    if not any(entry.group in GROUPS or _NEAR_GROUP.fullmatch(entry.group) for entry in entries):
        return None
    return _with_entries(_with_metadata(bare, candidate), entries)


def _broken(record: PluginRecord, reason: str, mend: str = "install it again") -> PluginRecord:
    return record._replace(status=Status.BROKEN, reason=reason, fix=f"{mend}{or_switch_off(record)}")


def _with_metadata(record: PluginRecord, candidate: Candidate) -> PluginRecord:
    """Add what METADATA and direct_url.json say."""
    try:
        headers = parse_headers(candidate.read("METADATA", "PKG-INFO"))
        requires = headers.requires
        if not requires and record.location.endswith(".egg-info"):
            requires = candidate.requirements_txt()
    except (OSError, UnicodeDecodeError) as error:
        return _broken(record, f"its METADATA cannot be read: {error}")
    if not headers.name or not headers.version:
        return _broken(record, f"its METADATA says no {'version' if headers.name else 'name'}")
    source, editable = origin_of(candidate)
    return record._replace(
        name=headers.name,
        version=headers.version,
        requirements=tuple(line for line in requires if _ON_CORE.match(line)),
        source=source,
        editable=editable,
    )


def origin_of(candidate: Candidate) -> tuple[str | None, bool]:
    """Return the URL a distribution was installed from, if not from an index, and whether it is editable."""
    try:
        text = candidate.read("direct_url.json")
        if not text:
            return None, False
        import json

        origin = json.loads(text)
        return _installable(origin), bool(origin.get("dir_info", {}).get("editable", False))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None, False  # where it came from is a convenience for `plugins freeze`, not a condition


def _installable(origin: dict[str, Any]) -> str:
    """Return the URL as pip takes it, with the commit of a repository and the directory within it."""
    url, repository = str(origin["url"]), origin.get("vcs_info")
    if repository:
        url = f"{repository['vcs']}+{url}@{repository['commit_id']}"
    return f"{url}#subdirectory={origin['subdirectory']}" if origin.get("subdirectory") else url


def _with_entries(record: PluginRecord, entries: Sequence[EntryPoint]) -> PluginRecord:
    """Add what the entry points offer; a malformed one makes the record broken."""
    ours = sorted({(entry.group, entry.name, entry.value) for entry in entries if entry.group in GROUPS})
    stages = [(name, value) for group, name, value in ours if group == STAGES]
    hooks = [(name, value) for group, name, value in ours if group == PLUGINS]
    record = record._replace(
        stages=tuple(StageRef(name, value, record.distribution, record.version) for name, value in stages),
        hook_name=hooks[0][0] if hooks else None,
        hook_module=hooks[0][1] if hooks else None,
        commands=tuple((name, value) for group, name, value in ours if group == COMMANDS),
    )
    if record.status is Status.BROKEN:
        return record
    problem = next((what for _, what in entry_problems(entries)), None)
    return _broken(record, problem, "correct its pyproject.toml and install it again") if problem else record


def is_stage_name(name: str) -> bool:
    """Tell whether a stage may be called that: snake_case.

    >>> is_stage_name("two_groups"), is_stage_name("TwoGroups")
    (True, False)
    """
    return _STAGE_NAME.fullmatch(name) is not None


def entry_problems(entries: Iterable[EntryPoint]) -> Iterator[tuple[EntryPoint | None, str]]:
    """Yield what is wrong with a distribution's entry points: those that are malformed first, then groups and names."""
    given = tuple(entries)
    ours = sorted({entry for entry in given if entry.group in GROUPS})
    for entry in ours:
        problem = _entry_problem(*entry)
        if problem is not None:
            yield entry, problem
    for problem in (_group_problem(given), _repetition(ours)):
        if problem is not None:
            yield None, problem


def _entry_problem(group: str, name: str, value: str) -> str | None:
    """Say what is wrong with one entry point, or None."""
    entry = f"entry point '{name} = {value}' in {group}"
    if "[" in value:
        return f"{entry} names extras, which are not supported; write it without [...]"
    if not _REFERENCE.fullmatch(value.replace(" ", "")):
        return f"{entry} is not of the form module:Name"
    if group == STAGES and not is_stage_name(name):
        return f"{entry}: a stage's name is snake_case (a-z, 0-9, _)"
    if group != PLUGINS and ":" not in value:
        return f"{entry} names a module only; write module:Name"
    return None


def _group_problem(entries: Iterable[EntryPoint]) -> str | None:
    """Say which group was meant when one is nearly, but not quite, ours."""
    for entry in entries:
        match = _NEAR_GROUP.fullmatch(entry.group)
        if match and entry.group not in GROUPS:
            meant = {"stage": STAGES, "plugin": PLUGINS, "hook": PLUGINS, "command": COMMANDS}[match[2].lower()]
            return f"its entry point '{entry.name}' is in the group {entry.group!r}; the group is {meant!r}"
    return None


def _repetition(ours: Sequence[EntryPoint]) -> str | None:
    names = [entry.name for entry in ours if entry.group == STAGES]
    hooks = [entry for entry in ours if entry.group == PLUGINS]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        return f"it offers the stage {twice[0]!r} more than once in {STAGES}"
    if len(hooks) > 1:
        return f"it has {len(hooks)} entry points in {PLUGINS}; one is the most"
    return None
