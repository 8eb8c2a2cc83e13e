"""Switch plugins and stages off as the settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_core.plugins.names import near_matches, normalise
from crucible_core.plugins.record import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crucible_core.plugins.levels import Level, Settings
    from crucible_core.plugins.record import PluginRecord

__all__ = ["apply_settings", "own_names", "unknown_names"]


def apply_settings(records: Iterable[PluginRecord], settings: Settings) -> tuple[PluginRecord, ...]:
    """Mark what the settings switch off: whole plugins, or single stages and commands of them.

    A disabled plugin is ``disabled`` whatever else is wrong with it: that is how to silence it.
    """
    return tuple(_applied(record, settings) for record in records) if settings.levels else tuple(records)


def own_names(record: PluginRecord) -> tuple[str, ...]:
    """Return the names that mean the plugin as a whole: its distribution and its hook entry point."""
    return (record.distribution, *([record.hook_name] if record.hook_name else []))


def _parts(record: PluginRecord) -> list[tuple[str, tuple[str, ...]]]:
    """Return each stage and command with the names that mean it alone."""
    stages = [(ref.name, (ref.name, ref.qualified)) for ref in record.stages]
    return [*stages, *((name, (name, f"{record.distribution}:{name}")) for name, _ in record.commands)]


def _applied(record: PluginRecord, settings: Settings) -> PluginRecord:
    whole = settings.block(own_names(record))
    levels = [(name, settings.block((*own_names(record), *names))) for name, names in _parts(record)]
    blocked = tuple((name, f"switched off by {level.source}") for name, level in levels if level)
    everything = len(blocked) == len(levels) and (whole is not None or not record.hook_module)
    decisive = whole or next((level for _, level in levels if level), None)
    if decisive and everything:
        return _disabled(record, decisive)
    return record._replace(blocked=blocked, reason=record.reason or _note(blocked))


def _disabled(record: PluginRecord, level: Level) -> PluginRecord:
    return record._replace(
        status=Status.DISABLED,
        reason=f"switched off by {level.source}",
        fix=level.undo.format(name=record.name),
    )


def _note(blocked: Sequence[tuple[str, str]]) -> str:
    return "; ".join(f"{name} is {reason}" for name, reason in blocked)


def unknown_names(records: Sequence[PluginRecord], settings: Settings) -> tuple[str, ...]:
    """Return a note for each name in the settings that nothing installed is known by."""
    if not settings.levels:
        return ()
    known: dict[str, str] = {}
    for name in (name for record in records for name in record.known_as):
        known.setdefault(normalise(name), name)
    notes = []
    for level in settings.levels:
        for name in dict.fromkeys(level.named):
            if normalise(name) not in known:
                meant = near_matches(name, known.values(), limit=1)
                ending = f"; did you mean {meant[0]!r}?" if meant else ""
                notes.append(f"{level.source} names {name!r}, which nothing installed is known by{ending}")
    return tuple(notes)
