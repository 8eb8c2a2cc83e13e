"""What the names of stages stand for once hook modules were asked for theirs, in child processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_core.plugins.builtin import builtin_stages
from crucible_core.plugins.conflicts import resolve_names
from crucible_core.plugins.record import StageRef

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crucible_core.plugins.conflicts import StageNames
    from crucible_core.plugins.inventory import Inventory
    from crucible_core.plugins.probe_entry import ProbeResult
    from crucible_core.plugins.record import PluginRecord

__all__ = ["STAGE_KINDS", "Answers", "all_names"]

STAGE_KINDS = ("stage", "computed")
"""The kinds of entries that are stages."""

Answers = dict[str, tuple["ProbeResult", ...]]
"""What came of each entry of a plugin, by distribution."""


def all_names(inventory: Inventory, answers: Answers) -> StageNames:
    """Return what stage names stand for, from the built-in table, entry points and hook modules."""
    computed = [ref for record in inventory.records for ref in _computed(record, answers)]
    listed = [ref for record in inventory.records for ref in record.enabled_stages]
    return resolve_names([*builtin_stages(), *listed, *computed], inventory.settings)


def _computed(record: PluginRecord, answers: Mapping[str, tuple[ProbeResult, ...]]) -> Iterator[StageRef]:
    """Yield the stages that a plugin's hook module offers."""
    for result in answers.get(record.distribution, ()):
        for offer in result.offers:
            if offer.kind in STAGE_KINDS:
                value = offer.value if offer.kind == "stage" else ""
                yield StageRef(offer.name, value, record.distribution, record.version)
