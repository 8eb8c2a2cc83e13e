"""How it went: quality targets, and the first words of a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crucible_core.stages.report.cells import cell
from crucible_core.stages.report.model import Outcome, Target, Tone
from crucible_core.stages.report.quantities import format_number

if TYPE_CHECKING:
    from crucible_core.contract.context import Context
    from crucible_core.contract.verdict import Verdict

_ABSENT: Any = object()
_SIGNS = {"min": "≥", "above": ">", "max": "≤", "below": "<"}


def targets_of(context: Context) -> tuple[Target, ...]:
    """Return the experiment's quality targets, held to the metrics as they are now."""
    from crucible_core.pipeline.quality import reached_targets

    return tuple(_target(context, path, entry) for path, entry in reached_targets(context).items())


def _target(context: Context, path: str, entry: Mapping[str, Any]) -> Target:
    given = {name: entry[name] for name in _SIGNS if entry.get(name) is not None}
    bound = " and ".join(f"{_SIGNS[name]} {format_number(each)}" for name, each in given.items())
    there = context.read(path, _ABSENT) is not _ABSENT
    return Target(path, bound, entry["value"], entry["reached"], entry["reason"] or "", there)


def outcome_of(
    verdicts: Sequence[Verdict],
    targets: Sequence[Target],
    failure: Mapping[str, Any] | None,
    *,
    found: bool,
) -> Outcome:
    """Say in words how it went.

    Args:
        verdicts: What was judged.
        targets: The quality targets with what was reached.
        failure: What ended the run, as its record has it.
        found: Whether any stage left something to report.
    """
    sentences = tuple(_sentences(targets))
    if failure:
        return Outcome(Tone.FAILED, _failure(failure), sentences)
    failed = [verdict for verdict in verdicts if not verdict.passed]
    missed = [target for target in targets if target.reached is not True]
    if failed or missed:
        return Outcome(Tone.FAILED, _failed(failed, missed, verdicts, targets), sentences)
    if verdicts or targets:
        return Outcome(Tone.PASSED, _passed(verdicts, targets), sentences)
    if found:
        return Outcome(Tone.OPEN, "What was found", ("No stage of this run judged its results.",))
    return Outcome(Tone.OPEN, "The run left no results")


def _passed(verdicts: Sequence[Verdict], targets: Sequence[Target]) -> str:
    if not verdicts:
        return "Every quality target was reached" if len(targets) > 1 else "The quality target was reached"
    subject = {1: "The verdict", 2: "Both verdicts"}.get(len(verdicts), f"All {len(verdicts)} verdicts")
    return f"{subject} passed{', and every quality target was reached' if targets else ''}"


def _failed(
    failed: Sequence[Verdict], missed: Sequence[Target], verdicts: Sequence[Verdict], targets: Sequence[Target]
) -> str:
    found = []
    if failed:
        found.append(_part_of(len(failed), len(verdicts), "verdict", "failed"))
    if missed:
        found.append(_part_of(len(missed), len(targets), "quality target", "missed", "was missed"))
    return "; ".join(found)


def _part_of(some: int, all_of_them: int, noun: str, what: str, what_of_one: str | None = None) -> str:
    if all_of_them == 1:
        return f"The {noun} {what_of_one or what}"
    if some == all_of_them:
        return f"{'Both' if some == 2 else f'All {some}'} {noun}s {what}"  # noqa: PLR2004 - two are both
    return f"{some} of {all_of_them} {noun}s {what}"


def _failure(failure: Mapping[str, Any]) -> str:
    stage = failure.get("stage")
    where = f" in stage {stage}" if stage else ""
    return f"The run failed{where}: {failure.get('message') or failure.get('code') or 'no reason was recorded'}"


def _sentences(targets: Sequence[Target]) -> Iterable[str]:
    for target in targets:
        if target.reached is None:
            stop = "" if target.reason.endswith("?") else "."
            yield f"{_name(target)} was to be {target.bound}: {target.reason}{stop}"
        elif not target.reached:
            yield f"{_name(target)} is {cell(target.value).text}; it was to be {target.bound}."


def _name(target: Target) -> str:
    return target.path.removeprefix("metrics.")
