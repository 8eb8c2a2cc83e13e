"""Two independent groups against R, SAS, scipy and closed forms."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from scipy import stats

from crucible_bench import bootstrap, mannwhitney, permutation, student, welch

# scipy renamed the option in 1.15
SCIPY_RNG = "rng" if "rng" in inspect.signature(stats.bootstrap).parameters else "random_state"
# pingouin's test data, whose results its authors checked against R
A, B = [4, 7, 8, 6, 3, 2], [6, 8, 7, 10, 11, 9]
# R's data set sleep
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


@pytest.mark.parametrize(
    ("test", "groups", "t", "df", "p", "interval"),
    [
        pytest.param(student, (A, B), -2.84199, 10, 0.01749, (-6.24, -0.76), id="R via pingouin, Student"),
        pytest.param(welch, (A, B), -2.84199, 9.49438, 0.01837, (-6.26, -0.74), id="R via pingouin, Welch"),
        pytest.param(welch, (SLEEP_1, SLEEP_2), -1.8608, 17.776, 0.07939, (-3.36548, 0.20548), id="R t.test(sleep)"),
    ],
)
def test_t_tests_match_published_results(test, groups, t, df, p, interval):
    result = test(*groups)
    digits = 5 if t != -1.8608 else 4
    assert round(result.statistic, digits) == t
    assert result.df[0] == pytest.approx(df, abs=5e-4)
    assert round(result.p_value, 5) == p
    found = result.estimate.interval
    assert (found.low, found.high) == pytest.approx(interval, abs=5e-3 if digits == 5 else 5e-6)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize(("test", "equal"), [(welch, False), (student, True)])
def test_t_tests_agree_with_scipy(test, equal, alternative):
    ours = test(SLEEP_1, SLEEP_2, alternative=alternative, alpha=0.1)
    theirs = stats.ttest_ind(SLEEP_1, SLEEP_2, equal_var=equal, alternative=alternative)
    limits = theirs.confidence_interval(0.9)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-12)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-12)
    for ours_limit, theirs_limit in zip((ours.estimate.interval.low, ours.estimate.interval.high), limits, strict=True):
        if np.isinf(theirs_limit):
            assert ours_limit is None
        else:
            assert ours_limit == pytest.approx(theirs_limit, rel=1e-10)


def test_a_one_sided_test_has_a_bound_and_says_so():
    interval = welch(A, B, alternative="less").estimate.interval
    assert interval.low is None
    assert interval.reason == "a one-sided test has no limit below"


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("method", ["exact", "asymptotic"])
def test_mannwhitney_agrees_with_scipy_without_ties(method, alternative):
    rng = np.random.default_rng(5)
    first, second = rng.normal(0.4, 1, 12), rng.normal(0, 1, 9)
    ours = mannwhitney(first, second, method=method, alternative=alternative)
    theirs = stats.mannwhitneyu(first, second, method=method, alternative=alternative)
    assert ours.statistic == theirs.statistic
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-10)


def test_mannwhitney_corrects_the_normal_approximation_for_ties_as_scipy_does():
    first, second = [1, 2, 2, 3, 4, 4, 5] * 12, [2, 3, 3, 4, 5, 5, 5] * 12
    ours = mannwhitney(first, second)
    assert ours.method == "normal, corrected for ties and continuity"
    assert ours.p_value == pytest.approx(stats.mannwhitneyu(first, second, method="asymptotic").pvalue, rel=1e-10)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_mannwhitney_is_exact_under_ties(alternative):
    """All C(9, 4) rearrangements by scipy's permutation test, which knows nothing of ranks' distribution."""
    first, second = np.array([1.0, 2, 2, 5]), np.array([2.0, 3, 4, 5, 5])
    ranks = stats.rankdata(np.concatenate([first, second]))
    theirs = stats.permutation_test(
        (ranks[:4], ranks[4:]), lambda x, y: x.sum(), alternative=alternative, n_resamples=np.inf
    )
    assert mannwhitney(first, second, alternative=alternative).p_value == pytest.approx(theirs.pvalue, rel=1e-10)


def test_mannwhitney_probabilities_of_the_paper_of_1947():
    """Mann and Whitney 1947, table I: for n = m = 3 and 4, P(U <= u), three digits."""
    for size, table in {3: [0.05, 0.1, 0.2, 0.35], 4: [0.014, 0.029, 0.057, 0.1, 0.171, 0.243]}.items():
        for u, probability in enumerate(table):
            first, second = _samples_with_u(size, u)
            result = mannwhitney(first, second, alternative="less")
            assert result.statistic == u
            assert round(result.p_value, 3) == probability


def _samples_with_u(size, u):
    """Two groups of untied scores in which first wins exactly u pairs."""
    first, second = list(range(size)), [10.0 + 10 * i for i in range(size)]
    wins = [min(size, max(0, u - size * i)) for i in range(size)]
    return [10 * w + 5 + 0.1 * value for value, w in zip(first, wins, strict=True)], second


def test_hodges_lehmann_shift_matches_r():
    """R ?wilcox.test, Hollander and Wolfe 1973 p. 69f: term against 12 to 26 weeks; W 35, shift .305."""
    x = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    y = [1.15, 0.88, 0.90, 0.74, 1.21]
    result = mannwhitney(x, y, alternative="greater")
    assert result.statistic == 35
    assert round(result.p_value, 4) == 0.1272
    assert result.estimate.value == pytest.approx(0.305)


@pytest.mark.parametrize("seed", range(5))
def test_hodges_lehmann_interval_inverts_the_test(seed):
    """Shifting by a little less than a limit is not rejected, by a little more is: the definition of the interval."""
    rng = np.random.default_rng(seed)
    first, second = rng.normal(0, 1, 8), rng.normal(0, 1, 7)
    interval = mannwhitney(first, second).estimate.interval
    for limit, outwards in ((interval.low, -1e-9), (interval.high, 1e-9)):
        assert mannwhitney(first - (limit - outwards), second).p_value > 0.05
        assert mannwhitney(first - (limit + outwards), second).p_value <= 0.05


def test_counting_and_sorting_find_the_same_shift(monkeypatch):
    from crucible_bench.effects import order_statistics

    rng = np.random.default_rng(2)
    first, second = rng.normal(0, 1, 130), rng.normal(0.3, 1, 90)
    held = mannwhitney(first, second).estimate
    monkeypatch.setattr(order_statistics, "MOST_PAIRS", 10)
    counted = mannwhitney(first, second).estimate
    assert counted.value == pytest.approx(held.value, abs=1e-12)
    assert counted.interval.low == pytest.approx(held.interval.low, abs=1e-12)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_permutation_visits_all_rearrangements_of_small_groups(alternative):
    ours = permutation(A, B, rng=0, alternative=alternative)
    theirs = stats.permutation_test(
        (A, B), lambda x, y: np.mean(x) - np.mean(y), alternative=alternative, n_resamples=np.inf
    )
    assert ours.method == "all 924 rearrangements"
    assert ours.resamples is None
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-12)


def test_permutation_interval_inverts_the_test():
    first, second = [0.3, 1.9, 2.2, 4.1, 5.3], [2.1, 3.3, 4.7, 6.2, 6.9, 8.0]
    interval = permutation(first, second, rng=0).estimate.interval
    for limit, outwards in ((interval.low, -1e-6), (interval.high, 1e-6)):
        inside, outside = ([x - (limit + side * outwards) for x in first] for side in (-1, 1))
        assert permutation(inside, second, rng=0).p_value > 0.05
        assert permutation(outside, second, rng=0).p_value <= 0.05


def test_random_rearrangements_come_close_to_the_t_test_and_never_give_zero():
    rng = np.random.default_rng(8)
    first, second = rng.normal(0.35, 1, 80), rng.normal(0, 1, 60)
    result = permutation(first, second, rng=1)
    assert result.resamples == 9_999
    assert result.seed == 1
    assert result.p_value == pytest.approx(student(first, second).p_value, abs=0.01)
    apart = permutation(first + 100, second, rng=1, resamples=999)
    assert apart.p_value == 2 / 1000


def test_permutation_of_binary_scores_is_fishers_exact_test():
    """Fisher's two one-sided p-values, by scipy."""
    first, second = [1] * 12 + [0] * 88, [1] * 3 + [0] * 97
    table = [[12, 88], [3, 97]]
    for alternative in ("greater", "less"):
        ours = permutation(first, second, rng=0, alternative=alternative)
        assert ours.p_value == pytest.approx(stats.fisher_exact(table, alternative).pvalue, rel=1e-10)
        assert ours.resamples is None


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_bootstrap_agrees_with_scipy(method):
    rng = np.random.default_rng(4)
    first, second = rng.exponential(1.0, 40), rng.exponential(0.7, 55)
    ours = bootstrap(first, second, rng=1, method=method, resamples=40_000).estimate.interval
    theirs = stats.bootstrap(
        (first, second),
        lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis),
        method=method,
        n_resamples=40_000,
        **{SCIPY_RNG: np.random.default_rng(2)},
    ).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.01)


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_bootstrap_p_value_is_the_alpha_at_which_the_interval_touches_zero(method):
    rng = np.random.default_rng(11)
    first, second = rng.exponential(1.0, 40) + 0.25, rng.exponential(1.0, 40)
    p_value = bootstrap(first, second, rng=3, method=method).p_value
    at = bootstrap(first, second, rng=3, method=method, alpha=p_value).estimate.interval
    assert min(abs(at.low), abs(at.high)) < 0.01


def test_bca_does_not_depend_on_rounding():
    """Scores with few values: many resamples equal the estimate, and must do so whatever the unit."""
    first, second = [0, 0, 2, 0, 0, 3, 1], [2, 0, 2, 0, 1, 3, 0]
    units = [bootstrap(np.multiply(first, u), np.multiply(second, u), rng=0).p_value for u in (1, 0.1, 0.3, 1 / 7)]
    assert units == pytest.approx([units[0]] * 4, abs=1e-12)


def test_discrete_scores_have_the_bootstrap_law_of_resampling_rows():
    """Proportion of 30 in 100: the bootstrap law of a mean of zeros and ones is binomial."""
    result = bootstrap([1] * 30 + [0] * 70, [0] * 50 + [1] * 50, rng=5, method="percentile", resamples=50_000)
    se = np.sqrt(0.3 * 0.7 / 100 + 0.5 * 0.5 / 100)
    assert result.estimate.interval.low == pytest.approx(-0.2 - 1.96 * se, abs=0.01)
    assert result.estimate.interval.high == pytest.approx(-0.2 + 1.96 * se, abs=0.01)


def test_bootstrap_flags_small_groups():
    assert "only 6 scores" in bootstrap(A, B, rng=0).flags[0]
