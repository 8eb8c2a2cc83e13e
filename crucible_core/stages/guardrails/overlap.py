"""Choose among findings that overlap."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crucible_core.stages.guardrails.adapter import Finding


def keep_longest(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings of which no two overlap, sorted by offset.

    The longest wins, since redacting it hides the most; among equally long ones the one given first, so callers list
    specific rules before general ones.
    """
    kept: list[Finding] = []  # sorted by start, and by end too, since none overlap
    for finding in sorted(findings, key=lambda each: each.start - each.end):
        place = bisect_right(kept, finding.start, key=lambda each: each.start)
        clear_before = place == 0 or kept[place - 1].end <= finding.start
        clear_after = place == len(kept) or finding.end <= kept[place].start
        if clear_before and clear_after:
            kept.insert(place, finding)
    return tuple(kept)


def keep_longest_per_category(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings of which no two of one category overlap, sorted by offset."""
    by_category: dict[str, list[Finding]] = {}
    for finding in findings:
        by_category.setdefault(finding.category, []).append(finding)
    return tuple(sorted(finding for group in by_category.values() for finding in keep_longest(group)))
