"""The bootstrap of few scores claims no more than they can show."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import special, stats

from crucible_bench import bootstrap, paired_bootstrap, permutation, welch
from crucible_bench.stages import Bench
from crucible_core import Context

METHODS = ["expanded", "percentile", "bca"]


def rows(first, second):
    return [{"group": "a", "score": each} for each in first] + [{"group": "b", "score": each} for each in second]


def default(first, second):
    """What the stage says where no test is named."""
    context = Bench().run(Context(outputs=rows(first, second)), Bench.Options(data="outputs"))
    return context.get_metric("stage")["bootstrap"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("n", "apart"), [(2, "6 ways"), (3, "20 ways")])
def test_groups_too_small_for_the_level_get_a_reason_instead_of_a_finding(n, apart, method):
    result = bootstrap(range(n), range(100, 100 + n), rng=0, method=method)
    assert (result.p_value, result.significant, result.estimate.interval.low) == (None, None, None)
    assert result.estimate.value == -100
    assert apart in result.reason
    assert apart in result.interpretation


@pytest.mark.parametrize("method", METHODS)
def test_five_pairs_are_too_few_and_six_are_not(method):
    assert paired_bootstrap([3, 5, 4, 6, 5], [0, 1, 0, 1, 0], rng=0, method=method).significant is None
    assert paired_bootstrap([3, 5, 4, 6, 5, 3], [0, 1, 0, 1, 0, 0], rng=0, method=method).significant is True


def test_the_stage_finds_nothing_by_default_in_two_scores_each():
    document = default([0.1, 0.2], [0.8, 0.9])
    assert document["significant"] is None
    assert "cannot support a level of 0.95" in document["interpretation"]


def test_a_higher_level_needs_more_scores():
    scores = [1, 2, 3, 4], [11, 12, 13, 14]
    assert bootstrap(*scores, rng=0).significant is True
    assert bootstrap(*scores, rng=0, alpha=0.01).significant is None


def test_expanded_percentiles_are_those_of_hesterberg():
    """Percentiles at Phi(t sqrt(n / (n - 1))), here for a mean, from scipy's own percentile bootstrap."""
    sample = np.random.default_rng(8).gamma(2.0, size=15)
    ours = paired_bootstrap(sample, np.zeros(15), rng=1, resamples=40_000).estimate.interval
    tail = special.ndtr(stats.t.ppf(0.025, 14) * math.sqrt(15 / 14))
    theirs = stats.bootstrap((sample,), np.mean, method="percentile", confidence_level=1 - 2 * tail, n_resamples=40_000)
    limits = theirs.confidence_interval
    assert (ours.low, ours.high) == pytest.approx((limits.low, limits.high), abs=0.04)
    assert ours.method == "bootstrap, percentile, expanded"


def test_the_expanded_bootstrap_of_normal_scores_is_near_the_t_test():
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=12), rng.normal(0.9, 2.0, size=9)
    there, t = bootstrap(first, second, rng=0), welch(first, second)
    assert there.p_value == pytest.approx(t.p_value, abs=0.02)
    assert there.estimate.interval.high == pytest.approx(t.estimate.interval.high, abs=0.15)


def test_in_every_arrangement_of_eight_scores_the_bootstrap_finds_no_more_than_it_may():
    """Under the null all arrangements are equally likely, so those found significant are the false positives."""
    scores = np.array([0.3, 1.1, 1.9, 2.2, 3.6, 4.1, 5.7, 8.2])
    groups = [(scores[list(each)], np.delete(scores, each)) for each in itertools.combinations(range(8), 4)]
    found = [bootstrap(*each, rng=0, resamples=999).significant for each in groups]
    assert sum(found) / len(found) <= 0.075
    assert sum(permutation(*each, rng=0).significant for each in groups) / len(groups) <= 0.05
