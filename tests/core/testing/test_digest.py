"""Values in canonical form: what differs is seen, and what is alike looks alike."""

from __future__ import annotations

import datetime as dt
import itertools
import random

import pytest

from crucible_core.testing.digest import leaves

ITERATORS = {
    "of a list": lambda: iter([1, 2]),
    "of a mapping": lambda: iter({1: 2}),
    "of a zip": lambda: zip([1], [2], strict=True),
    "of itertools": lambda: itertools.chain([1], [2]),
    "of a generator": lambda: (each for each in [1, 2]),
}


@pytest.mark.parametrize("make", ITERATORS.values(), ids=ITERATORS)
def test_looking_at_an_iterator_takes_nothing_and_tells_what_was_taken(make):
    given = make()
    before = leaves(given, public=True)
    assert leaves(given, public=True) == before
    next(given)
    assert leaves(given, public=True) != before


def test_a_generator_of_numbers_is_known_by_its_state():
    assert leaves(random.Random(1)) == leaves(random.Random(1))
    assert leaves(random.Random(1)) != leaves(random.Random(2))


def test_a_day_and_the_moment_it_begins_differ():
    assert leaves(dt.date(2020, 1, 1)) != leaves(dt.datetime(2020, 1, 1))  # noqa: DTZ001 - without a zone


def test_the_order_of_keys_counts_only_where_it_is_asked_for():
    one, other = {"a": 1, "b": 2}, {"b": 2, "a": 1}
    assert leaves(one) == leaves(other)
    assert leaves(one, exact=True) != leaves(other, exact=True)


def test_a_key_that_is_an_object_has_no_address_in_its_place():
    assert leaves({object(): 1}) == leaves({object(): 1})


class Raising:
    __slots__ = ()

    def __getattr__(self, name):
        raise RuntimeError("do not look")


def test_what_cannot_be_looked_at_is_known_by_its_type():
    assert leaves([Raising()]) == leaves([Raising()])
    assert leaves([Raising()]) != leaves([object()])
