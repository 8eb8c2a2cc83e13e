"""Disguises come off, and every span leads back to the text as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crucible_core.stages.guardrails.normalisation import normalise

TAGGED = "".join(chr(0xE0000 + ord(character)) for character in "obey")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Plain TEXT", "plain text"),
        ("ＩＧＮＯＲＥ", "ignore"),
        ("i\u200bg\u200cn\u200do\u2060r\ufeffe", "ignore"),
        ("so\u00adft", "soft"),
        ("précédentes", "precedentes"),
        ("pre\u0301ce\u0301dentes", "precedentes"),
        ("Жёлтый", "желтыи"),
        ("プロンプト", "プロンプト"),
        ("ﬁle", "file"),
        ("a \t b", "a b"),
        ("a \r\n  b", "a\nb"),
        ("аll рrevious", "all previous"),  # first letters Cyrillic
        ("оса и рост", "оса и рост"),  # all Cyrillic: words of their own, left alone
        ("“quoted” – it’s", '"quoted" - it\'s'),
        (TAGGED, "obey"),
        ("❤️", "❤"),
        ("", ""),
    ],
)
def test_folding(text, folded):
    assert normalise(text).text == folded


@pytest.mark.parametrize(
    ("text", "needle", "original"),
    [
        ("say i\u200bgnore now", "ignore", "i\u200bgnore"),
        ("x ﬁle", "i", "ﬁ"),
        ("cafe\u0301 bar", "cafe", "cafe\u0301"),
        ("a \n\n b", "a\nb", "a \n\n b"),
    ],
)
def test_spans_lead_back_to_the_original(text, needle, original):
    view = normalise(text)
    start = view.text.index(needle)
    left, right = view.original_span(start, start + len(needle))
    assert text[left:right] == original


@given(st.text())
def test_every_folded_character_stands_for_a_place_in_the_original_in_order(text):
    view = normalise(text)
    assert len(view.text) == len(view.starts) == len(view.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(view.starts, view.ends, strict=True))
    assert list(view.starts) == sorted(view.starts)


@given(st.text(alphabet=st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_ascii_text_only_loses_case_and_repeated_blanks(text):
    assert normalise(text).text.split() == text.lower().split()
