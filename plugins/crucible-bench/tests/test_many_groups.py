"""Several independent groups against R, NIST, statsmodels and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from crucible_bench import anova, kruskal, student, welch, welch_anova
from crucible_bench.effects.variance_explained import epsilon_squared, eta_squared, omega_squared, share_interval

# R's data set PlantGrowth
PLANTS = {
    "ctrl": [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
    "trt1": [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
    "trt2": [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
}
# NIST Statistical Reference Datasets, SiRstv: five instruments
SIRSTV = [
    [196.3052, 196.1240, 196.1890, 196.2569, 196.3403],
    [196.3042, 196.3825, 196.1669, 196.3257, 196.0422],
    [196.1303, 196.2005, 196.2889, 196.0343, 196.1811],
    [196.2795, 196.1748, 196.1494, 196.1485, 195.9885],
    [196.2119, 196.1051, 196.1850, 196.0052, 196.2090],
]


@pytest.mark.parametrize(
    ("test", "statistic", "p"), [(anova, 4.846, 0.01591), (welch_anova, 5.181, 0.01739), (kruskal, 7.9882, 0.01842)]
)
def test_plant_growth_matches_r(test, statistic, p):
    """R: aov, oneway.test and kruskal.test."""
    result = test(PLANTS)
    assert result.statistic == pytest.approx(statistic, abs=5e-4)
    assert round(result.p_value, 5) == p


def test_anova_reaches_the_certified_value():
    """NIST StRD SiRstv, certified F 1.18046237440255."""
    assert anova(SIRSTV).statistic == pytest.approx(1.18046237440255, rel=1e-9)


def test_kruskal_matches_scipys_test():
    """scipy's tests: H 3/11, p .60151."""
    result = kruskal([[1, 3, 5, 7, 9], [2, 4, 6, 8, 10]])
    assert result.statistic == pytest.approx(3 / 11)
    assert round(result.p_value, 5) == 0.60151


def test_kruskal_corrects_for_ties_as_scipy_does():
    groups = [[1, 2, 2, 3], [2, 3, 3, 4, 4], [1, 1, 2, 5]]
    assert kruskal(groups).statistic == pytest.approx(stats.kruskal(*groups).statistic, rel=1e-12)


def test_shares_of_variance_match_r_effectsize():
    """statsmodels' tests, from R effectsize: F 45.8, df 3 and 35."""
    assert eta_squared(45.8, (3, 35)) == pytest.approx(0.796983758700696, rel=1e-12)
    assert epsilon_squared(45.8, (3, 35)) == pytest.approx(0.779582366589327, rel=1e-12)
    assert omega_squared(45.8, (3, 35), 39) == pytest.approx(0.775086505190311, rel=1e-12)


def test_share_interval_inverts_the_noncentral_f():
    """Against statsmodels' own inversion of the noncentral F."""
    from statsmodels.stats.effect_size import _noncentrality_f

    interval = share_interval(4.846, (2, 27), 30, 0.05)
    low, high = (float(each) for each in np.ravel(_noncentrality_f(4.846, 2, 27, alpha=0.05).confint))
    assert interval.low == pytest.approx(low / (low + 30), rel=1e-4)
    assert interval.high == pytest.approx(high / (high + 30), rel=1e-4)


def test_two_groups_give_the_square_of_t():
    first, second = PLANTS["trt1"], PLANTS["trt2"]
    assert anova([first, second]).statistic == pytest.approx(student(first, second).statistic ** 2)
    assert welch_anova([first, second]).statistic == pytest.approx(welch(first, second).statistic ** 2)
    assert welch_anova([first, second]).df[1] == pytest.approx(welch(first, second).df[0])


def test_welch_anova_agrees_with_statsmodels():
    from statsmodels.stats.oneway import anova_oneway

    theirs = anova_oneway(list(PLANTS.values()), use_var="unequal", welch_correction=True)
    ours = welch_anova(PLANTS)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-10)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-10)


@pytest.mark.parametrize("test", [anova, welch_anova])
def test_groups_without_spread_give_no_p_value_but_a_reason(test):
    result = test({"a": [1, 1, 1], "b": [2, 2, 2], "c": [2, 2, 2]})
    assert result.p_value is None
    assert "equal" in result.reason
    assert result.effect_size.value is None


def test_all_scores_equal_give_kruskal_p_one():
    result = kruskal([[2, 2, 2], [2, 2]])
    assert result.p_value == 1.0
    assert result.flags == ("all scores are equal",)
    assert result.effect_size.reason is not None
