"""Build the patterns of phrase rules, and find phrases in normalised text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_core.stages.guardrails.adapter import Finding
from crucible_core.stages.guardrails.overlap import keep_longest_per_category
from crucible_core.stages.guardrails.rule import PROFILES, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crucible_core.stages.guardrails.adapter import Severity
    from crucible_core.stages.guardrails.normalisation import NormalisedText


def gap(words: int) -> str:
    """Return a pattern for up to `words` words with the space after them; bounded, so that matching stays linear."""
    return rf"(?:[\w'\"-]{{1,24}}[,:;]? ){{0,{words}}}?"


def phrase(rule_id: str, severity: Severity, description: str, pattern: str) -> Rule:
    """Return a rule for normalised text; its id `<check>.<category>.<variant>` says the check and the category.

    In `pattern` a blank stands for any white space, a dot for any character, and `^` for the start of a line.
    """
    check, category, _ = rule_id.split(".")
    return Rule(rule_id, check, category, "(?ms)" + pattern.replace(" ", r"\s"), severity, description)


def find_phrases(rules: Iterable[Rule], text: NormalisedText, profile: str = "strict") -> tuple[Finding, ...]:
    """Return what `rules` find in `text` under `profile`, with offsets into the original, longest per category."""
    severities = PROFILES[profile]
    return keep_longest_per_category(
        Finding(*text.original_span(start, end), rule.check, rule.category, rule.severity, rule.id)
        for rule in rules
        if rule.severity in severities
        for start, end in rule.spans(text.text)
    )
