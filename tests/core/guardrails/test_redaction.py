"""Redaction puts a typed mark where a finding was, once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crucible_core.stages.guardrails import BuiltinAdapter, Finding, redact
from crucible_core.stages.guardrails.redaction import redact_with_offsets

PII = frozenset({"pii"})


def scan(text):
    return BuiltinAdapter().scan(text, PII, "strict")


def at(start, end, category="email"):
    return Finding(start, end, "pii", category, "medium", "test")


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Ask ana@example.com or bo@example.org.", "Ask [EMAIL] or [EMAIL]."),
        ("4111 1111 1111 1111", "[CREDIT_CARD]"),
        ("IBAN DE89 3704 0044 0532 0130 00!", "IBAN [IBAN]!"),
        ("SSN 078-05-1120", "SSN [US_SSN]"),
        ("tel +44 20 7946 0123", "tel [PHONE]"),
        ("pass" + "word = tr0ub4dor&3", "pass" + "word = [ASSIGNED_SECRET]"),
        ("nothing here", "nothing here"),
        ("", ""),
    ],
)
def test_findings_become_marks(text, redacted):
    assert redact(text, scan(text)) == redacted


@pytest.mark.parametrize(
    ("findings", "redacted"),
    [
        ([at(0, 4), at(2, 8, "phone")], "[PHONE]89"),
        ([at(0, 10), at(2, 4, "phone")], "[EMAIL]"),
        ([at(2, 4), at(0, 10, "phone")], "[PHONE]"),
        ([at(0, 4), at(4, 8, "phone")], "[EMAIL][PHONE]89"),
        ([at(0, 4), at(3, 6, "phone"), at(5, 9, "iban")], "[EMAIL]9"),
        ([at(0, 4), at(0, 4)], "[EMAIL]456789"),
        ([], "0123456789"),
    ],
)
def test_overlapping_findings_become_one_mark(findings, redacted):
    assert redact("0123456789", findings) == redacted


@pytest.mark.parametrize("finding", [at(0, 11), at(-1, 3), at(4, 4)])
def test_findings_of_another_text_are_refused(finding):
    with pytest.raises(ValueError, match="redact the text that was scanned"):
        redact("0123456789", [finding])


def test_every_labelled_text_is_clean_once_redacted(labelled):
    redacted = {row.id: redact(row.text, scan(row.text)) for row in labelled if row.check == "pii"}
    assert {name for name, text in redacted.items() if redact(text, scan(text)) != text} == set()


PIECES = st.sampled_from(
    ["ana@example.com", "4111 1111 1111 1111", "+44 20 7946 0123", "078-05-1120", "8.8.8.8", "DE89370400440532013000"]
)


def test_what_a_finding_hid_is_found_too():
    text = "+44 20 7946 0123 4111 1111 1111 1111"
    assert [text[finding.start : finding.end] for finding in scan(text)] == ["+44 20 7946 0123", "4111 1111 1111 1111"]


def test_spans_of_a_redacted_text_lead_back_to_the_original():
    redacted = redact_with_offsets("0123456789", [at(2, 4), at(4, 6, "phone")])
    assert redacted.text == "01[EMAIL][PHONE]6789"
    assert redacted.original_span(0, 2) == (0, 2)
    assert redacted.original_span(1, 3) == (1, 4)
    assert redacted.original_span(9, 17) == (4, 7)
    assert redacted.original_span(16, 20) == (6, 10)


@given(st.lists(st.one_of(PIECES, st.sampled_from([" ", ", ", "\n", ": ", "x ", "(", ")", "phone "]))))
def test_redacting_twice_changes_nothing_more(pieces):
    once = redact(" ".join(pieces), scan(" ".join(pieces)))
    assert redact(once, scan(once)) == once
