"""Bounds that metrics are held to."""

from __future__ import annotations

import pytest

from crucible_core.ir import Experiment, QualityTarget, SpecError


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (">= 0.9", {"min": 0.9}),
        (">0.5", {"above": 0.5}),
        ("<= 3", {"max": 3.0}),
        (" < 1e-3 ", {"below": 0.001}),
        ("> -1, <= .5", {"above": -1.0, "max": 0.5}),
    ],
)
def test_text_is_read_as_bounds(text, fields):
    target = QualityTarget.from_dict(text)
    assert target == QualityTarget(**fields)
    assert target.fields_set == set(fields)
    assert QualityTarget.from_dict(str(target)) == target


@pytest.mark.parametrize(
    "text", ["", "0.9", "= 0.9", "== 1", ">= high", ">= nan", ">= 1,", ">= 1, >= 2", "> 1 < 2", "=> 1"]
)
def test_text_that_is_no_bound(text):
    with pytest.raises(SpecError, match=r"expected a bound such as '>= 0.9'"):
        QualityTarget.from_dict(text)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "at least one of min, max, above, below"),
        ({"min": None}, "at least one of"),
        ({"min": 2, "max": 1}, "no value can be >= 2, <= 1"),
        ({"above": 1, "max": 1}, "no value can be > 1, <= 1"),
        ({"above": 1, "below": 1}, "no value can be"),
        ({"min": 1, "above": 1}, "one bound on each side"),
        ({"max": float("inf")}, "expected a finite number"),
        ({"min": "1"}, "expected a finite number, got '1'"),
    ],
)
def test_bounds_that_make_no_sense(fields, message):
    with pytest.raises(SpecError, match=message):
        QualityTarget.from_dict(fields)


@pytest.mark.parametrize(
    ("text", "admitted", "refused"),
    [
        (">= 1", [1, 2, float("inf")], [0.999, float("nan")]),
        ("> 1", [1.001], [1, float("nan")]),
        ("<= 1", [1, -5], [1.001]),
        ("< 1", [0.999], [1]),
        (">= 1, <= 1", [1], [0.9, 1.1]),
    ],
)
def test_strict_bounds_exclude_and_others_include(text, admitted, refused):
    target = QualityTarget.from_dict(text)
    assert all(map(target.admits, admitted))
    assert not any(map(target.admits, refused))


@pytest.mark.parametrize("path", ["accuracy", "metrics", "metrics.", "metrics..x", "metrics.a b", "assigns.x", ""])
def test_a_target_names_a_metric_path(path):
    with pytest.raises(SpecError, match=r"expected a metric path such as 'metrics.eval.accuracy'"):
        Experiment.from_dict({"id": "e", "pipeline": ["x"], "quality_targets": {path: "> 1"}})
