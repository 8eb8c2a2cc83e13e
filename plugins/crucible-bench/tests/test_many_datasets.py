"""Models over data sets: Demsar 2006, scipy, and what no table can hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from crucible_bench import (
    BenchError,
    critical_difference,
    friedman,
    nemenyi,
    score_table,
    score_table_from_rows,
)

# pingouin's tests, from R: three wines judged by twelve people
WINES = {
    "white": [10, 8, 7, 9, 7, 4, 5, 6, 5, 10, 4, 7],
    "red": [7, 5, 8, 6, 5, 7, 9, 6, 4, 6, 7, 3],
    "rose": [8, 5, 6, 4, 7, 5, 3, 7, 6, 4, 4, 3],
}


def test_demsar_2006_mean_ranks(demsar):
    assert [round(rank, 3) for rank in friedman(demsar).mean_ranks] == [3.143, 2.0, 2.893, 1.964]


def test_demsar_2006_friedman(demsar):
    """Demsar 2006, p. 13: chi2_F 9.28, F_F 3.69 with 3 and 39 degrees of freedom."""
    result = friedman(demsar)
    assert round(result.chi2.value, 2) == 9.28
    assert round(result.iman_davenport.value, 2) == 3.69
    assert result.iman_davenport.df == (3.0, 39.0)


def test_demsar_2006_critical_difference(demsar):
    """Demsar 2006, p. 14: CD 1.25 at .05."""
    assert round(nemenyi(demsar).critical_difference, 2) == 1.25


@pytest.mark.parametrize(
    ("models", "alpha", "q"),
    [(2, 0.05, 1.960), (3, 0.05, 2.343), (4, 0.05, 2.569), (5, 0.05, 2.728), (10, 0.05, 3.164), (10, 0.10, 2.920)],
)
def test_nemenyi_critical_values_of_demsars_table_5a(models, alpha, q):
    found = critical_difference(models, 7, alpha=alpha) / np.sqrt(models * (models + 1) / (6 * 7))
    assert found == pytest.approx(q, abs=1.1e-3)


def test_tie_corrected_statistic_is_scipys(demsar):
    result = friedman(demsar)
    theirs = stats.friedmanchisquare(*demsar.columns)
    assert result.chi2_tie_corrected.value == pytest.approx(theirs.statistic, rel=1e-12)
    assert result.chi2_tie_corrected.p_value == pytest.approx(theirs.pvalue, rel=1e-12)
    assert round(result.chi2_tie_corrected.value, 2) == 10.23


def test_without_ties_both_statistics_agree():
    table = np.random.default_rng(0).normal(size=(9, 4))
    result = friedman(table)
    assert result.chi2.value == pytest.approx(result.chi2_tie_corrected.value, rel=1e-12)
    assert result.iman_davenport.value == pytest.approx(result.iman_davenport_tie_corrected.value, rel=1e-12)


def test_wines_match_r():
    """pingouin's tests, from R: Q 2, p .3678794, Kendall's W .0833333."""
    result = friedman(WINES, higher_is_better=False)
    assert result.chi2_tie_corrected.value == pytest.approx(2.0)
    assert round(result.chi2_tie_corrected.p_value, 7) == 0.3678794
    assert round(result.effect_size.value, 7) == 0.0833333


def test_iman_davenport_is_the_f_test_of_a_two_way_layout_of_ranks(demsar):
    """Iman and Davenport 1980: F_F of the corrected statistic is the analysis of variance of the ranks."""
    import pandas as pd
    from statsmodels.stats.anova import AnovaRM

    ranks = stats.rankdata(-demsar.array(), axis=1)
    rows = [(i, j, ranks[i, j]) for i in range(14) for j in range(4)]
    frame = pd.DataFrame(rows, columns=["dataset", "model", "rank"])
    theirs = AnovaRM(frame, "rank", "dataset", within=["model"]).fit().anova_table["F Value"].iloc[0]
    assert friedman(demsar).iman_davenport_tie_corrected.value == pytest.approx(theirs, rel=1e-10)


def test_nemenyi_p_values_agree_with_intervals(demsar):
    result = nemenyi(demsar, alpha=0.10)
    for pair in result.pairs:
        interval = pair.effect_size.interval
        excludes_zero = interval.low >= 0 or interval.high <= 0
        assert pair.significant == excludes_zero == (pair.p_value <= 0.10)
    assert any(pair.significant for pair in result.pairs)
    assert not all(pair.significant for pair in result.pairs)


def test_nemenyi_p_value_of_two_models_is_normal():
    """For k = 2 the studentized range over sqrt 2 is |z|: z = rank difference / sqrt(1 / n)."""
    scores = {"a": [3, 3, 3, 1, 3, 3, 3, 1, 3], "b": [2, 2, 2, 2, 2, 2, 2, 2, 2]}
    pair = nemenyi(scores).pairs[0]
    assert pair.p_value == pytest.approx(2 * stats.norm.sf(abs(pair.effect_size.value) * 3), abs=1e-7)


def test_groups_are_the_largest_sets_within_the_critical_difference():
    rng = np.random.default_rng(3)
    result = nemenyi({f"m{i}": rng.normal(i * 0.3, 1, 25) for i in range(12)})
    ranked = dict(zip(result.models, result.mean_ranks, strict=True))
    order = sorted(ranked, key=ranked.get)
    expected = [
        tuple(order[i : j + 1])
        for i in range(12)
        for j in range(i + 1, 12)
        if ranked[order[j]] - ranked[order[i]] < result.critical_difference
        and (i == 0 or ranked[order[j]] - ranked[order[i - 1]] >= result.critical_difference)
        and (j == 11 or ranked[order[j + 1]] - ranked[order[i]] >= result.critical_difference)
    ]
    assert list(result.groups) == expected
    assert len(expected) > 2


def test_lower_is_better_reverses_the_ranks():
    ranks = np.array(friedman(WINES).mean_ranks)
    assert np.array(friedman(WINES, higher_is_better=False).mean_ranks) == pytest.approx(4 - ranks)


def test_full_agreement_has_w_one_and_says_why_f_is_missing():
    result = friedman([[3, 2, 1], [6, 5, 4], [9, 8, 7]])
    assert result.effect_size.value == 1.0
    assert result.iman_davenport.value is None
    assert "infinite" in result.iman_davenport.reason
    assert result.p_value == pytest.approx(6 / 6**3)
    assert result.method == "Friedman statistic, exact"


def test_full_agreement_of_many_models_falls_back_on_chi_squared():
    result = friedman([[5, 4, 3, 2, 1]] * 3)
    assert result.p_value == result.chi2_tie_corrected.p_value
    assert result.method == "Friedman chi-squared, corrected for ties"


@pytest.mark.parametrize(
    ("rank_sums", "ranks", "published"),
    # The tables of Friedman 1937, JASA 32:675, for three models: n = 3, S = 14, .194; S = 18, .028; n = 4, S = 26, .042
    [
        ((4, 5, 9), [[1, 2, 3], [1, 2, 3], [2, 1, 3]], 0.194),
        ((3, 6, 9), [[1, 2, 3]] * 3, 0.028),
        ((5, 7, 12), [[1, 2, 3], [1, 2, 3], [1, 2, 3], [2, 1, 3]], 0.042),
    ],
)
def test_the_exact_p_value_of_few_data_sets_is_the_tabulated_one(rank_sums, ranks, published):
    assert tuple(np.sum(ranks, axis=0)) == rank_sums
    assert friedman(ranks, higher_is_better=False).p_value == pytest.approx(published, abs=5e-4)


@pytest.mark.parametrize(("n", "k"), [(3, 3), (4, 3), (5, 3), (4, 2), (7, 2)])
def test_few_data_sets_are_called_different_no_more_often_than_alpha(n, k):
    rng = np.random.default_rng(n * k)
    found = [friedman(rng.normal(size=(n, k))).significant for _ in range(400)]
    assert np.mean(found) <= 0.075


def test_all_ties_are_flagged_and_nothing_is_nan():
    result = friedman([[1.0, 1.0, 1.0]] * 4)
    assert result.p_value == 1.0
    assert result.chi2_tie_corrected.value is None
    assert result.effect_size.reason is not None
    assert result.flags[0].startswith("ties on 4 of 4 data sets: ranks say little")
    assert nemenyi([[1.0, 1.0, 1.0]] * 4).groups == (("model 1", "model 2", "model 3"),)


def test_interval_of_kendalls_w_covers_the_expected_w():
    """Rankings by noisy scores: the 95% interval, an approximation, covers the W of infinitely many data sets."""
    rng = np.random.default_rng(12)
    shifts = np.array([0.0, 0.3, 0.6, 0.9])
    many = friedman(rng.normal(size=(40_000, 4)) + shifts).effect_size.value
    covered = 0
    for _ in range(300):
        interval = friedman(rng.normal(size=(20, 4)) + shifts).effect_size.interval
        covered += interval.low <= many <= interval.high
    assert 0.91 <= covered / 300 <= 0.99


@pytest.mark.parametrize(
    ("scores", "code", "words"),
    [
        ({"a": [1, 2]}, "too_few_models", "at least two"),
        ({"a": [1], "b": [2]}, "too_few_datasets", "at least two"),
        ({"a": [1, 2, 3], "b": [1, 2]}, "missing_cells", "b has 2 scores where others have 3"),
        ({"a": [1, None, 3], "b": [1, 2, 3]}, "missing_cells", "a on data set 2"),
        ({"a": [1, float("nan"), 3], "b": [1, 2, 3]}, "missing_cells", "a on data set 2"),
        ({"a": {"x": 1, "y": 2}, "b": {"x": 1}}, "missing_cells", "b on y"),
        ({"a": {"x": 1, "y": 2}, "b": [1, 2]}, "invalid_table", "same way"),
        ({"a": [1, float("inf")], "b": [1, 2]}, "not_finite", "a[1] is inf"),
        ({"a": [1, "2"], "b": [1, 2]}, "not_numeric", "'2' (str)"),
        ([[1, 2], [1]], "invalid_table", "rectangular"),
        ([1, 2, 3], "invalid_table", "rectangular"),
        ([], "too_few_datasets", "no rows"),
    ],
)
def test_tables_that_cannot_be_compared(scores, code, words):
    with pytest.raises(BenchError) as caught:
        friedman(scores)
    assert caught.value.code == code
    assert words in str(caught.value)


def test_two_scores_for_one_cell_are_refused():
    with pytest.raises(BenchError, match="a has two scores on x"):
        score_table_from_rows([("a", "x", 1.0), ("a", "x", 2.0), ("b", "x", 1.0)])


def test_missing_cells_are_listed_but_not_endlessly():
    rows = [("a", f"d{i}", 1.0) for i in range(20)] + [("b", "d0", 1.0)]
    with pytest.raises(BenchError, match=r"b on d1, .* and 14 more"):
        score_table_from_rows(rows)


@pytest.mark.parametrize(("names", "code"), [(["a"], "invalid_table"), (["a", "a"], "duplicate_names")])
def test_names_must_match_the_columns(names, code):
    with pytest.raises(BenchError) as caught:
        score_table([[1, 2], [3, 4]], models=names)
    assert caught.value.code == code
