"""Ask the stages of every plugin what they do, in child processes: one for all, and one for each that breaks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crucible_core.plugins.advice import fix_for
from crucible_core.plugins.children import side_by_side
from crucible_core.plugins.conflicts import mark_conflicts
from crucible_core.plugins.offers import STAGE_KINDS, Answers, all_names
from crucible_core.plugins.probe import FATAL, OFFERED, probe, try_in_child
from crucible_core.plugins.probe_entry import ProbeEntry, ProbeResult, entries_of, with_offers
from crucible_core.plugins.problems import ProblemKind
from crucible_core.plugins.record import CORE, Status
from crucible_core.plugins.registry import hooks_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from crucible_core.plugins.children import Children
    from crucible_core.plugins.inventory import Inventory
    from crucible_core.plugins.probe_entry import StageFacts
    from crucible_core.plugins.record import PluginRecord, StageRef

__all__ = ["DEFAULT_TIMEOUT", "Answers", "Survey", "SurveyedStage", "ask_plugins", "survey"]

DEFAULT_TIMEOUT = 10.0
"""Seconds that one plugin may take."""
_TOGETHER = 3.0
"""Seconds that all plugins may take in one child; what takes longer gets a child, and its time, for itself."""


class SurveyedStage(NamedTuple):
    """A stage that has a name in this environment.

    Attributes:
        ref: Where it is.
        facts: What it says of itself; None where it cannot be asked.
        problem: Why it cannot be used, and what to do; empty when it can.
    """

    ref: StageRef
    facts: StageFacts | None
    problem: str


class Survey(NamedTuple):
    """The stages of the plugins of an environment, and which plugins do not work.

    Attributes:
        stages: Those of plugins, sorted by name.
        builtin: The built-in stages that have their names.
        records: A record for each plugin, with what became of it.
        notes: What a reader of the list should know.
    """

    stages: tuple[SurveyedStage, ...]
    builtin: tuple[StageRef, ...]
    records: tuple[PluginRecord, ...]
    notes: tuple[str, ...]


def survey(inventory: Inventory, answers: Answers) -> Survey:
    """Put together what `ask_plugins` was answered."""
    names = all_names(inventory, answers)
    known = {record.distribution: record for record in inventory.records}
    refs = names.addressable()
    return Survey(
        tuple(_surveyed(ref, known[ref.distribution or ""], answers) for ref in refs if ref.distribution != CORE),
        tuple(ref for ref in refs if ref.distribution == CORE),
        tuple(_judged(record, answers) for record in mark_conflicts(inventory.records, names)),
        (*inventory.notes, *_notes(inventory.records, answers)),
    )


def ask_plugins(
    inventory: Inventory, timeout: float = DEFAULT_TIMEOUT, *, check: str = "", thorough: bool = False
) -> Answers:
    """Try the stages and hook modules of every usable plugin.

    One child tries them all, which costs little when all is well. A plugin that ends that child, or at which it does
    not get on, is tried again in a child of its own, as many at a time as there are processors.

    Args:
        inventory: What is installed.
        timeout: Seconds that one plugin may take.
        check: As for `probe`.
        thorough: Whether to try commands, observers and codecs, too: whatever `diagnose_all` tries.
    """
    wanted = {record.distribution: _asked(record, thorough=thorough) for record in inventory.records}
    follow = OFFERED if thorough else STAGE_KINDS
    answers = _ask_together({name: entries for name, entries in wanted.items() if entries}, timeout, check, follow)
    alone = [name for name, entries in wanted.items() if entries and name not in answers]
    if alone:

        def ask(name: str, children: Children) -> tuple[ProbeResult, ...]:
            return probe(wanted[name], timeout, check=check, follow=follow, children=children)

        answers.update(zip(alone, side_by_side(ask, alone), strict=True))
    return answers


def _asked(record: PluginRecord, *, thorough: bool) -> list[ProbeEntry]:
    return [entry for entry in entries_of(record) if thorough or entry.kind != "command"]


def _ask_together(wanted: Mapping[str, list[ProbeEntry]], timeout: float, check: str, follow: Sequence[str]) -> Answers:
    """Return what came of the plugins that can be tried in one child; those that end it are taken out of the next."""
    results: dict[ProbeEntry, ProbeResult] = {}
    left = dict(wanted)
    while todo := _untried(left, results):
        tried = try_in_child(todo, min(timeout, _TOGETHER), check=check, follow=follow)
        results.update((result.entry, result) for result in tried)
        left = {name: entries for name, entries in left.items() if not _fatal(entries, results)}
        if tried[-1].problem and tried[-1].problem.kind is ProblemKind.HANGS:
            break
    return {name: found for name, entries in left.items() if (found := _complete(entries, results))}


def _untried(wanted: Mapping[str, list[ProbeEntry]], results: Mapping[ProbeEntry, ProbeResult]) -> list[ProbeEntry]:
    offered = (entry for entries in wanted.values() for entry in with_offers(entries, results))
    return [entry for entry in offered if entry not in results]


def _fatal(entries: Iterable[ProbeEntry], results: Mapping[ProbeEntry, ProbeResult]) -> bool:
    problems = (results[entry].problem for entry in with_offers(entries, results) if entry in results)
    return any(problem and problem.kind in FATAL for problem in problems)


def _complete(
    entries: Iterable[ProbeEntry], results: Mapping[ProbeEntry, ProbeResult]
) -> tuple[ProbeResult, ...] | None:
    """Return what came of all entries of a plugin; None where one was not reached."""
    wanted = with_offers(entries, results)
    return tuple(results[entry] for entry in wanted) if all(entry in results for entry in wanted) else None


def _surveyed(ref: StageRef, record: PluginRecord, answers: Answers) -> SurveyedStage:
    kinds = ("stage",) if ref.value else ("computed",)
    found = (one for one in answers[record.distribution] if one.entry.kind in kinds and one.entry.name == ref.name)
    result = next(one for one in found if not ref.value or one.entry.value == ref.value)
    problem = f"{result.problem.reason}; {fix_for(result.problem, record)}" if result.problem else ""
    return SurveyedStage(ref, result.facts, problem)


def _judged(record: PluginRecord, answers: Answers) -> PluginRecord:
    failed = next((one for one in answers.get(record.distribution, ()) if one.problem), None)
    if failed is None or failed.problem is None:
        return record
    reason = f"{failed.entry.label}: {failed.problem.reason}"
    return record._replace(status=Status.BROKEN, reason=reason, fix=fix_for(failed.problem, record))


def _notes(records: Iterable[PluginRecord], answers: Answers) -> Iterator[str]:
    """Yield why stages that a user may look for are not listed."""
    for record in records:
        plugin = f"{record.name} {record.version}".rstrip()
        if record.status in (Status.INCOMPATIBLE, Status.BROKEN):
            yield f"{plugin} is {record.status.value}, its stages are left out: {record.reason}; {record.fix}"
        for result in answers.get(record.distribution, ()):
            if result.entry.kind == "hooks" and result.problem:
                yield hooks_note(plugin, result.problem)
