"""Find commands of plugins whose names somebody else has."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from crucible_core.plugins.builtin import BUILTIN_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crucible_core.plugins.record import PluginRecord

__all__ = ["CommandClash", "command_clashes"]


class CommandClash(NamedTuple):
    """A command of a plugin whose name another one has, too.

    Attributes:
        reason: Who offers it, and whose it is.
        fix: What to type.
    """

    reason: str
    fix: str


def command_clashes(records: Iterable[PluginRecord]) -> Mapping[str, tuple[CommandClash, ...]]:
    """Return the clashes of each distribution that has any; one that is never invoked is its plugin's alone."""
    clashes: dict[str, list[CommandClash]] = defaultdict(list)
    for name, rivals in sorted(_offers(records).items()):
        if name in BUILTIN_COMMANDS:
            for record in rivals:
                clashes[record.distribution].append(_hidden(name, record))
        elif len(rivals) > 1:
            for record in rivals:
                clashes[record.distribution].append(_shared(name, rivals))
    return {distribution: tuple(found) for distribution, found in clashes.items()}


def _offers(records: Iterable[PluginRecord]) -> Mapping[str, list[PluginRecord]]:
    offers: dict[str, list[PluginRecord]] = defaultdict(list)
    for record in records:
        for name in _enabled(record) if record.commands and record.usable else ():
            offers[name].append(record)
    return offers


def _enabled(record: PluginRecord) -> Iterator[str]:
    off = {name for name, _ in record.blocked}
    yield from dict.fromkeys(name for name, _ in record.commands if name not in off)


def _hidden(name: str, record: PluginRecord) -> CommandClash:
    reason = f"its command {name!r} cannot be invoked: `crucible {name}` is built in"
    off = f"crucible plugins disable {record.distribution}:{name}"
    return CommandClash(reason, f"give it another name, or switch it off: {off}" if record.editable else off)


def _shared(name: str, rivals: list[PluginRecord]) -> CommandClash:
    """Say whose the command is: that of the plugin that sorts first."""
    offers = " and ".join(f"{record.name} {record.version}" for record in rivals)
    reason = f"the command {name!r} is offered by {offers}; `crucible {name}` is that of {rivals[0].name}"
    commands = (f"crucible plugins disable {record.distribution}:{name}" for record in rivals)
    return CommandClash(reason, f"switch off all but one: {' or '.join(commands)}")
