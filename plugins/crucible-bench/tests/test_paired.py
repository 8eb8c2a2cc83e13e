"""Paired groups against R, scipy, statsmodels and printed tables."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from crucible_bench import mcnemar, paired_bootstrap, paired_permutation, paired_ttest, sign, wilcoxon

A, B = [4, 7, 8, 6, 3, 2], [6, 8, 7, 10, 11, 9]
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
# scipy's tests, from R
X = [120, 114, 181, 188, 180, 146, 121, 191, 132, 113, 127, 112]
Y = [133, 143, 119, 189, 112, 199, 198, 113, 115, 121, 142, 187]
# pingouin's tests, from JASP
X2 = [20, 22, 19, 20, 22, 18, 24, 20, 19, 24, 26, 13]
Y2 = [38, 37, 33, 29, 14, 12, 20, 22, 17, 25, 26, 16]
# R ?wilcox.test, Hamilton depression scale, Hollander and Wolfe 1973 p. 29f
DEPRESSION_X = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
DEPRESSION_Y = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]


def binary_pairs(table):
    """Scores whose table is ((both, only first), (only second, neither))."""
    (both, first_only), (second_only, neither) = table
    first = [1] * both + [1] * first_only + [0] * second_only + [0] * neither
    second = [1] * both + [0] * first_only + [1] * second_only + [0] * neither
    return first, second


def test_paired_t_matches_r():
    """R via pingouin, and R t.test(sleep, paired)."""
    result = paired_ttest(A, B)
    assert round(result.statistic, 5) == -2.44451
    assert result.df == (5.0,)
    assert round(result.p_value, 5) == 0.05833
    assert (round(result.estimate.interval.low, 2), round(result.estimate.interval.high, 2)) == (-7.18, 0.18)
    sleep = paired_ttest(SLEEP_1, SLEEP_2)
    assert (round(sleep.statistic, 4), sleep.df, round(sleep.p_value, 6)) == (-4.0621, (9.0,), 0.002833)


def test_wilcoxon_matches_r_through_scipy():
    """scipy's tests: W 34, p .7240816609153895 with continuity correction."""
    result = wilcoxon(X, Y, method="asymptotic")
    assert min(result.details["r_plus"], result.details["r_minus"]) == 34
    assert result.p_value == pytest.approx(0.7240816609153895, rel=1e-12)


def test_wilcoxon_with_ties_matches_jasp():
    """pingouin's tests, from JASP: W 20.5, rank-biserial -.379; .2858 asymptotic with continuity correction."""
    result = wilcoxon(X2, Y2, method="asymptotic")
    assert min(result.details["r_plus"], result.details["r_minus"]) == 20.5
    assert round(result.effect_size.value, 3) == -0.379
    assert round(result.p_value, 4) == 0.2858


def test_wilcoxon_depression_scale_matches_r():
    """R ?wilcox.test: V 40, p .01953; with conf.int pseudomedian .46."""
    result = wilcoxon(DEPRESSION_X, DEPRESSION_Y, alternative="greater")
    assert result.statistic == 40
    assert round(result.p_value, 5) == 0.01953
    assert result.estimate.value == pytest.approx(0.46)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize(("ours", "theirs"), [("wilcox", "wilcox"), ("pratt", "pratt"), ("split", "zsplit")])
def test_wilcoxon_is_exact_under_ties_and_zeros(ours, theirs, alternative):
    """All sign patterns, visited by scipy's permutation test of the signed ranks."""
    differences = np.array([3, -1, 2, 2, 0, 0, 5, -2, 1, 4])
    ranks = stats.rankdata(np.abs(differences if theirs != "wilcox" else differences[differences != 0]))
    kept = differences if theirs != "wilcox" else differences[differences != 0]
    signed = (np.sign(kept) * ranks)[kept != 0]
    expected = stats.permutation_test(
        (signed,), np.sum, permutation_type="samples", alternative=alternative, n_resamples=np.inf
    )
    result = wilcoxon(differences, np.zeros(10), zeros=ours, alternative=alternative)
    assert result.p_value == pytest.approx(expected.pvalue, rel=1e-10)


def test_wilcoxon_gives_floats_that_differ_by_rounding_one_rank():
    """.9 - .7 and .3 - .1 are two floats and one difference."""
    decimal = wilcoxon([0.9, 0.3, 0.8, 0.5], [0.7, 0.1, 0.6, 0.6])
    integer = wilcoxon([9, 3, 8, 5], [7, 1, 6, 6])
    assert decimal.p_value == integer.p_value
    assert decimal.details == integer.details


@pytest.mark.parametrize("seed", range(5))
def test_pseudomedian_interval_inverts_the_test(seed):
    differences = np.random.default_rng(seed).normal(0.2, 1, 9)
    zeros = np.zeros(9)
    interval = wilcoxon(differences, zeros).estimate.interval
    for limit, outwards in ((interval.low, -1e-7), (interval.high, 1e-7)):
        assert wilcoxon(differences - (limit - outwards), zeros).p_value > 0.05
        assert wilcoxon(differences - (limit + outwards), zeros).p_value <= 0.05


def test_counting_and_sorting_find_the_same_pseudomedian(monkeypatch):
    from crucible_bench.effects import order_statistics

    differences = np.random.default_rng(3).normal(0.2, 1, 301)
    held = wilcoxon(differences, np.zeros(301)).estimate
    monkeypatch.setattr(order_statistics, "MOST_PAIRS", 10)
    counted = wilcoxon(differences, np.zeros(301)).estimate
    assert counted.value == pytest.approx(held.value, abs=1e-12)
    assert counted.interval.high == pytest.approx(held.interval.high, abs=1e-12)


