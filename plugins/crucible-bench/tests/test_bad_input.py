"""Wrong input gets an error that says what, where and what to do; odd input gets a flag."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from crucible_bench import (
    CODES,
    TESTS,
    BenchError,
    anova,
    bootstrap,
    mannwhitney,
    mcnemar,
    paired_bootstrap,
    paired_permutation,
    paired_ttest,
    permutation,
    sign,
    student,
    welch,
    wilcoxon,
)

TWO = [name for name, each in TESTS.items() if each.directional]
PAIRED = [name for name in TWO if "paired" in TESTS[name].designs]


def call(name, first, second, **options):
    procedure = TESTS[name]
    return procedure.load()(first, second, **({"rng": 0} if procedure.resamples else {}), **options)


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize(
    ("bad", "code", "words"),
    [
        ([1, float("nan"), 0], "not_finite", "first[1] is nan"),
        ([1, 0, float("inf")], "not_finite", "first[2] is inf"),
        ([1, None, 0], "not_finite", "first[1] is missing"),
        ([1, "0", 1], "not_numeric", "first[1] is '0' (str)"),
        ("101", "not_one_dimensional", "first is str"),
        (7, "not_one_dimensional", "first is int"),
        ({"a": 1}, "not_one_dimensional", "first is dict"),
        ([[1, 0], [0, 1]], "not_one_dimensional", "shape (2, 2)"),
        ([[1], [0, 1]], "not_one_dimensional", "ragged"),
        ([1 + 2j, 0, 1], "not_numeric", "first[0] is (1+2j)"),
        ([1], "too_few_observations", "first has 1 scores; at least 2"),
        ([], "too_few_observations", "first has 0 scores"),
    ],
)
def test_scores_that_are_no_scores(name, bad, code, words):
    with pytest.raises(BenchError) as caught:
        call(name, bad, [0, 1, 1])
    assert caught.value.code == code
    assert words in str(caught.value)


@pytest.mark.parametrize("name", PAIRED)
def test_unequal_pairs(name):
    with pytest.raises(BenchError, match="first has 3 scores and second has 2"):
        call(name, [1, 0, 1], [0, 1])


@pytest.mark.parametrize("name", TWO)
@pytest.mark.parametrize("alpha", [0, 1, -0.1, 1.5, float("nan"), "0.05", True, 1e-15])
def test_alpha_outside_its_range(name, alpha):
    with pytest.raises(BenchError) as caught:
        call(name, [1, 0, 1], [0, 1, 1], alpha=alpha)
    assert caught.value.code == "invalid_alpha"


@pytest.mark.parametrize("name", TWO)
def test_unknown_alternative(name):
    with pytest.raises(BenchError, match="choose one of two-sided, greater, less"):
        call(name, [1, 0, 1], [0, 1, 1], alternative="bigger")


@pytest.mark.parametrize("name", TWO)
def test_two_groups_of_one_name(name):
    with pytest.raises(BenchError, match="both groups are named 'a'"):
        call(name, [1, 0, 1], [0, 1, 1], names=("a", "a"))


@pytest.mark.parametrize("test", [permutation, bootstrap, paired_permutation, paired_bootstrap])
@pytest.mark.parametrize("rng", [None, 1.5, -1, True, "seed", np.random.RandomState(0)])
def test_a_random_source_is_required(test, rng):
    with pytest.raises(BenchError) as caught:
        test([1, 2, 4], [3, 4, 7], rng=rng)
    assert caught.value.code == "invalid_rng"


@pytest.mark.parametrize("resamples", [0, 98, 1e4, True])
def test_too_few_resamples(resamples):
    with pytest.raises(BenchError) as caught:
        bootstrap([1, 2, 4], [3, 4, 7], rng=0, resamples=resamples)
    assert caught.value.code == "invalid_resamples"


@pytest.mark.parametrize(
    ("call_it", "code"),
    [
        (lambda: mannwhitney([1, 2], [2, 3], method="fast"), "unknown_method"),
        (lambda: mannwhitney(range(150), range(150), method="exact"), "infeasible"),
        (lambda: wilcoxon([1, 2], [2, 3], zeros="keep"), "unknown_method"),
        (lambda: mcnemar([1, 0], [0, 1], method="wald"), "unknown_method"),
        (lambda: mcnemar([1, 0], [0, 1], method="chi2", alternative="less"), "unknown_method"),
        (lambda: mcnemar([1, 2], [0, 1]), "not_binary"),
        (lambda: bootstrap([1, 2], [2, 3], rng=0, method="basic"), "unknown_method"),
        (lambda: anova([[1, 2, 3]]), "too_few_groups"),
        (lambda: anova({"a": [1, 2], "b": [3]}), "too_few_observations"),
        (lambda: anova("abc"), "not_numeric"),
    ],
)
def test_other_wrong_options(call_it, code):
    with pytest.raises(BenchError) as caught:
        call_it()
    assert caught.value.code == code


def test_every_code_is_listed_and_survives_pickling():
    error = BenchError("not_binary", "first[0] is 2")
    assert pickle.loads(pickle.dumps(error)).code == "not_binary"
    assert isinstance(error, ValueError)
    assert "not_binary" in CODES


@pytest.mark.parametrize("test", [welch, student])
def test_two_constant_groups_give_no_p_value_but_a_reason(test):
    result = test([2, 2, 2], [3, 3, 3])
    assert (result.statistic, result.p_value, result.significant) == (None, None, None)
    assert result.estimate.value == -1.0
    assert "no spread" in result.reason
    assert result.reason in result.interpretation
    assert result.effect_size.reason is not None


def test_one_constant_group_is_flagged_and_tested():
    result = welch([2, 2, 2, 2], [3, 4, 5, 3])
    assert result.p_value is not None
    assert result.flags == ("all scores of first are equal",)


@pytest.mark.parametrize("test", [paired_ttest, lambda *pair: paired_bootstrap(*pair, rng=0)])
def test_constant_differences_give_no_p_value_but_a_reason(test):
    result = test([0.3, 0.9, 0.6], [0.1, 0.7, 0.4])
    assert result.p_value is None
    assert "all paired differences are equal" in result.reason
    assert result.flags[0] == "all paired differences are equal"


def test_bootstrap_of_constant_groups_gives_a_reason():
    result = bootstrap([2, 2, 2], [3, 3, 3], rng=0)
    assert result.p_value is None
    assert result.estimate.interval.reason == "every resample gives the same estimate"


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(mannwhitney([5, 5, 5], [5, 5]), id="mannwhitney"),
        pytest.param(mannwhitney([5, 5, 5], [5, 5], method="asymptotic"), id="mannwhitney asymptotic"),
        pytest.param(wilcoxon([5, 5, 5], [5, 5, 5]), id="wilcoxon"),
        pytest.param(wilcoxon([5, 5, 5], [5, 5, 5], method="asymptotic"), id="wilcoxon asymptotic"),
        pytest.param(sign([5, 5, 5], [5, 5, 5]), id="sign"),
        pytest.param(mcnemar([1, 1, 0], [1, 1, 0]), id="mcnemar"),
        pytest.param(mcnemar([1, 1, 0], [1, 1, 0], method="chi2"), id="mcnemar chi2"),
        pytest.param(permutation([5, 5, 5], [5, 5], rng=0), id="permutation"),
        pytest.param(paired_permutation([5, 5], [5, 5], rng=0), id="paired permutation"),
    ],
)
def test_all_ties_give_p_one_and_a_flag(result):
    assert result.p_value == 1.0
    assert "equal" in result.flags[0] or "zero" in result.flags[0]


@pytest.mark.parametrize(
    "result",
    [
        mannwhitney([1, 2], [3, 4]),
        wilcoxon([1, 2, 3], [2, 4, 6]),
        sign([1, 2, 3], [2, 4, 6]),
        permutation([1, 2], [3, 4.5], rng=0),
        paired_permutation([1, 2], [3, 4.5], rng=0),
    ],
    ids=lambda result: result.test,
)
def test_a_level_that_so_few_scores_cannot_support(result):
    interval = result.estimate.interval
    assert (interval.low, interval.high) == (None, None)
    assert "cannot support a level of 0.95" in interval.reason
