"""Find personal data and secrets, and settle which finding wins where several overlap."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from crucible_core.stages.guardrails.adapter import Finding
from crucible_core.stages.guardrails.credentials import CREDENTIAL_RULES
from crucible_core.stages.guardrails.email_address import EMAIL_RULES
from crucible_core.stages.guardrails.iban import IBAN_RULE, find_ibans
from crucible_core.stages.guardrails.identity_number import IDENTITY_RULES
from crucible_core.stages.guardrails.overlap import keep_longest
from crucible_core.stages.guardrails.payment_card import CARD_RULE, find_card_numbers
from crucible_core.stages.guardrails.phone_number import PHONE_RULES
from crucible_core.stages.guardrails.plain_digits import with_plain_digits
from crucible_core.stages.guardrails.redaction import redact_with_offsets
from crucible_core.stages.guardrails.rule import PROFILES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crucible_core.stages.guardrails.rule import Rule

_PATTERN_RULES = (*CREDENTIAL_RULES, *EMAIL_RULES, *IDENTITY_RULES, *PHONE_RULES)
PERSONAL_DATA_TABLE = (CARD_RULE, IBAN_RULE, *_PATTERN_RULES)


_MOST_PASSES = 8  # each costs time linear in the text; two are the rule, since few findings hide others


def find_personal_data(text: str, profile: str = "strict") -> tuple[Finding, ...]:
    """Return the personal data and secrets in `text` that `profile` reports; no two findings overlap.

    The text is scanned again with the findings redacted until nothing new is found, at most eight times: a card number
    right behind a telephone number hides it. So a redacted text is clean when it is scanned once more. What a profile
    does not report still takes its place: a number that is an IP address is not a telephone number.
    """
    text = with_plain_digits(text)
    findings: tuple[Finding, ...] = ()
    for _ in range(_MOST_PASSES):
        redacted = redact_with_offsets(text, findings)
        fresh = [
            replace(finding, start=start, end=end)
            for finding in _scan_once(redacted.text)
            if finding.severity in PROFILES[profile]
            for start, end in [redacted.original_span(finding.start, finding.end)]
        ]
        if not fresh:
            break
        findings = keep_longest((*findings, *fresh))
    return findings


def _scan_once(text: str) -> tuple[Finding, ...]:
    return keep_longest(
        chain(
            _findings(CARD_RULE, find_card_numbers(text)),
            _findings(IBAN_RULE, find_ibans(text)),
            *(_findings(rule, rule.spans(text)) for rule in _PATTERN_RULES),
        )
    )


def _findings(rule: Rule, spans: Iterable[tuple[int, int]]) -> Iterable[Finding]:
    return (Finding(start, end, rule.check, rule.category, rule.severity, rule.id) for start, end in spans)
