"""What a failed check says to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_core.testing.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_core.testing.outcome import Outcome
    from crucible_core.testing.target import Target

_MOST_FINDINGS = 12
_MOST_CHARACTERS = 2_000


def outcome_message(outcome: Outcome) -> str:
    """Return check, stage, what was expected and seen, how to see it again and where to read on."""
    check = outcome.check
    return "\n".join(
        [
            f"{check.id} {outcome.status.value.replace('_', ' ')}: {check.title}",
            f"  stage:    {stage_line(outcome.target)}",
            *_findings(outcome),
            *([f"  note:     {outcome.note}"] if outcome.note else []),
            *_ending(outcome),
        ]
    )


def stage_line(target: Target) -> str:
    """Return a stage with its entry point, distribution and version."""
    owner = f", {target.distribution} {target.version or ''}".rstrip() if target.distribution else ""
    return f"{target.name} ({target.value}{owner})"


def _findings(outcome: Outcome) -> Iterator[str]:
    for finding in outcome.findings[:_MOST_FINDINGS]:
        yield f"  expected: {_cut(finding.expected)}"
        yield f"  seen:     {_cut(finding.seen)}"
    if len(outcome.findings) > _MOST_FINDINGS:
        yield f"  and {len(outcome.findings) - _MOST_FINDINGS} more findings"


def _cut(text: str) -> str:
    """Return a text of several lines indented below its first, and not too much of it."""
    shown = text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]} ... ({len(text)} characters)"
    return shown.replace("\n", "\n            ")


def _ending(outcome: Outcome) -> Iterator[str]:
    if outcome.status in (Status.FAILED, Status.ADVISED, Status.WAIVED):
        yield f"  again:    {outcome.target.command(outcome.check.id)}"
        yield f"  read:     {outcome.check.page} (or: crucible conformance --explain {outcome.check.id})"
