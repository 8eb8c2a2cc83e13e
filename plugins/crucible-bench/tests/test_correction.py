"""Corrections for multiple testing against R's p.adjust."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crucible_bench import BenchError, correct

P_VALUES = [0.52, 0.12, 0.0001, 0.03, 0.14]


@pytest.mark.parametrize(
    ("method", "adjusted"),
    [
        ("bonferroni", [1, 0.6, 0.0005, 0.15, 0.7]),
        ("holm", [0.52, 0.36, 0.0005, 0.12, 0.36]),
        ("fdr", [0.52, 0.175, 0.0005, 0.075, 0.175]),
    ],
)
def test_matches_r_p_adjust(method, adjusted):
    found = [member.adjusted for member in correct(P_VALUES, method=method).members]
    assert found == pytest.approx(adjusted, rel=1e-9)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.sampled_from(["bonferroni", "holm", "fdr"]))
def test_agrees_with_statsmodels(p_values, method):
    from statsmodels.stats.multitest import multipletests

    name = "fdr_bh" if method == "fdr" else method
    rejected, adjusted = multipletests(p_values, 0.05, name)[:2]
    members = correct(p_values, method=method).members
    assert [member.adjusted for member in members] == pytest.approx(list(adjusted), rel=1e-9, abs=1e-300)
    clear = [i for i, p in enumerate(adjusted) if abs(p - 0.05) > 1e-9]
    assert [members[i].rejected for i in clear] == [bool(rejected[i]) for i in clear]


def test_a_mapping_keeps_its_names_and_order():
    family = correct({"b": 0.04, "a": 0.01}, method="holm")
    assert [member.name for member in family.members] == ["b", "a"]
    assert family["a"].rejected
    assert family["a"].adjusted == pytest.approx(0.02)


def test_a_p_value_at_alpha_is_rejected():
    assert correct([0.05], alpha=0.05).members[0].rejected


def test_a_test_without_p_value_does_not_count_in_the_family():
    family = correct({"a": 0.03, "b": None}, method="bonferroni")
    assert family.family_size == 1
    assert family["a"].adjusted == 0.03
    assert family["b"].rejected is None
    assert family["b"].reason == "the test gave no p-value"


@pytest.mark.parametrize("name", ["benjamini_hochberg", "BH", "fdr_bh", "fdr"])
def test_the_false_discovery_rate_has_its_usual_names(name):
    assert correct([0.01], method=name).method == "fdr"


@pytest.mark.parametrize(
    ("p_values", "options", "code"),
    [
        ([1.2], {}, "invalid_p_value"),
        ([float("nan")], {}, "invalid_p_value"),
        (["0.1"], {}, "invalid_p_value"),
        ([0.1], {"method": "tukey"}, "unknown_method"),
        ([0.1], {"alpha": 1.0}, "invalid_alpha"),
    ],
)
def test_bad_input(p_values, options, code):
    with pytest.raises(BenchError) as caught:
        correct(p_values, **options)
    assert caught.value.code == code
