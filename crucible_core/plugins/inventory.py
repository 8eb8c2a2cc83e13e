"""Everything known of the installed plugins without importing any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crucible_core.plugins.builtin import builtin_stages
from crucible_core.plugins.compatibility import check_compatibility
from crucible_core.plugins.conflicts import mark_conflicts, resolve_names
from crucible_core.plugins.discover import discover
from crucible_core.plugins.filter import apply_settings, unknown_names
from crucible_core.plugins.names import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crucible_core.plugins.conflicts import StageNames
    from crucible_core.plugins.levels import Settings
    from crucible_core.plugins.record import PluginRecord

__all__ = ["Inventory", "take_inventory"]


class Inventory(NamedTuple):
    """The result of discover, filter, compatibility and conflicts.

    Attributes:
        records: One for each plugin, sorted by distribution.
        names: What stage names stand for, from the built-in table and entry points.
        notes: What the user should know about the settings.
        settings: What decided.
    """

    records: tuple[PluginRecord, ...]
    names: StageNames
    notes: tuple[str, ...]
    settings: Settings

    def find(self, name: str) -> PluginRecord | None:
        """Return the plugin known by a name; a distribution's or hook's name counts before a stage's."""
        wanted = normalise(name)
        for known in (lambda record: (record.distribution, record.hook_name or ""), lambda record: record.known_as):
            for record in self.records:
                if wanted in map(normalise, known(record)):
                    return record
        return None


def take_inventory(
    settings: Settings, *, path: Iterable[str] | None = None, core_version: str | None = None
) -> Inventory:
    """Take stock of the plugins on a module search path (``sys.path`` when None)."""
    from crucible_core import __version__

    records = apply_settings(discover(path), settings)
    records = check_compatibility(records, core_version or __version__)
    offered = [ref for record in records for ref in record.enabled_stages]
    names = resolve_names([*builtin_stages(), *offered], settings)
    notes = (*settings.problems, *unknown_names(records, settings))
    return Inventory(mark_conflicts(records, names), names, notes, settings)
