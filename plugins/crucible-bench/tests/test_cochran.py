"""Models that succeed or fail on the same items: against statsmodels, enumeration and the published definitions."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import cochrans_q
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.multitest import multipletests

from crucible_bench import BenchError, cochran, friedman, mcnemar, pairwise_mcnemar


def answers(n, rates, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.random((n, len(rates))) < rates).astype(int)


@pytest.mark.parametrize(
    ("n", "rates"), [(12, (0.8, 0.5, 0.4)), (40, (0.9, 0.7, 0.6)), (200, (0.8, 0.7, 0.7, 0.6, 0.5))]
)
def test_statistic_and_chi_square_p_are_those_of_statsmodels(n, rates):
    table = answers(n, rates)
    ours, theirs = cochran(table, rng=0, method="asymptotic"), cochrans_q(table)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-12)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert ours.df == (len(rates) - 1,)


@pytest.mark.parametrize(
    ("n", "rates", "seed"), [(5, (0.7, 0.4, 0.4), 1), (4, (0.5, 0.5, 0.2), 2), (3, (0.8, 0.5, 0.5, 0.1), 3)]
)
def test_exact_p_value_is_that_of_all_rearrangements_within_items(n, rates, seed):
    table = answers(n, rates, seed)
    observed = cochrans_q(table).statistic
    rearranged = itertools.product(*(list(itertools.permutations(row)) for row in table.tolist()))
    as_extreme = [cochrans_q(np.array(each)).statistic >= observed - 1e-9 for each in rearranged]
    assert cochran(table, rng=0, method="exact").p_value == pytest.approx(np.mean(as_extreme), rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_of_two_models_it_is_mcnemars_exact_test(seed):
    table = answers(25, (0.8, 0.5), seed)
    assert cochran(table, rng=0).p_value == pytest.approx(mcnemar(*table.T).p_value, rel=1e-9)


def test_effect_size_is_the_chance_corrected_r_of_its_definition():
    """Berry, Johnston and Mielke 2007: delta over all pairs of items, mu over all pairs and all rearrangements."""
    table = answers(7, (0.8, 0.5, 0.3), 4)
    pairs = list(itertools.combinations(table.tolist(), 2))
    delta = np.mean([np.abs(np.subtract(a, b)).sum() for a, b in pairs])
    mu = np.mean(
        [np.mean([np.abs(np.subtract(a, each)).sum() for each in itertools.permutations(b)]) for a, b in pairs]
    )
    result = cochran(table, rng=0)
    assert result.effect_size.name == "chance_corrected_r"
    assert result.effect_size.value == pytest.approx(1 - delta / mu, rel=1e-9)


def test_eta_squared_is_kendalls_w_of_the_same_scores():
    """Serlin, Carr and Marascuilo 1982: Q / (n (k - 1)); for binary scores Q is Friedman's tie-corrected statistic."""
    table = answers(30, (0.8, 0.5, 0.3))
    assert cochran(table, rng=0).details["eta_squared"] == pytest.approx(friedman(table).effect_size.value, rel=1e-9)


@pytest.mark.parametrize("rates", [(0.7, 0.7, 0.7), (0.9, 0.8, 0.7, 0.6)])
def test_interval_of_the_effect_size_covers_that_of_the_population(rates):
    """With equal rates R is 0; 150 samples of 60 items: at least 95% but for three standard errors."""
    k, mean = len(rates), np.mean(rates)
    between = k * np.var(rates)
    population = between / (k * mean - (k * mean) ** 2 / k)
    covered = 0
    for seed in range(150):
        interval = cochran(answers(60, rates, seed), rng=seed, resamples=499, method="asymptotic").effect_size.interval
        covered += interval.low <= population <= interval.high
    assert covered / 150 >= 0.95 - 3 * (0.95 * 0.05 / 150) ** 0.5


def test_items_that_all_or_none_solve_change_neither_q_nor_p():
    table = answers(20, (0.8, 0.5, 0.4))
    more = np.vstack([table, np.ones((30, 3)), np.zeros((10, 3))])
    fewer, all_items = cochran(table, rng=0), cochran(more, rng=0, items="questions")
    assert all_items.statistic == pytest.approx(fewer.statistic)
    assert all_items.p_value == pytest.approx(fewer.p_value)
    assert "questions, which say nothing about who is better" in all_items.flags[0]


