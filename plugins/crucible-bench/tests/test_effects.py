"""Effect sizes and their intervals against published values, other implementations and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from crucible_bench import BenchError, describe, mannwhitney, mcnemar, paired_ttest, welch, wilcoxon
from crucible_bench.effects.proportions import cohens_g, paired_risk_difference, risk_difference, wilson_limits
from crucible_bench.effects.standardized import bias_correction
from crucible_bench.question import ask

TWO_SIDED = ask("two-sided", 0.05)
A, B = [4, 7, 8, 6, 3, 2], [6, 8, 7, 10, 11, 9]


def test_hedges_correction_has_its_closed_form():
    """Gamma(1/2) = sqrt pi gives J(2) = 1 / sqrt pi and J(4) = sqrt(2 / pi); for many it nears Hedges' 1 - 3 / (4 m - 1)."""
    assert bias_correction(2) == pytest.approx(1 / math.sqrt(math.pi), rel=1e-12)
    assert bias_correction(4) == pytest.approx(math.sqrt(2 / math.pi), rel=1e-12)
    assert bias_correction(50) == pytest.approx(1 - 3 / 199, abs=2e-5)


def test_hedges_g_interval_inverts_the_noncentral_t():
    """Against statsmodels' own inversion of the noncentral t."""
    from statsmodels.stats.effect_size import _noncentrality_t

    result = welch(A, B)
    scale = math.sqrt(1 / 6 + 1 / 6)
    pooled_t = float(stats.ttest_ind(A, B).statistic)
    low, high = (float(each) * scale for each in np.ravel(_noncentrality_t(pooled_t, 10, alpha=0.05).confint))
    assert (result.effect_size.interval.low, result.effect_size.interval.high) == pytest.approx((low, high), rel=1e-6)
    assert result.effect_size.value == pytest.approx(bias_correction(10) * pooled_t * scale)


def test_cohens_dz_interval_inverts_the_noncentral_t():
    from statsmodels.stats.effect_size import _noncentrality_t

    result = paired_ttest(A, B)
    low, high = (
        float(each) / math.sqrt(6) for each in np.ravel(_noncentrality_t(result.statistic, 5, alpha=0.05).confint)
    )
    assert (result.effect_size.interval.low, result.effect_size.interval.high) == pytest.approx((low, high), rel=1e-6)


def test_a_noncentral_interval_leaves_out_zero_exactly_when_the_t_test_rejects():
    rng = np.random.default_rng(0)
    for _ in range(20):
        differences = rng.normal(0.5, 1, 15)
        result = paired_ttest(differences, np.zeros(15))
        interval = result.effect_size.interval
        assert (interval.low > 0 or interval.high < 0) == result.significant


@pytest.mark.parametrize("gap", [1e3, 1e6, 1e9])
def test_huge_effects_have_an_interval_or_a_reason(gap):
    effect = welch([gap, gap + 1, gap + 2], [0, 1, 2.5]).effect_size
    if effect.interval.low is None:
        assert "cannot be inverted" in effect.interval.reason
    else:
        assert effect.interval.low < effect.value < effect.interval.high


def test_wilson_matches_the_published_limits():
    """statsmodels' tests, from Newcombe 1998: 19 of 38."""
    assert wilson_limits(19, 38, TWO_SIDED) == pytest.approx((0.348499283643951, 0.651500716356049), rel=1e-9)


@pytest.mark.parametrize(
    ("counts", "sizes", "limits"),
    [
        ((56, 48), (70, 80), (0.0524, 0.3339)),
        ((9, 3), (10, 10), (0.1705, 0.8090)),
        ((10, 0), (10, 10), (0.6075, 1.0000)),
    ],
)
def test_newcombe_independent_matches_his_table_ii(counts, sizes, limits):
    """Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10."""
    interval = risk_difference(counts, sizes, TWO_SIDED).interval
    assert (round(interval.low, 4), round(interval.high, 4)) == limits


def test_newcombe_independent_agrees_with_statsmodels():
    from statsmodels.stats.proportion import confint_proportions_2indep

    theirs = confint_proportions_2indep(17, 40, 9, 35, method="newcomb")
    interval = risk_difference((17, 9), (40, 35), TWO_SIDED).interval
    assert (interval.low, interval.high) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize(
    ("table", "limits"), [(((59, 6), (16, 80)), (-0.1186, -0.0046)), (((1, 1), (7, 12)), (-0.507, -0.026))]
)
def test_newcombe_paired_matches_fagerland(table, limits):
    """Fagerland, Lydersen and Laake 2017, chapter 8, square-and-add: Cavo 2012 and Bentur 2009."""
    interval = paired_risk_difference(table, TWO_SIDED).interval
    digits = 4 if limits[0] == -0.1186 else 3
    assert (round(interval.low, digits), round(interval.high, digits)) == limits


