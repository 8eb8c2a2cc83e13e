"""The labelled set is what its page says, and the published figures are those of the code."""

from __future__ import annotations

import json
from collections import Counter

import pytest


def test_each_check_has_at_least_120_texts_about_half_of_them_negative(labelled):
    for check in ("prompt_injection", "jailbreak", "pii"):
        rows = [row for row in labelled if row.check == check]
        negative = sum(not row.categories for row in rows)
        assert len(rows) >= 120
        assert 0.4 <= negative / len(rows) <= 0.6


def test_about_a_third_is_held_out(labelled):
    splits = Counter(row.split for row in labelled)
    assert set(splits) == {"tuning", "held_out", "fresh"}
    assert 0.3 <= splits["held_out"] / (splits["held_out"] + splits["tuning"]) <= 0.4
    assert splits["fresh"] >= 90


def test_ids_and_texts_are_unique(labelled):
    assert len({row.id for row in labelled}) == len({(row.check, row.text) for row in labelled}) == len(labelled)


def test_a_row_is_labelled_positive_when_it_has_categories(figures):
    rows = map(json.loads, figures.LABELLED.read_text(encoding="utf-8").splitlines())
    assert [row["id"] for row in rows if (row["label"] == "positive") != bool(row["categories"])] == []


def test_the_file_holds_no_secret_in_one_piece(figures):
    """A secret scanner that reads the raw file must find nothing, or nobody could commit it."""
    rows = map(json.loads, figures.LABELLED.read_text(encoding="utf-8").splitlines())
    secrets = {
        (row["id"], finding.category)
        for row in rows
        for finding in figures.BuiltinAdapter().scan(row["text"], frozenset({"pii"}), "strict")
        if finding.category.endswith(("_key", "_token", "jwt"))
    }
    assert secrets == set()


def test_categories_of_personal_data_are_those_of_the_spans(labelled):
    rows = [row for row in labelled if row.check == "pii"]
    assert [row.id for row in rows if row.categories != {category for *_, category in row.spans}] == []


def test_every_category_is_one_that_a_rule_finds(figures, labelled):
    known = {(rule.check, rule.category) for rule in figures.BUILTIN_RULES}
    assert {(row.check, category) for row in labelled for category in row.categories} <= known


def test_marks_become_spans(figures):
    assert figures.unmark("a ⟦email:b@c.de⟧ d ⟦phone:12⟧") == (
        "a b@c.de d 12",
        frozenset({(2, 8, "email"), (11, 13, "phone")}),
    )


def test_counts_of_a_small_set(figures):
    counts = figures.count([("a",), ("b",), ("c",)], [("b",), ("c",), ("d",)])
    assert counts == figures.Counts(true_positives=2, false_positives=1, false_negatives=1)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3 (score, without continuity correction).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_score_interval_against_published_ones(figures, successes, trials, low, high):
    assert figures.wilson_interval(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_the_published_figures_are_those_of_the_code(figures):
    page = figures.PAGE.read_text(encoding="utf-8")
    assert figures.with_figures(page, figures.render_figures(figures.load_labelled())) == page, (
        "run python docs/guardrail_figures.py and commit docs/guardrails.md"
    )


def test_a_page_without_markers_is_refused(figures):
    with pytest.raises(ValueError, match=r"guardrails\.md must hold"):
        figures.with_figures("no markers", "figures")


def test_strict_never_finds_less_than_permissive(figures, labelled):
    for check in ("prompt_injection", "jailbreak", "pii"):
        rows = [row for row in labelled if row.check == check]
        strict, permissive = (figures.check_counts(rows, profile) for profile in ("strict", "permissive"))
        assert strict.true_positives > permissive.true_positives
