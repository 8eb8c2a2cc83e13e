"""Decide which distribution each stage name stands for, and mark the plugins that contend for a name."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from crucible_core.plugins.command_conflicts import CommandClash, command_clashes
from crucible_core.plugins.names import normalise
from crucible_core.plugins.record import CORE, StageRef, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crucible_core.plugins.levels import Settings
    from crucible_core.plugins.record import PluginRecord

__all__ = ["Clash", "StageNames", "mark_conflicts", "resolve_names"]


class Clash(NamedTuple):
    """A stage name that several distributions offer and nobody chose between.

    Attributes:
        name: The contested name.
        offers: Who offers it, sorted by distribution.
        winner: Who has the name anyway: the core, for its built-in stages.
        note: Why a choice in the settings does not apply; may be empty.
    """

    name: str
    offers: tuple[StageRef, ...]
    winner: StageRef | None = None
    note: str = ""

    @property
    def reason(self) -> str:
        """Who offers it."""
        offers = " and ".join(f"{ref.distribution} {ref.version}" for ref in self.offers)
        kept = f"; the name stays with {self.winner.distribution}" if self.winner else ""
        return f"the stage {self.name!r} is offered by {offers}{kept}{self.note}"

    @property
    def fix(self) -> str:
        """How to say which one is meant."""
        names = " or ".join(f"'{ref.qualified}'" for ref in self.offers)
        chosen = next(ref for ref in self.offers if ref is not self.winner).distribution
        return f'write {names}, or choose for good in crucible.toml: [plugins.stages] {self.name} = "{chosen}"'


class StageNames(NamedTuple):
    """What stage names stand for.

    Attributes:
        plain: Stage of each uncontested (or decided) name, sorted.
        qualified: Stage of each ``distribution:name``.
        clashes: The contested names.
    """

    plain: Mapping[str, StageRef]
    qualified: Mapping[str, StageRef]
    clashes: Mapping[str, Clash]

    def addressable(self) -> tuple[StageRef, ...]:
        """Return every stage that has a name, sorted; contested ones once per distribution."""
        refs = [*self.plain.values(), *(ref for one in self.clashes.values() for ref in one.offers)]
        return tuple(sorted(set(refs), key=lambda ref: (ref.name, ref.distribution or "")))


def resolve_names(refs: Iterable[StageRef], settings: Settings) -> StageNames:
    """Give each stage name to one distribution, or say that it is contested.

    A built-in stage keeps its name unless ``[plugins.stages]`` gives it to somebody else.
    """
    offers: dict[str, list[StageRef]] = defaultdict(list)
    for ref in sorted(refs, key=lambda ref: (ref.name, ref.distribution or "")):
        offers[ref.name].append(ref)
    plain: dict[str, StageRef] = {}
    clashes: dict[str, Clash] = {}
    for name, rivals in offers.items():
        winner, clash = _decide(name, rivals, settings)
        if winner:
            plain[name] = winner
        if clash:
            clashes[name] = clash
    qualified = {ref.qualified: ref for rivals in offers.values() for ref in rivals}
    return StageNames(plain, qualified, clashes)


def _decide(name: str, rivals: list[StageRef], settings: Settings) -> tuple[StageRef | None, Clash | None]:
    if len(rivals) == 1:
        return rivals[0], None
    note, choice = "", settings.choice(name)
    if choice is not None:
        wanted = normalise(choice.distribution)
        chosen = next((ref for ref in rivals if ref.distribution == wanted), None)
        if chosen is not None:
            return chosen, None
        note = f" ({choice.source} chooses {choice.distribution!r}, which does not offer it)"
    builtin = next((ref for ref in rivals if ref.distribution == CORE), None)
    return builtin, Clash(name, tuple(rivals), builtin, note)


def mark_conflicts(records: Iterable[PluginRecord], names: StageNames) -> tuple[PluginRecord, ...]:
    """Mark the usable records that offer a contested stage or command; the rest of what they offer stays usable."""
    records = tuple(records)
    commands = command_clashes(records)
    if not names.clashes and not commands:
        return records
    return tuple(_marked(record, names, commands.get(record.distribution, ())) for record in records)


def _marked(record: PluginRecord, names: StageNames, commands: tuple[CommandClash, ...]) -> PluginRecord:
    contested = [
        clash
        for clash in names.clashes.values()
        if any(ref.distribution == record.distribution for ref in clash.offers)
    ]
    clashes: list[Clash | CommandClash] = [*contested, *commands]
    if not record.usable or not clashes:
        return record
    return record._replace(
        status=Status.CONFLICT,
        reason="; ".join(clash.reason for clash in clashes),
        fix="; ".join(clash.fix for clash in clashes),
        contested=tuple(clash.name for clash in contested),
    )
