"""Decide from metadata whether a plugin admits the running core."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crucible_core.plugins.record import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.requirements import Requirement

    from crucible_core.plugins.record import PluginRecord

__all__ = ["check_compatibility"]

UNDECLARED = "it declares no requirement on crucible-core, so nothing says which versions it works with"


def check_compatibility(records: Iterable[PluginRecord], core_version: str) -> tuple[PluginRecord, ...]:
    """Mark the available records that do not admit the running version of the core.

    A requirement's environment marker is evaluated, and pre-releases of the core count. A plugin that
    declares no requirement stays available, with a note.
    """
    return tuple(_checked(record, core_version) if record.status is Status.AVAILABLE else record for record in records)


def _checked(record: PluginRecord, core_version: str) -> PluginRecord:
    try:
        requirements = _applicable(record)
    except ValueError as error:  # packaging's InvalidRequirement is one
        fix = f"report this to the authors of {record.name}, or: crucible plugins disable {record.name}"
        reason = f"its requirement on crucible-core cannot be read: {str(error).splitlines()[0]}"
        return replace(record, status=Status.BROKEN, reason=reason, fix=fix)
    if not requirements:
        return replace(record, reason=UNDECLARED)
    wanted = ",".join(sorted(str(requirement.specifier) for requirement in requirements if requirement.specifier))
    record = replace(record, requires_core=wanted)
    if all(requirement.specifier.contains(core_version, prereleases=True) for requirement in requirements):
        return record
    return _incompatible(record, wanted, core_version)


def _applicable(record: PluginRecord) -> list[Requirement]:
    """Return the requirements on the core that hold in this environment, extras aside."""
    if not record.requirements:
        return []
    from packaging.requirements import Requirement

    parsed = [Requirement(line) for line in record.requirements]
    return [one for one in parsed if one.marker is None or one.marker.evaluate({"extra": ""})]


def _incompatible(record: PluginRecord, wanted: str, core_version: str) -> PluginRecord:
    return replace(
        record,
        status=Status.INCOMPATIBLE,
        reason=f"it requires crucible-core {wanted} (has {core_version})",
        fix=f"install a release of {record.name} that admits crucible-core {core_version}, "
        f"or switch it off: crucible plugins disable {record.name}",
    )
