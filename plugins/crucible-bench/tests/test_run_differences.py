"""Whether two runs differ by more than noise, against scipy."""

from __future__ import annotations

import random

import pytest
from scipy import stats

from crucible_bench.hooks import crucible_compare_items
from crucible_core import ItemPairs

NAMES = ("old", "new")


def pairs(first, second, field="score"):
    return ItemPairs(field, {}, NAMES, tuple(range(len(first))), tuple(map(float, first)), tuple(map(float, second)))


def found(first, second):
    (finding,) = crucible_compare_items([pairs(first, second)])
    return finding


def test_zeros_and_ones_get_mcnemar():
    first = [1] * 50 + [0] * 30 + [1] * 6 + [0] * 14
    second = [1] * 50 + [1] * 30 + [0] * 6 + [0] * 14
    finding = found(first, second)
    assert finding.test == "mcnemar"
    assert finding.p_value == pytest.approx(stats.binomtest(30, 36).pvalue, rel=1e-12)
    assert finding.more_than_noise is True
    assert finding.difference == pytest.approx(0.24)
    low, high = finding.interval
    assert 0 < low < 0.24 < high
    assert (finding.effect_size_name, finding.effect_size) == ("cohens_g", pytest.approx(30 / 36 - 0.5))
    assert "new is higher than old" in finding.finding


def test_many_scores_get_the_paired_t_test():
    draw = random.Random(1)
    first = [draw.gauss(0, 1) for _ in range(40)]
    second = [value + draw.gauss(0.1, 1) for value in first]
    finding = found(first, second)
    expected = stats.ttest_rel(second, first)
    interval = expected.confidence_interval(0.95)
    assert finding.test == "paired_ttest"
    assert finding.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert finding.interval == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert finding.difference == pytest.approx(sum(second) / 40 - sum(first) / 40)
    assert finding.more_than_noise is bool(expected.pvalue <= 0.05)


def test_few_scores_get_the_signed_rank_test():
    first = [125.5, 115.1, 130.2, 140.4, 140.3, 115.8, 140.9, 125.6, 140.7, 135.1]
    second = [110.1, 122.9, 125.8, 120.3, 140.8, 124.2, 123.1, 137.7, 135.4, 145.6]
    finding = found(first, second)
    assert finding.test == "wilcoxon"
    assert finding.p_value == pytest.approx(stats.wilcoxon(second, first, method="exact").pvalue, rel=1e-12)
    assert finding.more_than_noise is False
    assert "does not establish" in finding.finding


def test_p_values_asked_at_once_are_corrected():
    def scores(wins):
        return [0] * 40, [1] * wins + [0] * (40 - wins)

    asked = [pairs(*scores(wins), field=str(wins)) for wins in (6, 7, 20)]
    alone = [found(*scores(wins)).p_value for wins in (6, 7, 20)]
    together = crucible_compare_items(asked)
    assert alone == pytest.approx([2 * 0.5**wins for wins in (6, 7, 20)])
    assert [each.p_value for each in together] == pytest.approx([alone[0], 2 * alone[1], 3 * alone[2]])
    assert all("corrected (Holm) for 3 comparisons" in each.notes[-1] for each in together)


def test_a_correction_may_leave_nothing_of_a_difference():
    alone = found([0] * 40, [1] * 6 + [0] * 34)
    (first, *_) = crucible_compare_items([pairs([0] * 40, [1] * 6 + [0] * 34) for _ in range(3)])
    assert (alone.more_than_noise, first.more_than_noise) == (True, False)
    assert "does not establish" in first.finding


@pytest.mark.parametrize(
    ("first", "second", "answer", "said"),
    [
        ([1.0], [2.0], None, "at least 2 are needed"),
        ([0.5] * 40, [0.75] * 40, True, "new is higher than old"),
        ([0.5] * 40, [0.5] * 40, False, "does not establish"),
        ([0.5] * 5, [0.5] * 5, False, "does not establish"),
        ([1] * 5, [1] * 5, False, "does not establish"),
    ],
    ids=["one item", "constant difference", "no difference", "few, no difference", "binary, no difference"],
)
def test_what_cannot_be_answered_is_said(first, second, answer, said):
    finding = found(first, second)
    assert finding.more_than_noise is answer
    assert (finding.reason is None) == (answer is not None)
    assert said in finding.finding


def test_one_that_cannot_be_answered_does_not_count_for_the_others():
    alone = found([0] * 40, [1] * 6 + [0] * 34)
    both = crucible_compare_items([pairs([1.5], [2.5]), pairs([0] * 40, [1] * 6 + [0] * 34)])
    assert both[1].p_value == alone.p_value
    assert both[0].more_than_noise is None


def test_the_hook_module_is_light(tmp_path):
    import subprocess
    import sys

    code = "import sys, crucible_bench.hooks; print([m for m in ('numpy', 'scipy', 'pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]"
