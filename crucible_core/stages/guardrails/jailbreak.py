"""Find jailbreaks: phrases that talk a model out of its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_core.stages.guardrails.jailbreak_rules import JAILBREAK_RULES
from crucible_core.stages.guardrails.jailbreak_rules_multilingual import MULTILINGUAL_JAILBREAK_RULES
from crucible_core.stages.guardrails.normalisation import normalise
from crucible_core.stages.guardrails.phrase import find_phrases

if TYPE_CHECKING:
    from crucible_core.stages.guardrails.adapter import Finding

JAILBREAK_TABLE = JAILBREAK_RULES + MULTILINGUAL_JAILBREAK_RULES


def find_jailbreak(text: str, profile: str = "strict") -> tuple[Finding, ...]:
    """Return the signs of a jailbreak in `text` that `profile` reports, with offsets into `text`."""
    return find_phrases(JAILBREAK_TABLE, normalise(text), profile)
