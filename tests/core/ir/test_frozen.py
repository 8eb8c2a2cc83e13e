"""Mappings that cannot be changed."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crucible_core.ir import Experiment, FrozenDict, SpecError, experiment, freeze

INFINITE = float("inf")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.__setitem__("a", 2),
        lambda d: d.__delitem__("a"),
        lambda d: d.__ior__({"b": 1}),
        lambda d: d.update(b=1),
        lambda d: d.setdefault("b", 1),
        lambda d: d.pop("a"),
        lambda d: d.popitem(),
        lambda d: d.clear(),
    ],
)
def test_every_change_is_refused(change):
    frozen = FrozenDict({"a": 1})
    with pytest.raises(TypeError, match="frozen"):
        change(frozen)
    assert frozen == {"a": 1}


def test_pickles_and_copies():
    frozen = freeze({"a": [{"b": 1}]})
    for twin in (pickle.loads(pickle.dumps(frozen)), copy.deepcopy(frozen), copy.copy(frozen), frozen.copy()):
        assert (twin, type(twin), type(twin["a"][0])) == (frozen, FrozenDict, FrozenDict)


def test_hashes_when_its_values_do():
    assert hash(FrozenDict(a=1, b=2)) == hash(FrozenDict(b=2, a=1))
    with pytest.raises(TypeError):
        hash(FrozenDict(a=[]))


def test_freezing_does_not_touch_what_it_was_given():
    given_ = {"a": [1, {"b": [2]}]}
    experiment = Experiment.from_dict({"id": "e", "pipeline": ["x"], "params": given_})
    given_["a"][1]["b"].append(3)
    assert experiment.params == {"a": (1, {"b": (2,)})}


@given(JSON)
def test_any_json_value_survives(value):
    experiment = Experiment.from_dict({"id": "e", "pipeline": ["x"], "params": {"value": value}})
    assert Experiment.from_json(experiment.to_json()) == experiment
    assert experiment.to_dict()["params"] == {"value": value}
    hash(experiment)


@pytest.mark.parametrize(("value", "path"), [(object(), "params.a[1]"), ({"b": {1}}, "params.a[1].b")])
def test_json_says_where_it_cannot_hold_a_value(value, path):
    experiment = Experiment.from_dict({"id": "e", "pipeline": ["x"], "params": {"a": [0, value]}})
    with pytest.raises(SpecError, match="JSON cannot hold") as caught:
        experiment.to_json()
    assert caught.value.problems[0].path == path


NOT_FINITE = {
    "options": ({"pipeline": [{"name": "x", "options": {"a": [0, INFINITE]}}]}, "pipeline[0].options.a[1]"),
    "params": ({"params": {"a": -INFINITE}}, "params.a"),
    "metadata, frozen before": ({"metadata": freeze({"a": {"b": INFINITE}})}, "metadata.a.b"),
    "a set": ({"params": {"a": {INFINITE}}}, "params.a[0]"),
    "another kind of float": ({"params": {"a": type("Half", (float,), {})(INFINITE)}}, "params.a"),
    "a target": ({"quality_targets": {"metrics.a": {"min": INFINITE}}}, "quality_targets.metrics.a.min"),
}


@pytest.mark.parametrize(("fields", "path"), NOT_FINITE.values(), ids=NOT_FINITE)
def test_a_number_that_is_not_finite_is_refused_when_an_experiment_is_made(fields, path):
    with pytest.raises(SpecError, match="expected a finite number, got ") as caught:
        Experiment.from_dict({"id": "e", "pipeline": ["x"], **fields})
    assert [problem.path for problem in caught.value.problems] == [path]


def test_a_builder_refuses_it_too():
    with pytest.raises(SpecError, match=r"pipeline\[0\].options.a: expected a finite number, got nan; a record, being"):
        experiment("e").add_stage("x", options={"a": float("nan")}).build()


def test_sets_and_tuples_are_frozen_too():
    assert freeze({"a": {1, 2}, "b": ([],)}) == {"a": frozenset({1, 2}), "b": ((),)}


def test_a_key_that_is_no_string_is_refused():
    with pytest.raises(SpecError, match="expected a key that is a string, got 5"):
        Experiment.from_dict({"id": "e", "pipeline": ["x"], 5: 1})


def test_a_value_within_itself_is_refused():
    loop: dict = {}
    loop["a"] = loop
    with pytest.raises(SpecError, match="deeper than 100 levels"):
        Experiment.from_dict({"id": "e", "pipeline": ["x"], "params": loop})


def test_a_backend_that_falls_back_on_itself_is_refused():
    backend: dict = {"id": "b"}
    backend["fallback"] = backend
    with pytest.raises(SpecError, match="refers to itself"):
        Experiment.from_dict({"id": "e", "pipeline": ["x"], "backend": backend})


def test_replace_checks_and_keeps_what_was_set():
    experiment = Experiment.from_dict({"id": "e", "pipeline": ["x"]})
    changed = experiment.replace(owner="me")
    assert (changed.owner, changed.fields_set) == ("me", {"id", "pipeline", "owner"})
    with pytest.raises(SpecError, match="owner: expected a string"):
        experiment.replace(owner=5)
