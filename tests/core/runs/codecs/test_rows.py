"""Rows of data sets and of runs: many, and never in memory twice."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from crucible_core import Dataset, DatasetManifest
from crucible_core.contract.persistent import Rows
from crucible_core.runs.codecs import objects_in

MANY = 30_000


def rows(count):
    for index in range(count):
        yield {"id": index, "input": f"text {index}", "target": index % 3, "score": index / 7, "group": None}


def dataset(made):
    return Dataset(made, DatasetManifest("here", "h", len(made), ("id", "input")), {"train": range(2), "test": [3]})


@pytest.mark.parametrize("sequence", [list, tuple, Rows])
@pytest.mark.parametrize("count", [0, 3, 100, 101, 2_500])
def test_a_data_set_comes_back(kept, sequence, count):
    value = dataset(sequence(rows(count)))
    back = kept(value)
    assert back == value
    assert type(back.rows) is sequence
    assert type(back.splits["train"]) is range


@pytest.mark.parametrize("sequence", [list, Rows])
def test_many_rows_are_lines_that_anybody_can_read(values, store, sequence):
    encoded = values.encode(sequence(rows(1_000)))
    (ref,) = objects_in(encoded)
    first, *lines = store.path(ref).read_text(encoding="utf-8").splitlines()
    assert json.loads(first) == {"sequence": sequence.__name__}
    assert list(map(json.loads, lines)) == list(rows(1_000))


ODD = [
    {"a": float("nan"), "b": (1, 2)},
    {"$": 1},
    {1: "x"},
    {"text": 'line\nbreak \u2028 \ud800 "$"'},
    {"bytes": b"x" * 9_000},
    {},
]


@pytest.mark.parametrize("sequence", [list, tuple, Rows])
def test_rows_that_json_has_no_form_for_come_back(kept, sequence):
    value = dataset(sequence([*rows(150), *ODD]))
    back = kept(value)
    assert repr(back) == repr(value)


def test_the_objects_of_rows_are_known(values, store):
    encoded = values.encode({"data": dataset([*rows(150), *ODD, {"b": b"y" * 9_000}])})
    refs = set(objects_in(encoded))
    assert refs == set(store.objects())
    assert len(refs) == 3


@pytest.mark.parametrize("make", [dataset, lambda made: made, Rows], ids=["dataset", "list", "rows"])
def test_writing_many_takes_little_memory(values, make):
    value = make(list(rows(MANY)))
    text = sum(len(json.dumps(row)) for row in rows(MANY))
    tracemalloc.start()
    try:
        encoded = values.encode(value)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(ref.bytes for ref in objects_in(encoded)) > text / 2
    # a batch of lines, what the writer holds before it goes to the disk, and a set of ids
    assert peak < text + 2_000_000
    assert peak < 5_000_000


def test_a_list_in_which_a_row_comes_twice_has_it_twice_again(kept):
    row = {"a": 1}
    back = kept([row] * 200)
    assert all(each is back[0] for each in back)


def test_the_same_rows_are_one_object(values, store):
    for _ in range(2):
        values.encode(dataset(list(rows(500))))
    assert len(list(store.objects())) == 1


def test_rows_that_hold_themselves_are_refused(refused):
    made = [dict(row) for row in rows(150)]
    value = dataset(made)
    made[3]["self"] = value
    said = refused(value)
    assert "containers or more" in said or "nested deeper than Python can go" in said
