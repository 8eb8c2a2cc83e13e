"""Scores near the ends of what a float can hold are computed with rightly, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from crucible_bench import TESTS, BenchError, Design, describe, welch
from crucible_bench.stages import Bench
from crucible_core import Context, StageError

FIRST, SECOND = [1.0, 4.0, 2.5, 3.0, 7.0, 5.5, 2.0], [2.0, 9.0, 6.5, 8.0, 7.5, 11.0, 6.0]
TWO = [name for name, each in TESTS.items() if each.directional and not each.binary]
GROUPED = [name for name, each in TESTS.items() if {Design.MANY_GROUPS, Design.MANY_DATASETS} & set(each.designs)]


def bench(rows, **options):
    return Bench().run(Context(outputs=rows), Bench.Options(data="outputs", **options))


def two(first, second):
    return [{"group": "a", "score": each} for each in first] + [{"group": "b", "score": each} for each in second]


@pytest.mark.parametrize("scores", [[1e308, -1e308, 1.0], [1e101, 2.0, 3.0], [10**400, 1, 2], [-(10**400), 1, 2]])
def test_scores_that_are_too_large_are_refused(scores):
    with pytest.raises(BenchError, match="divide all scores by a constant") as caught:
        welch(scores, [1, 2, 3])
    assert caught.value.code == "out_of_range"
    with pytest.raises(StageError, match="a has a score beyond 1e\\+100") as refused:
        bench(two(scores, [1, 2, 3]))
    assert refused.value.code == "out_of_range"


@pytest.mark.parametrize("scores", [[1e-300, 2e-300, 3e-300], [0.0, 1e-200, 0.0], [5e-324, 0, 0]])
def test_scores_that_differ_by_too_little_are_refused_and_not_called_equal(scores):
    with pytest.raises(BenchError, match="scores differ, but by less than 1e-100"):
        describe(scores)
    with pytest.raises(StageError, match="multiply all scores by a constant"):
        bench(two(scores, [1, 2, 3]))


@pytest.mark.parametrize("unit", [1e98, 1e-98, -1e98])
@pytest.mark.parametrize("name", TWO)
def test_the_unit_of_the_scores_changes_no_p_value(name, unit):
    test = TESTS[name].load()
    given = {"rng": 0} if TESTS[name].resamples else {}
    plain = test(FIRST, SECOND, **given)
    scaled = test(np.multiply(FIRST, unit), np.multiply(SECOND, unit), **given)
    assert scaled.p_value == pytest.approx(plain.p_value, rel=1e-6)
    scaled.to_dict()


@pytest.mark.parametrize("unit", [1e98, 1e-98])
@pytest.mark.parametrize("name", [name for name in GROUPED if not TESTS[name].binary])
def test_the_unit_changes_nothing_for_several_groups(name, unit):
    groups = {"a": np.array(FIRST), "b": np.array(SECOND), "c": np.array(SECOND)[::-1] + 0.25}
    plain = TESTS[name].load()(groups)
    scaled = TESTS[name].load()({key: each * unit for key, each in groups.items()})
    assert p_values(scaled) == pytest.approx(p_values(plain), rel=1e-6)
    scaled.to_dict()


def p_values(result):
    return [each.p_value for each in getattr(result, "pairs", [result])]


@pytest.mark.parametrize("row", [{"group": None, "score": 3}, {"score": 3}, {"group": float("nan"), "score": 3}])
def test_a_row_that_names_no_group_is_refused_with_its_number(row):
    with pytest.raises(StageError, match=r"the field 'group' is .* in row 5") as caught:
        bench([*two([1, 2], [3, 4]), row])
    assert caught.value.code == "missing_label"


@pytest.mark.parametrize("options", [{"item": "q"}, {"columns": ["x", "y"], "item": "q"}])
def test_a_row_that_names_no_item_is_refused_with_its_number(options):
    rows = [{"q": name, "group": "a", "score": 1, "x": 1, "y": 2} for name in ("one", None)]
    with pytest.raises(StageError, match="the field 'q' is empty in row 2"):
        bench(rows, **options)
