"""What every result has, whatever the test."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crucible_bench
from crucible_bench import TESTS, Design, friedman, nemenyi
from crucible_bench.records import json_value

DIRECTIONAL = [name for name, each in TESTS.items() if each.directional]
OMNIBUS = [name for name, each in TESTS.items() if Design.MANY_GROUPS in each.designs]


def call(name, first, second, **options):
    procedure = TESTS[name]
    if name == "mcnemar":
        first, second = (np.asarray(each) > 5 for each in (first, second))
    return procedure.load()(first, second, **({"rng": 0} if procedure.resamples else {}), **options)


def results():
    rng = np.random.default_rng(0)
    first, second = rng.normal(5.5, 2, 30), rng.normal(5, 2, 30)
    for name in DIRECTIONAL:
        for alternative in ("two-sided", "greater", "less"):
            yield call(name, first, second, alternative=alternative, alpha=0.1)
    for name in OMNIBUS:
        yield TESTS[name].load()({"a": first, "b": second, "c": second + 0.5}, alpha=0.1)


@pytest.mark.parametrize("result", list(results()), ids=lambda each: f"{each.test}-{each.alternative}")
def test_no_p_value_without_effect_size_and_interval(result):
    assert 0 < result.p_value <= 1
    assert result.effect_size.value is not None
    for estimate in filter(None, (result.estimate, result.effect_size)):
        interval = estimate.interval
        assert interval.level == 0.9
        assert interval.method
        assert interval.low is not None or interval.high is not None
        assert (interval.low is None or interval.high is None) <= (interval.reason is not None)
        assert interval.low is None or interval.low <= estimate.value + 1e-9
        assert interval.high is None or interval.high >= estimate.value - 1e-9
    assert result.assumptions
    assert result.method
    assert all(group.n == 30 for group in result.groups)


@pytest.mark.parametrize("result", list(results()), ids=lambda each: f"{each.test}-{each.alternative}")
def test_results_are_json(result):
    document = result.to_dict()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["test"] in TESTS
    assert document["significant"] == (result.p_value <= 0.1)
    assert sum(document["n"].values()) >= 60


def test_friedman_and_nemenyi_are_json():
    table = np.random.default_rng(0).normal(size=(8, 3))
    for result in (friedman(table), nemenyi(table)):
        document = result.to_dict()
        assert json.loads(json.dumps(document, allow_nan=False)) == document
        assert document["n"] == {"models": 3, "datasets": 8}


def test_a_nan_never_becomes_json():
    with pytest.raises(ValueError, match="nan is not a JSON value"):
        json_value({"p": math.nan})


@pytest.mark.parametrize("result", list(results()), ids=lambda each: f"{each.test}-{each.alternative}")
def test_the_sentence_names_alpha_and_never_claims_equality(result):
    assert "alpha 0.1" in result.interpretation
    assert result.interpretation.endswith(".")
    if result.significant:
        assert " finds at alpha" in result.interpretation
    else:
        assert "does not show that they are equal" in result.interpretation


def test_the_sentence_names_the_groups_and_the_direction():
    sentence = call("welch", [9, 8, 9, 10], [1, 2, 1, 3], names=("new", "old")).interpretation
    assert "new is higher than old" in sentence
    assert "95% interval" in sentence


groups = st.lists(st.integers(0, 20), min_size=4, max_size=12)


@pytest.mark.parametrize("name", DIRECTIONAL)
@settings(deadline=None, max_examples=25)
@given(first=groups, second=groups)
def test_swapping_the_groups_flips_the_sign_and_keeps_p(name, first, second):
    if Design.PAIRED in TESTS[name].designs:
        size = min(len(first), len(second))
        first, second = first[:size], second[:size]
    there, back = call(name, first, second), call(name, second, first)
    assert back.estimate.value == pytest.approx(-there.estimate.value, abs=1e-9)
    if there.effect_size.value is None:
        assert back.effect_size.value is None
    else:
        assert back.effect_size.value == pytest.approx(-there.effect_size.value, abs=1e-9)
    if there.p_value is None:
        assert back.p_value is None
    else:
        # BCa estimates its bias from the resamples: near p = 1 two draws of 9,999 differ by .03 (one sigma).
        tolerance = {"bootstrap": 0.17, "paired_bootstrap": 0.17, "permutation": 0.05}.get(name, 1e-9)
        assert 0 < there.p_value <= 1
        assert back.p_value == pytest.approx(there.p_value, abs=tolerance)


@pytest.mark.parametrize("name", ["permutation", "bootstrap", "paired_permutation", "paired_bootstrap"])
def test_the_same_seed_gives_the_same_result(name):
    rng = np.random.default_rng(3)
    first, second = rng.normal(0, 1, 40), rng.normal(0.2, 1, 40)
    function = TESTS[name].load()
    assert function(first, second, rng=5) == function(first, second, rng=5)
    generated = function(first, second, rng=np.random.default_rng(5))
    assert generated.p_value == function(first, second, rng=5).p_value
    assert generated.seed is None


def test_importing_the_package_imports_neither_numpy_nor_scipy():
    code = "import sys, crucible_bench, crucible_bench.catalogue; print(sorted({'numpy', 'scipy'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_public_name_is_reachable_and_listed():
    for name in crucible_bench.__all__:
        assert getattr(crucible_bench, name) is not None
    assert set(crucible_bench.__all__) <= set(dir(crucible_bench))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = crucible_bench.nonsense


def test_typing_and_run_time_offer_the_same_names():
    """The imports under TYPE_CHECKING are what a type checker sees; the table is what Python sees."""
    import ast
    from pathlib import Path

    tree = ast.parse(Path(crucible_bench.__file__).read_text())
    imported = {
        f"{node.module}:{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("crucible_bench.")
        for alias in node.names
    }
    assert imported == {f"{home}:{name}" for name, home in crucible_bench._HOME_OF.items()}
