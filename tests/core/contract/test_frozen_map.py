"""A map that grows without copying behaves as a dict of which every older version stays as it was."""

import copy
import pickle
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crucible_core.contract.persistent import FrozenMap

KEYS = st.one_of(st.sampled_from("abc"), st.integers(0, 300).map(str))
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("set"), KEYS, st.integers()),
        st.tuples(st.just("update"), st.dictionaries(KEYS, st.integers(), max_size=200), st.none()),
    ),
    max_size=60,
)


def _changed(change, frozen, model):
    kind, first, second = change
    if kind == "set":
        return frozen.set(first, second), {**model, first: second}
    return frozen.update(first), {**model, **first}


@given(CHANGES, st.data())
def test_every_version_equals_its_dict_in_content_and_order(changes, data):
    versions = [(FrozenMap(), {})]
    for change in changes:
        parent = versions[data.draw(st.integers(0, len(versions) - 1))]  # branches as well as chains
        versions.append(_changed(change, *parent))
    for frozen, model in versions:
        assert list(frozen.items()) == list(model.items())
        assert len(frozen) == len(model)
        assert bool(frozen) == bool(model)
        assert frozen == model


@given(st.dictionaries(KEYS, st.integers(), max_size=200), CHANGES)
def test_changes_since_are_the_keys_with_another_value(beginning, changes):
    elder, before = FrozenMap(beginning), dict(beginning)
    younger, after = elder, before
    for change in changes:
        younger, after = _changed(change, younger, after)
    expected = {key: value for key, value in after.items() if key not in before or before[key] is not value}
    assert dict(younger.changes_since(elder)) == expected


def test_changes_since_a_map_of_another_origin_are_all_that_differ():
    assert dict(FrozenMap({"a": 1, "b": 2}).changes_since(FrozenMap({"a": 1}))) == {"b": 2}


@pytest.mark.parametrize("key", ["missing", 1, None])
def test_what_is_not_there_is_a_key_error(key):
    frozen = FrozenMap({"a": 1})
    assert key not in frozen
    assert frozen.get(key, "default") == "default"
    with pytest.raises(KeyError):
        frozen[key]


def test_it_cannot_be_changed():
    frozen = FrozenMap({"a": 1})
    with pytest.raises(TypeError):
        frozen["a"] = 2
    with pytest.raises(TypeError):
        del frozen["a"]
    with pytest.raises(AttributeError):
        frozen.other = 1


def test_the_dict_it_was_made_of_may_change():
    given_entries = {"a": 1}
    frozen = FrozenMap(given_entries)
    given_entries["a"] = 2
    assert frozen["a"] == 1


def test_a_map_made_of_a_map_shares_its_layers():
    frozen = FrozenMap({str(index): index for index in range(1000)})
    assert FrozenMap(frozen)._layers is frozen._layers


@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, lambda frozen: pickle.loads(pickle.dumps(frozen)), lambda frozen: eval(repr(frozen))],
)
def test_it_survives_copying_pickling_and_its_own_repr(again):
    frozen = FrozenMap({str(index): index for index in range(100)}).set("more", 1).set("0", "changed")
    assert list(again(frozen).items()) == list(frozen.items())


def test_deepcopy_copies_the_values_and_reduce_gives_nothing_away():
    frozen = FrozenMap({"a": [1]})
    assert copy.deepcopy(frozen)["a"] is not frozen["a"]
    frozen.__reduce__()[1][0]["a"] = "meddled"
    assert frozen["a"] == [1]


def test_setting_a_key_beside_many_allocates_next_to_nothing():
    frozen = FrozenMap({str(index): index for index in range(100_000)})
    assert _allocated(lambda: frozen.set("new", 1).set("newer", 2)) < 10_000


def test_setting_many_keys_one_by_one_copies_each_a_logarithmic_number_of_times():
    """Counted in entries of the layers made on the way; copying everything each time would be 50 million."""
    frozen, copied, seen = FrozenMap(), 0, set()
    kept = []  # layers must stay alive, or an id would be used again
    for index in range(10_000):
        frozen = frozen.set(str(index), index)
        for layer in frozen._layers:
            if id(layer) not in seen:
                seen.add(id(layer))
                kept.append(layer)
                copied += len(layer)
    assert len(frozen._layers) < 20
    assert copied < 10_000 * (64 + 14)


def _allocated(work):
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        work()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
