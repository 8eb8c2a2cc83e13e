"""Decide from metadata whether a plugin admits the running core."""

from __future__ import annotations

import functools
import operator
import re
from typing import TYPE_CHECKING

from crucible_core.plugins.advice import or_switch_off
from crucible_core.plugins.record import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crucible_core.plugins.record import PluginRecord

__all__ = ["check_compatibility"]

UNDECLARED = "it declares no requirement on crucible-core, so nothing says which versions it works with"

_RELEASE = re.compile(r"[0-9]+(\.[0-9]+)*")
_CLAUSE = re.compile(r"(>=|<=|==|!=|<|>)([0-9]+(?:\.[0-9]+)*)")
_COMPARE = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_SIMPLE = re.compile(r"[\w.-]+\s*\(?([^;@\[\]()]*)\)?\s*")


def check_compatibility(records: Iterable[PluginRecord], core_version: str) -> tuple[PluginRecord, ...]:
    """Mark the available records that do not admit the running version of the core; a disabled one stays so.

    A requirement's environment marker is evaluated, and pre-releases of the core count. A plugin that
    declares no requirement stays available, with a note.
    """
    return tuple(record if record.status is Status.BROKEN else _checked(record, core_version) for record in records)


def _checked(record: PluginRecord, core_version: str) -> PluginRecord:
    available = record.status is Status.AVAILABLE
    try:
        wanted = [specifier for line in record.requirements if (specifier := _specifier(line)) is not None]
        admitted = all(_admits(specifier, core_version) for specifier in wanted)
    except ValueError as error:  # packaging's InvalidRequirement and InvalidSpecifier are
        return _unreadable(record, error) if available else record
    record = record._replace(requires_core=",".join(filter(None, wanted)))
    if available and not wanted:
        return record._replace(reason="; ".join(filter(None, (record.reason, UNDECLARED))))
    return record if admitted or not available else _incompatible(record, core_version)


@functools.cache
def _specifier(line: str) -> str | None:
    """Return the versions a requirement on the core admits; None when it does not hold in this environment."""
    simple = _SIMPLE.fullmatch(line)
    if simple:
        return "".join(simple[1].split())
    from packaging.requirements import Requirement  # dear to import, and few plugins need it

    requirement = Requirement(line)
    holds = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    return str(requirement.specifier) if holds else None


@functools.cache
def _admits(specifier: str, core_version: str) -> bool:
    plain = _admits_plainly(specifier, core_version)
    if plain is not None:
        return plain
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(specifier).contains(core_version, prereleases=True)


def _admits_plainly(specifier: str, core_version: str) -> bool | None:
    """Compare final releases as PEP 440 does; None where anything less plain is involved.

    This spares nearly every start the import of packaging.specifiers, a tenth of the whole.
    """
    clauses = [_CLAUSE.fullmatch(clause) for clause in specifier.split(",") if clause]
    if not _RELEASE.fullmatch(core_version) or not all(clauses):
        return None
    running = _release(core_version)
    return all(_COMPARE[clause[1]](running, _release(clause[2])) for clause in clauses if clause)


def _release(version: str) -> tuple[int, ...]:
    """Return the numbers of a release without trailing zeros, which do not count: 1.0 is 1."""
    numbers = [int(number) for number in version.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _unreadable(record: PluginRecord, error: ValueError) -> PluginRecord:
    return record._replace(
        status=Status.BROKEN,
        reason=f"its requirement on crucible-core cannot be read: {str(error).splitlines()[0]}",
        fix=f"correct its pyproject.toml and install it again{or_switch_off(record)}",
    )


def _incompatible(record: PluginRecord, core_version: str) -> PluginRecord:
    mend = (
        "correct the requirement in its pyproject.toml and install it again"
        if record.editable
        else f"install a release of {record.name} that admits crucible-core {core_version}"
    )
    return record._replace(
        status=Status.INCOMPATIBLE,
        reason=f"it requires crucible-core {record.requires_core} (has {core_version})",
        fix=f"{mend}{or_switch_off(record)}",
    )
