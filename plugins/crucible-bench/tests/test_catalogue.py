"""The one set of test names."""

from __future__ import annotations

import pytest

from crucible_bench import TESTS, BenchError, Design, find_test, fitting_tests


@pytest.mark.parametrize(
    ("name", "design", "found"),
    [
        ("ttest", "two_groups", "welch"),
        ("ttest", "paired", "paired_ttest"),
        ("bootstrap", "two_groups", "bootstrap"),
        ("bootstrap", "paired", "paired_bootstrap"),
        ("permutation", "paired", "paired_permutation"),
        ("anova", "many_groups", "anova"),
        ("mannwhitney", "two_groups", "mannwhitney"),
        ("Mann-Whitney", "two_groups", "mannwhitney"),
        ("wilcoxon", "paired", "wilcoxon"),
        ("kruskal", "many_groups", "kruskal"),
        ("kruskal_wallis", "many_groups", "kruskal"),
        ("welch", "two_groups", "welch"),
        ("student", "two_groups", "student"),
        ("paired_ttest", "paired", "paired_ttest"),
        ("friedman", "many_datasets", "friedman"),
        ("nemenyi", "many_datasets", "nemenyi"),
        ("mcnemar", "paired", "mcnemar"),
    ],
)
def test_names_find_their_test(name, design, found):
    assert find_test(name, design).name == found


@pytest.mark.parametrize("name", sorted(TESTS))
def test_every_procedure_loads_under_its_own_name(name):
    assert TESTS[name].load().__name__ == name


def test_a_name_that_does_not_fit_says_which_do():
    with pytest.raises(BenchError) as caught:
        find_test("mannwhitney", Design.PAIRED)
    assert caught.value.code == "test_does_not_fit"
    message = str(caught.value)
    assert "mannwhitney is for two independent groups, and these scores are two paired groups" in message
    assert all(name in message for name in fitting_tests("paired"))


def test_a_t_test_of_three_groups_points_to_the_analysis_of_variance():
    with pytest.raises(BenchError, match="tests that fit: anova, welch_anova, kruskal"):
        find_test("ttest", "many_groups")


def test_an_unknown_name_gets_a_near_match():
    with pytest.raises(BenchError, match="no test is named 'wilcoxn'; did you mean 'wilcoxon'") as caught:
        find_test("wilcoxn", "paired")
    assert caught.value.code == "unknown_test"


def test_every_design_has_a_test():
    assert all(fitting_tests(design) for design in Design)
