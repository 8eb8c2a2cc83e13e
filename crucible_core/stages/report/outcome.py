"""How it went: quality targets, and the first words of a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crucible_core.stages.report.cells import cell
from crucible_core.stages.report.model import Outcome, Target, Tone
from crucible_core.stages.report.quantities import count, format_number

if TYPE_CHECKING:
    from crucible_core.contract.verdict import Verdict

_SIGNS = {"min": "≥", "above": ">", "max": "≤", "below": "<"}


def targets_of(bounds: Mapping[str, Mapping[str, Any]], metrics: Mapping[str, Any]) -> tuple[Target, ...]:
    """Hold the metrics as they are now to the experiment's quality targets.

    Args:
        bounds: Metric path to min, max, above and below.
        metrics: Stage id to its metrics.
    """
    return tuple(_target(path, dict(each), _found(metrics, path)) for path, each in bounds.items())


def _target(path: str, bounds: Mapping[str, Any], value: Any) -> Target:
    given = {name: bounds[name] for name in _SIGNS if bounds.get(name) is not None}
    text = " and ".join(f"{_SIGNS[name]} {format_number(bound)}" for name, bound in given.items())
    if not isinstance(value, (int, float)):
        return Target(path, text, value, None)
    keeps = {
        "min": lambda bound: value >= bound,
        "above": lambda bound: value > bound,
        "max": lambda bound: value <= bound,
        "below": lambda bound: value < bound,
    }
    return Target(path, text, value, all(keeps[name](bound) for name, bound in given.items()))


def _found(metrics: Mapping[str, Any], path: str) -> Any:
    value: Any = metrics
    for key in path.split(".")[1:]:
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = value[key]
    return value


def outcome_of(
    verdicts: Sequence[Verdict],
    targets: Sequence[Target],
    failure: Mapping[str, Any] | None,
    measured: int,
) -> Outcome:
    """Say in words how it went.

    Args:
        verdicts: What was judged.
        targets: The quality targets with what was reached.
        failure: What ended the run, as its record has it.
        measured: Number of stages that left metrics.
    """
    sentences = tuple(_sentences(verdicts, targets, measured))
    if failure:
        return Outcome(Tone.FAILED, _failure(failure), sentences)
    failed = [verdict for verdict in verdicts if not verdict.passed]
    missed = [target for target in targets if target.reached is not True]
    if failed or missed:
        return Outcome(Tone.FAILED, _failed(failed, missed, verdicts, targets), sentences)
    if verdicts or targets:
        return Outcome(Tone.PASSED, _passed(verdicts, targets), sentences)
    return Outcome(Tone.OPEN, "No verdict: nothing was judged in this run", sentences)


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


def _sentences(verdicts: Sequence[Verdict], targets: Sequence[Target], measured: int) -> Iterable[str]:
    if not verdicts and not targets:
        left = f"{count(measured, 'stage')} left metrics" if measured else "No stage left metrics"
        yield f"{left}; a stage that judges would add a question and its answer here."
    for target in targets:
        if target.reached is None:
            yield f"{_name(target)} is held to {target.bound}, but no stage measured it."
        elif not target.reached:
            yield f"{_name(target)} is {cell(target.value).text}; it was to be {target.bound}."


def _name(target: Target) -> str:
    return target.path.removeprefix("metrics.")
