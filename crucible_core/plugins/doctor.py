"""Find out why a plugin does not work, and what to type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crucible_core.plugins.advice import fix_for, next_step_for
from crucible_core.plugins.builtin import BUILTIN_STAGES, builtin_stages
from crucible_core.plugins.children import side_by_side
from crucible_core.plugins.conflicts import mark_conflicts
from crucible_core.plugins.names import near_matches, normalise
from crucible_core.plugins.offers import STAGE_KINDS, all_names
from crucible_core.plugins.probe import DEFAULT_TIMEOUT, probe
from crucible_core.plugins.probe_entry import entries_of
from crucible_core.plugins.record import BAD, CORE, PluginRecord, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crucible_core.plugins.children import Children
    from crucible_core.plugins.inventory import Inventory
    from crucible_core.plugins.probe_entry import ProbeResult
    from crucible_core.plugins.problems import LoadProblem

__all__ = ["Diagnosis", "Finding", "diagnose", "diagnose_all", "diagnose_name", "next_step", "not_installed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of trying one entry.

    Attributes:
        entry: What was tried, as in ``stage bench``.
        problem: What went wrong, or None.
        fix: What to do about it.
        warning: What a user should know although it works; may be empty.
        output: What it printed.
        weak_traits: Weak promises of a stage, each with its reason.
    """

    entry: str
    problem: LoadProblem | None
    fix: str
    warning: str
    output: str
    weak_traits: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found out about one plugin.

    Attributes:
        name: Its name.
        version: Its version, empty when it is not installed.
        status: Its status, None when it is not installed.
        reason: Why it does not work as a whole; empty when it does.
        fix: What to do about that.
        findings: What came of each entry that was tried.
        next_step: The one thing to do next; empty when all is well.
    """

    name: str
    version: str
    status: Status | None
    reason: str
    fix: str
    findings: tuple[Finding, ...]
    next_step: str

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong; a plugin that is switched off is as its user wants it."""
        return self.status is not None and self.status not in BAD


def diagnose(
    inventory: Inventory, records: Sequence[PluginRecord], timeout: float = DEFAULT_TIMEOUT, *, check: str = ""
) -> tuple[Diagnosis, ...]:
    """Say what is wrong with some plugins; what their metadata allow is tried in child processes, several at a time.

    A plugin that is switched off, incompatible or has broken metadata is not run. Of the others only the hook modules
    are asked which stages they offer, in case those clash. Arguments as for `probe`.
    """
    chosen = {record.distribution for record in records}
    others = [one for one in inventory.records if one.usable and one.hook_module and one.distribution not in chosen]

    def ask(record: PluginRecord, children: Children) -> tuple[ProbeResult, ...]:
        entries = entries_of(record)
        if record.distribution in chosen:
            return probe(entries, timeout, check=check, children=children)
        hooks = [entry for entry in entries if entry.kind == "hooks"]
        return probe(hooks, timeout, follow=STAGE_KINDS, children=children)

    asked = [*records, *others]
    names = [record.distribution for record in asked]
    answers = dict(zip(names, side_by_side(ask, asked), strict=True))
    known = {one.distribution: one for one in mark_conflicts(inventory.records, all_names(inventory, answers))}
    return tuple(_diagnosis(known.get(one.distribution, one), answers[one.distribution]) for one in records)


def _diagnosis(record: PluginRecord, results: Sequence[ProbeResult]) -> Diagnosis:
    findings = tuple(_finding(result, record) for result in results)
    first = next((finding for finding in findings if finding.problem), None)
    status, reason, fix = record.status, record.reason, record.fix
    if first is not None and first.problem is not None:
        status, reason, fix = Status.BROKEN, f"{first.entry}: {first.problem.reason}", first.fix
    elif findings and status is Status.AVAILABLE:
        status = Status.LOADED
    step = next_step_for(record, first.problem if first else None)
    return Diagnosis(record.name, record.version, status, reason, fix, findings, step)


def _finding(result: ProbeResult, record: PluginRecord) -> Finding:
    known = None if record.distribution == CORE else record
    fix = fix_for(result.problem, known) if result.problem else ""
    weak = result.facts.weak if result.facts else ()
    return Finding(result.entry.label, result.problem, fix, result.warning, result.output, weak)


def diagnose_all(inventory: Inventory, timeout: float = DEFAULT_TIMEOUT, *, check: str = "") -> tuple[Diagnosis, ...]:
    """Diagnose every plugin, several at a time."""
    return diagnose(inventory, inventory.records, timeout, check=check)


def diagnose_name(
    inventory: Inventory, name: str, timeout: float = DEFAULT_TIMEOUT, *, check: str = ""
) -> tuple[Diagnosis, ...]:
    """Diagnose whatever is known by a name; several plugins when they offer the same stage."""
    wanted = normalise(name)
    found = [record for record in inventory.records if wanted in map(normalise, record.known_as)]
    if wanted == CORE or wanted in map(normalise, BUILTIN_STAGES):
        found.insert(0, PluginRecord(CORE, CORE, builtin_stages()[0].version or "", builtin_stages()))
    return diagnose(inventory, found, timeout, check=check) if found else (not_installed(inventory, name),)


def not_installed(inventory: Inventory, name: str) -> Diagnosis:
    """Say what may have been meant by a name that nothing installed is known by."""
    from crucible_core.plugins.catalogue import catalogue, find_entry

    entry = find_entry(name)
    if entry is not None:
        reason = f"{entry.distribution} has it: {entry.summary}"
        return _absent(name, reason, entry.command, entry.command)
    names = [known for record in inventory.records for known in record.known_as]
    names += [known for one in catalogue() for known in (one.distribution, *one.stages)]
    meant = near_matches(name, [*names, *BUILTIN_STAGES], limit=1)
    if meant:
        command = f"crucible plugins doctor {meant[0]}"
        return _absent(name, f"nothing installed is known by this name; did you mean {meant[0]!r}?", command, command)
    reason = "nothing installed is known by this name, and the catalogue knows no plugin that offers it"
    fix = "install it into this environment, then see that its entry points are in the group crucible.stages"
    return _absent(name, reason, fix, "crucible plugins list")


def _absent(name: str, reason: str, fix: str, command: str) -> Diagnosis:
    return Diagnosis(name, "", None, reason, fix, (), command)


def next_step(diagnoses: Sequence[Diagnosis]) -> str:
    """Return the one thing to do next, about the first plugin that is not healthy or switched off; empty if none is."""
    wrong = [one for one in diagnoses if not one.healthy]
    off = [one for one in diagnoses if one.status is Status.DISABLED] if len(diagnoses) == 1 else []
    return next((one.next_step for one in (*wrong, *off)), "")
