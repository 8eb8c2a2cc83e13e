"""The table of rules is sound, and no text makes a rule run away."""

from __future__ import annotations

import pytest

from crucible_core.stages.guardrails import BUILTIN_RULES, CHECKS, PROFILES, BuiltinAdapter

ADVERSARIAL = [
    "a",
    "ignore all previous ",
    "you are a ",
    "1 ",
    "+1 (",
    "a@a.",
    "eyJ-",
    "password: ",
    "-----BEGIN PRIV" + "ATE KEY-----",
    "![](http://a?",
    "story about explains ",
    "\u0315\u0345",
    "DE89 ",
]


def test_ids_are_unique_and_say_check_and_category():
    ids = [rule.id for rule in BUILTIN_RULES]
    assert len(set(ids)) == len(ids)
    assert [rule.id for rule in BUILTIN_RULES if not rule.id.startswith(f"{rule.check}.{rule.category}.")] == []


def test_rules_belong_to_the_checks_that_the_adapter_offers():
    assert {rule.check for rule in BUILTIN_RULES} == BuiltinAdapter.capabilities < CHECKS


def test_every_rule_is_reported_by_the_strict_profile_and_has_a_description():
    assert all(rule.profiles[0] == "strict" and rule.description.endswith(".") for rule in BUILTIN_RULES)


def test_each_profile_reports_rules_that_the_next_leaves_out():
    reported = [sum(profile in rule.profiles for rule in BUILTIN_RULES) for profile in PROFILES]
    assert reported == sorted(set(reported), reverse=True)


@pytest.mark.parametrize("unit", ADVERSARIAL)
def test_a_hundred_thousand_characters_made_to_backtrack_are_scanned(unit):
    text = unit * (100_000 // len(unit)) + "!"
    found = BuiltinAdapter().scan(text, BuiltinAdapter.capabilities, "strict")
    assert all(0 <= finding.start < finding.end <= len(text) for finding in found)
