"""Find prompt injection: phrases, text that shows nothing, and encoded orders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crucible_core.stages.guardrails.adapter import Finding
from crucible_core.stages.guardrails.encoded_text import decoded_runs
from crucible_core.stages.guardrails.injection_rules import INJECTION_RULES
from crucible_core.stages.guardrails.injection_rules_multilingual import MULTILINGUAL_INJECTION_RULES
from crucible_core.stages.guardrails.normalisation import normalise
from crucible_core.stages.guardrails.phrase import find_phrases
from crucible_core.stages.guardrails.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

PHRASE_RULES = INJECTION_RULES + MULTILINGUAL_INJECTION_RULES


def _is_no_flag(match: re.Match[str]) -> bool:
    """Tell hidden text from the flags of England, Scotland and Wales, which are a black flag and tag characters."""
    return match.string[match.start() - 1 : match.start()] != "\U0001f3f4"


HIDDEN_TEXT = Rule(
    "prompt_injection.hidden_text.tag_characters",
    "prompt_injection",
    "hidden_text",
    "[\U000e0020-\U000e007e]{3,}",
    "high",
    "A run of Unicode tag characters, which show nothing and spell ASCII.",
    _is_no_flag,
)
ENCODED_PAYLOAD = Rule(
    "prompt_injection.encoded_payload.base64_or_hexadecimal",
    "prompt_injection",
    "encoded_payload",
    r"[A-Za-z0-9+/_-]{24,}={0,2}",
    "high",
    "Base64 or hexadecimal digits that decode to a text in which another rule of this check matches.",
)
INJECTION_TABLE = (*PHRASE_RULES, HIDDEN_TEXT, ENCODED_PAYLOAD)


def find_injection(text: str, profile: str = "strict") -> tuple[Finding, ...]:
    """Return the signs of prompt injection in `text` that `profile` reports, with offsets into `text`."""
    findings = [*find_phrases(PHRASE_RULES, normalise(text), profile), *_find_encoded(text, profile)]
    findings += (_finding(HIDDEN_TEXT, start, end) for start, end in HIDDEN_TEXT.spans(text))
    return tuple(sorted(findings))


def _find_encoded(text: str, profile: str) -> Iterator[Finding]:
    for start, end, decoded in decoded_runs(text, ENCODED_PAYLOAD):
        if find_phrases(PHRASE_RULES, normalise(decoded), profile):
            yield _finding(ENCODED_PAYLOAD, start, end)


def _finding(rule: Rule, start: int, end: int) -> Finding:
    return Finding(start, end, rule.check, rule.category, rule.severity, rule.id)
