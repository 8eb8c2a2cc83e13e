"""What can be tried of a plugin in a child process, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from crucible_core.plugins.problems import LoadProblem, ProblemKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crucible_core.plugins.record import PluginRecord

__all__ = ["ProbeEntry", "ProbeResult", "StageFacts", "entries_of", "with_offers"]


class ProbeEntry(NamedTuple):
    """One thing to try.

    Attributes:
        kind: ``stage``, ``hooks`` or ``command``, from entry points; ``computed`` (a stage that the hook module makes)
            ``observer`` (its ``crucible_trace_event``) or ``codec``, which trying a hook module brings to light.
        name: The name of the entry point, of the stage or of the codec.
        value: Where it is: ``module:attribute``, or the hook module.
    """

    kind: str
    name: str
    value: str

    @property
    def module(self) -> str:
        """The module it is in."""
        return self.value.partition(":")[0]

    @property
    def label(self) -> str:
        """How a person would call it: ``stage bench``."""
        return f"{'stage' if self.kind == 'computed' else self.kind} {self.name}"


class StageFacts(NamedTuple):
    """What a stage says of itself, as far as a list shows it.

    Attributes:
        version: Its version.
        description: What it does, in a line.
        weak: Its traits that are weaker than the default, each with its reason.
    """

    version: str
    description: str
    weak: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What came of one entry.

    Attributes:
        entry: What was tried.
        problem: What went wrong, or None.
        warning: What a user should know although it works; may be empty.
        output: What it printed meanwhile.
        facts: What a stage that works says of itself.
        offers: What else there is to try, which a hook module brought to light.
    """

    entry: ProbeEntry
    problem: LoadProblem | None = None
    warning: str = ""
    output: str = ""
    facts: StageFacts | None = None
    offers: tuple[ProbeEntry, ...] = ()


def entries_of(record: PluginRecord) -> tuple[ProbeEntry, ...]:
    """Return what there is to try of a plugin, hooks first; nothing that is switched off."""
    if not record.usable:
        return ()
    hooks = [ProbeEntry("hooks", record.hook_name or "", record.hook_module)] if record.hook_module else []
    off = {name for name, _ in record.blocked}
    commands = [ProbeEntry("command", name, value) for name, value in record.commands if name not in off]
    return (*hooks, *(ProbeEntry("stage", ref.name, ref.value) for ref in record.enabled_stages), *commands)


def with_offers(entries: Iterable[ProbeEntry], results: Mapping[ProbeEntry, ProbeResult]) -> list[ProbeEntry]:
    """Return the entries, and after them what trying them brought to light."""
    found = list(dict.fromkeys(entries))
    for entry in found:  # grows meanwhile; offers themselves offer nothing
        offers = results[entry].offers if entry in results else ()
        found += [offer for offer in offers if offer not in found]
    return found


def result_from(entry: ProbeEntry, said: Mapping[str, Any], output: str) -> ProbeResult:
    """Read the line that a child wrote about an entry."""
    problem, facts = said["problem"], said["facts"]
    return ProbeResult(
        entry,
        LoadProblem(**{**problem, "kind": ProblemKind(problem["kind"])}) if problem else None,
        said["warning"],
        output,
        StageFacts(facts["version"], facts["description"], tuple(map(tuple, facts["weak"]))) if facts else None,
        tuple(ProbeEntry(*offer) for offer in said["offers"]),
    )