def test_cohens_g_interval_is_clopper_pearsons():
    theirs = stats.binomtest(14, 19).proportion_ci(0.95, method="exact")
    effect = cohens_g(14, 5, TWO_SIDED)
    assert effect.value == pytest.approx(14 / 19 - 0.5)
    assert (effect.interval.low, effect.interval.high) == pytest.approx((theirs.low - 0.5, theirs.high - 0.5))


def test_rank_biserial_is_the_share_of_pairs_won_less_the_share_lost():
    first, second = [3, 5, 5, 8], [1, 5, 4]
    won = sum(np.sign(x - y) for x in first for y in second)
    assert mannwhitney(first, second).effect_size.value == pytest.approx(won / 12)


@pytest.mark.parametrize(("first", "second", "value"), [([5, 6, 7], [1, 2, 3], 1.0), ([1, 2, 3], [5, 6, 7], -1.0)])
def test_separated_groups_have_an_interval_inside_the_range(first, second, value):
    interval = mannwhitney(first, second).effect_size.interval
    assert mannwhitney(first, second).effect_size.value == value
    assert -1 <= interval.low < interval.high <= 1
    assert interval.high - interval.low < 2


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.0])
def test_rank_biserial_interval_covers(shift):
    """Normal scores, where P(X > Y) = Phi(shift / sqrt 2) is known."""
    rng = np.random.default_rng(17)
    truth = 2 * stats.norm.cdf(shift / math.sqrt(2)) - 1
    covered = 0
    for _ in range(600):
        interval = mannwhitney(rng.normal(shift, 1, 15), rng.normal(0, 1, 20), method="asymptotic").effect_size.interval
        covered += interval.low <= truth <= interval.high
    assert 0.93 <= covered / 600 <= 0.985


@pytest.mark.parametrize("shift", [0.0, 0.7])
def test_matched_rank_biserial_interval_covers(shift):
    """Normal differences: the expectation is 2 P(X1 + X2 > 0) - 1 in the limit, 2 Phi(shift sqrt 2) - 1."""
    rng = np.random.default_rng(23)
    truth = 2 * stats.norm.cdf(shift * math.sqrt(2)) - 1
    covered = 0
    for _ in range(600):
        result = wilcoxon(rng.normal(shift, 1, 60), np.zeros(60), method="asymptotic")
        covered += result.effect_size.interval.low <= truth <= result.effect_size.interval.high
    assert 0.925 <= covered / 600 <= 0.985


def test_hedges_g_interval_covers():
    rng = np.random.default_rng(29)
    covered = 0
    for _ in range(600):
        interval = welch(rng.normal(0.8, 1, 9), rng.normal(0, 1, 14)).effect_size.interval
        covered += interval.low <= 0.8 <= interval.high
    assert 0.925 <= covered / 600 <= 0.972


def test_one_sided_bounds_have_the_range_as_their_other_end():
    pairs = [1, 1, 1, 0, 1, 1], [0, 0, 1, 0, 0, 1]
    assert mcnemar(*pairs, alternative="greater").estimate.interval.high == 1.0
    assert mcnemar(*pairs, alternative="less").estimate.interval.low == -1.0
    assert mannwhitney(A, B, alternative="greater").effect_size.interval.high == 1.0


def test_describe_gives_the_t_interval():
    """pingouin's tests, from R: t.test(a) interval 2.52 to 7.48."""
    found = describe(A)
    assert (found.n, found.mean, found.median) == (6, 5.0, 5.0)
    assert found.sd == pytest.approx(np.std(A, ddof=1))
    assert (round(found.interval.low, 2), round(found.interval.high, 2)) == (2.52, 7.48)


def test_describe_standard_error_of_eval_logs():
    """The standard errors that inspect_ai's logs print for 1, 0, 1, 0 and for 1, 0."""
    assert round(describe([1, 0, 1, 0]).standard_error, 6) == 0.288675
    assert describe([1, 0]).standard_error == pytest.approx(0.5)


def test_describe_one_score_has_no_spread_and_says_so():
    found = describe([3.0])
    assert found.sd is None
    assert found.interval.low is None
    assert "one observation" in found.reason
    with pytest.raises(BenchError, match="scores has 0 scores"):
        describe([])
