"""A sequence that grows without copying behaves as a list of which every older version stays as it was."""

import copy
import math
import pickle
import threading
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crucible_core.contract.persistent import Rows


@given(st.lists(st.tuples(st.integers(0, 1000), st.lists(st.integers(), max_size=5)), max_size=40))
def test_every_version_equals_its_list_whatever_it_branched_from(steps):
    versions = [(Rows(), [])]
    for parent, added in steps:
        rows, model = versions[parent % len(versions)]
        versions.append((rows.extend(added), model + added))
    for rows, model in versions:
        assert list(rows) == model
        assert list(reversed(rows)) == model[::-1]
        assert len(rows) == len(model)
        assert rows == model
        assert model == rows


@given(st.lists(st.integers(), max_size=20), st.slices(20))
def test_slices_are_those_of_the_list(rows, window):
    assert Rows(rows).extend([1, 2])[window] == [*rows, 1, 2][window]


@given(st.lists(st.integers(), max_size=5), st.integers(-8, 8))
def test_an_index_is_that_of_the_version_not_of_what_grew_from_it(given_rows, index):
    rows = Rows(given_rows)
    rows.extend(range(100))
    try:
        expected = given_rows[index]
    except IndexError:
        with pytest.raises(IndexError, match=rf"row {index} of {len(given_rows)}"):
            rows[index]
    else:
        assert rows[index] == expected


def test_extending_shares_the_rows_and_only_the_second_branch_copies():
    first = Rows([1, 2])
    second, branch = first.extend([3]), first.extend([4])
    assert second._rows is first._rows
    assert branch._rows is not first._rows
    assert (list(first), list(second), list(branch)) == ([1, 2], [1, 2, 3], [1, 2, 4])


def test_extending_many_rows_allocates_next_to_nothing():
    rows = Rows(range(100_000)).extend([0])  # the list has room now
    tracemalloc.start()
    try:
        rows.extend([1])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10_000


def test_a_version_may_be_read_while_a_longer_one_grows():
    rows = Rows([1, 2])
    reader = iter(rows)
    assert next(reader) == 1
    rows.extend([3])
    assert list(reader) == [2]


def test_rows_extended_by_themselves_and_by_a_generator_that_extends_them():
    rows = Rows([1])

    def meddling():
        rows.extend(["stray"])
        yield 2

    assert list(rows.extend(meddling())) == [1, 2]
    assert list(rows.extend(rows)) == [1, 1]


def test_threads_that_race_to_extend_one_version_each_get_their_own():
    for _ in range(50):
        rows, barrier, made = Rows(["root"]), threading.Barrier(8), {}

        def extend(name, rows=rows, barrier=barrier, made=made):
            barrier.wait()
            grown = rows
            for step in range(20):
                grown = grown.extend([(name, step)])
            made[name] = grown

        threads = [threading.Thread(target=extend, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name, grown in made.items():
            assert list(grown) == ["root", *((name, step) for step in range(20))]
        assert list(rows) == ["root"]


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda rows: pickle.loads(pickle.dumps(rows)), lambda rows: eval(repr(rows))]
)
def test_they_survive_copying_pickling_and_their_own_repr_without_what_others_added(again):
    rows = Rows([{"a": 1}])
    rows.extend([{"a": 2}])
    made = again(rows)
    assert list(made) == [{"a": 1}]
    assert list(made.extend([3])) == [{"a": 1}, 3]


def test_a_copy_does_not_take_the_right_to_append_away_and_grows_apart():
    rows = Rows([1])
    copied = pickle.loads(pickle.dumps(rows))
    assert (list(copied.extend([2])), list(rows.extend([3]))) == ([1, 2], [1, 3])


def test_equality_is_that_of_lists_identity_included():
    nan = math.nan
    assert Rows([nan]) == Rows([nan])
    assert Rows([nan]) != Rows([float("nan")])
    assert Rows([1]) == (1,)
    assert hash(Rows([1])) == hash((1,))
    assert Rows([1]) != Rows([1, 2])
    assert Rows("a") != "a"


def test_they_cannot_be_changed():
    rows = Rows([1])
    with pytest.raises(TypeError):
        rows[0] = 2
    assert not hasattr(rows, "append")
    with pytest.raises(AttributeError):
        rows.other = 1