@pytest.mark.parametrize(
    ("table", "p"),
    [
        (((101, 121), (59, 33)), 4.434e-06),
        (((101, 70), (59, 33)), 0.378688),
        (((101, 80), (59, 33)), 0.089452),
        (((101, 30), (60, 33)), 0.002060),
        (((20, 40), (8, 12)), 3.305e-06),
    ],
)
def test_mcnemar_exact_matches_sas_and_r(table, p):
    """statsmodels' tests (SAS) and, in the last row, pingouin's (R)."""
    assert mcnemar(*binary_pairs(table)).p_value == pytest.approx(p, abs=5e-7 if p > 1e-4 else 5e-9)


@pytest.mark.parametrize(
    ("table", "chi2", "p"), [(((101, 121), (59, 33)), 20.67222, 5.450095e-06), (((20, 40), (8, 12)), 20.021, 7.66e-06)]
)
def test_mcnemar_chi2_matches_r(table, chi2, p):
    """statsmodels' and pingouin's tests, from R, with continuity correction."""
    result = mcnemar(*binary_pairs(table), method="chi2")
    assert result.statistic == pytest.approx(chi2, abs=5e-4)
    assert result.p_value == pytest.approx(p, rel=1e-3)


def test_mcnemar_mid_p_matches_fagerland():
    """Fagerland, Lydersen and Laake 2013, airway hyper-responsiveness: exact 18/256, mid-p 10/256."""
    pairs = binary_pairs(((1, 1), (7, 12)))
    assert round(mcnemar(*pairs).p_value, 4) == 0.0703
    assert round(mcnemar(*pairs, method="mid-p").p_value, 4) == 0.0391


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_sign_test_is_binomial(alternative):
    result = sign(X, Y, alternative=alternative)
    wins = sum(x > y for x, y in zip(X, Y, strict=True))
    assert result.p_value == pytest.approx(stats.binomtest(wins, 12, alternative=alternative).pvalue, rel=1e-12)


@pytest.mark.parametrize(("n", "low", "high"), [(10, 2, 9), (20, 6, 15), (30, 10, 21), (50, 18, 33)])
def test_sign_test_interval_takes_the_tabled_order_statistics(n, low, high):
    """The ranks that tables of 95% intervals for a median print."""
    differences = np.arange(1.0, n + 1)
    interval = sign(differences, np.zeros(n)).estimate.interval
    assert (interval.low, interval.high) == (low, high)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_paired_permutation_visits_all_sign_patterns(alternative):
    ours = paired_permutation(X, Y, rng=0, alternative=alternative)
    theirs = stats.permutation_test(
        (np.subtract(X, Y),), np.mean, permutation_type="samples", alternative=alternative, n_resamples=np.inf
    )
    assert ours.method == "all 4096 sign patterns"
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-12)


def test_paired_permutation_interval_inverts_the_test():
    differences = np.random.default_rng(9).normal(0.2, 1, 10)
    interval = paired_permutation(differences, np.zeros(10), rng=0).estimate.interval
    for limit, outwards in ((interval.low, -1e-7), (interval.high, 1e-7)):
        assert paired_permutation(differences - (limit - outwards), np.zeros(10), rng=0).p_value > 0.05
        assert paired_permutation(differences - (limit + outwards), np.zeros(10), rng=0).p_value <= 0.05


def test_random_sign_patterns_come_close_to_the_t_test_and_never_give_zero():
    rng = np.random.default_rng(1)
    first, second = rng.normal(0.25, 1, 90), rng.normal(0, 1, 90)
    result = paired_permutation(first, second, rng=7)
    assert result.p_value == pytest.approx(paired_ttest(first, second).p_value, abs=0.01)
    assert paired_permutation(first + 100, second, rng=7, resamples=999).p_value == 2 / 1000


def test_paired_permutation_of_binary_scores_is_mcnemars_exact_test():
    pairs = binary_pairs(((40, 30), (14, 16)))
    result = paired_permutation(*pairs, rng=0)
    assert result.p_value == mcnemar(*pairs).p_value
    assert result.effect_size.name == "risk_difference"
    assert result.resamples is None


@pytest.mark.parametrize(("method", "limits"), [("percentile", (28.86, 84.21)), ("bca", (32.31, 91.43))])
def test_bootstrap_of_a_mean_matches_r_boot(method, limits):
    """scipy's tests, from R boot with 1e6 resamples, to half a percent."""
    sample = [10, 12, 12.5, 12.5, 13.9, 15, 21, 22, 23, 34, 50, 81, 89, 121, 134, 213]
    interval = paired_bootstrap(sample, np.zeros(16), rng=0, method=method, resamples=200_000).estimate.interval
    assert (interval.low, interval.high) == pytest.approx(limits, rel=0.005)


def test_demsar_2006_signed_ranks(demsar):
    """Demsar 2006, p. 7: C4.5 with tuned m against C4.5; R+ 93, R- 12, zeros split."""
    tuned, plain = demsar.columns[1], demsar.columns[0]
    result = wilcoxon(tuned, plain, zeros="split")
    assert result.details == {"r_plus": 93.0, "r_minus": 12.0}
    assert result.significant