def test_models_that_never_differ_give_p_one_and_no_effect_size():
    result = cochran([[1, 1, 1], [0, 0, 0], [1, 1, 1]], rng=0)
    assert (result.statistic, result.p_value) == (0.0, 1.0)
    assert result.effect_size.value is None
    assert result.effect_size.reason == "every model scores alike on every item"
    assert json.dumps(result.to_dict(), allow_nan=False)


def test_the_seed_decides_the_interval():
    table = answers(40, (0.9, 0.7, 0.6))
    assert cochran(table, rng=1) == cochran(table, rng=1)
    assert cochran(table, rng=1).effect_size.interval != cochran(table, rng=2).effect_size.interval


def test_many_items_fall_back_to_chi_square_unless_exact_is_asked_for():
    table = answers(3000, (0.8, 0.7, 0.7, 0.6))
    assert cochran(table, rng=0, resamples=99).method == "chi-square distribution"
    with pytest.raises(BenchError) as caught:
        cochran(table, rng=0, method="exact")
    assert caught.value.code == "infeasible"


@pytest.mark.parametrize("test", [lambda table: cochran(table, rng=0), pairwise_mcnemar])
def test_scores_other_than_zero_and_one_are_named(test):
    with pytest.raises(BenchError, match=r"b has 0\.5 on data set 2; .* needs 0 and 1") as caught:
        test({"a": [1, 0, 1], "b": [1, 0.5, 0], "c": [0, 0, 1]})
    assert caught.value.code == "not_binary"


@pytest.mark.parametrize(("method", "exact"), [("exact", True), ("chi2", False)])
def test_p_values_of_pairs_are_those_of_statsmodels_with_holms_correction(method, exact):
    table = answers(60, (0.9, 0.7, 0.6))
    theirs = []
    for i, j in ((0, 1), (0, 2), (1, 2)):
        counts = [[int(((table[:, i] == a) & (table[:, j] == b)).sum()) for b in (1, 0)] for a in (1, 0)]
        theirs.append(statsmodels_mcnemar(counts, exact=exact, correction=True).pvalue)
    result = pairwise_mcnemar(table, method=method)
    assert [pair.p_value for pair in result.pairs] == pytest.approx(theirs, rel=1e-9)
    holm = multipletests(theirs, method="holm")
    assert [pair.adjusted_p_value for pair in result.pairs] == pytest.approx(list(holm[1]), rel=1e-9)
    assert [pair.significant for pair in result.pairs] == list(holm[0])


def test_each_pair_has_the_interval_of_mcnemars_test_of_the_two():
    table = answers(40, (0.9, 0.7, 0.6))
    pair = pairwise_mcnemar({"x": table[:, 0], "y": table[:, 1], "z": table[:, 2]}).pairs[1]
    alone = mcnemar(table[:, 0], table[:, 2], names=("x", "z"))
    assert (pair.first, pair.second) == ("x", "z")
    assert pair.estimate == alone.estimate
    assert pair.estimate.value == pytest.approx(table[:, 0].mean() - table[:, 2].mean())


def test_the_sentence_names_the_pairs_that_differ():
    table = answers(200, (0.9, 0.9, 0.5))
    sentence = pairwise_mcnemar({"x": table[:, 0], "y": table[:, 1], "z": table[:, 2]}).interpretation
    assert "2 of 3 pairs of models differ in success rate: x is higher than z, y is higher than z" in sentence
    assert "the other pairs are not shown to be equal" in sentence


def test_pairs_that_tie_everywhere_are_flagged():
    result = pairwise_mcnemar({"x": [1, 0, 1], "y": [1, 0, 1], "z": [0, 0, 1]}, items="questions")
    assert result.flags == ("x and y tie on all questions",)
    assert result.pairs[0].p_value == 1.0
    assert json.dumps(result.to_dict(), allow_nan=False)
