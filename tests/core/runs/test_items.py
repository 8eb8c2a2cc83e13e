"""What two runs measured on the same items."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from crucible_core.runs.codecs import DamagedObjectError, ObjectStore, Values
from crucible_core.runs.directory import RunDirectory
from crucible_core.runs.item_matching import match_items
from crucible_core.runs.item_rows import item_rows
from crucible_core.runs.plain_values import Opaque

NAMES = ("one", "other")


@pytest.fixture
def with_rows(hand_made, tmp_path):
    """Write a run whose stages added rows: (stage, from, rows) each, or an event as it is."""

    def write(*added, given=None):
        values = Values(ObjectStore(tmp_path / "out/exp/r/checkpoints"), tuple)

        def state(start, rows):
            return {} if rows is None else {"state": {"outputs": {"from": start, "rows": values.encode(rows)}}}

        events = [
            each if isinstance(each[0], int) else (1, "stage_stop", each[0], {"duration_s": 1.0, **state(*each[1:])})
            for each in added
        ]
        return RunDirectory(hand_made(*events, beginning=state(0, given)))

    return write


def rows(*names):
    return [{"id": name, "score": 0.5} for name in names]


def ids(run):
    return [row["id"] for row in item_rows(run)]


def test_rows_are_those_that_were_given_and_those_that_each_stage_added(with_rows):
    run = with_rows(("s0", 1, rows("b", "c")), ("s1", 0, None), ("s2", 3, rows("d")), given=rows("a"))
    assert ids(run) == ["a", "b", "c", "d"]


def test_a_stage_may_have_taken_rows_away(with_rows):
    assert ids(with_rows(("s0", 0, rows("a", "b", "c")), ("s1", 1, rows("x")))) == ["a", "x"]


def test_what_does_not_count_when_the_run_goes_on_is_forgotten(with_rows):
    resumed = (2, "run_start", None, {"resumed": True, "manifest": {}, "kept": ["s0"]})
    run = with_rows(("s0", 0, rows("a")), ("s1", 1, rows("b")), resumed, ("s1", 0, None), ("s2", 1, rows("c")))
    assert ids(run) == ["a", "c"]


def test_an_older_run_that_did_not_keep_them_has_none(record):
    run_dir = record("Refuse").run_dir
    assert item_rows(RunDirectory(run_dir)) == []


def test_many_rows_lie_in_an_object_of_their_own(with_rows):
    run = with_rows(("s0", 0, rows(*range(5000))))
    assert ids(run) == list(range(5000))
    (path,) = (path for path in (run.path / "checkpoints").rglob("*") if path.is_file())
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DamagedObjectError):
        item_rows(run)


def test_no_class_is_imported_that_a_run_names(with_rows, hand_made, tmp_path):
    (tmp_path / "imported_by_a_record.py").write_text("raise SystemExit('imported')\n")
    sys.path.insert(0, str(tmp_path))
    named = {"$": "enum", "class": "imported_by_a_record:X", "name": "RED"}
    row = {"id": "a", "score": 1.0, "colour": named, "by": {"$": "defaultdict", "factory": "imported_by_a_record:X"}}
    state = {"outputs": {"from": 0, "rows": [row]}}
    run_dir = hand_made((1, "stage_stop", "s0", {"duration_s": 1.0, "state": state}))
    try:
        (found,) = item_rows(RunDirectory(run_dir))
    finally:
        sys.path.remove(str(tmp_path))
    assert (found["id"], found["score"]) == ("a", 1.0)
    assert isinstance(found["colour"], Opaque)
    assert isinstance(found["by"], Opaque)
    assert "imported_by_a_record" not in sys.modules


@pytest.mark.parametrize("state", [3, {"outputs": 3}, {"outputs": {}}, {"outputs": {"from": "x", "rows": [3, None]}}])
def test_a_state_of_others_is_no_reason_to_fail(hand_made, state):
    run_dir = hand_made((1, "stage_stop", "s0", {"duration_s": 1.0, "state": state}))
    assert item_rows(RunDirectory(run_dir)) == []


def match(first, second, *fields):
    return match_items(first, second, NAMES, fields)


def test_items_are_matched_by_id_in_the_order_of_the_first_run():
    first = [{"id": "a", "score": 1}, {"id": "b", "score": True}, {"id": 1, "score": 0.5}, {"id": "x", "score": 0}]
    second = [{"id": 1, "score": 2}, {"id": "b", "score": 0}, {"id": "a", "score": 3}, {"id": "1", "score": 9}]
    (matched,) = match(first, second)
    assert matched.pairs.items == ("a", "b", 1)
    assert (matched.pairs.first, matched.pairs.second) == ((1.0, 1.0, 0.5), (3.0, 0.0, 2.0))
    assert (matched.only, matched.repeated) == ((("x",), ("1",)), 0)
    assert matched.to_dict() == {
        "field": "score",
        "series": {},
        "first": "one",
        "second": "other",
        "matched": 3,
        "means": [2.5 / 3, 5 / 3],
        "only_first": {"count": 1, "examples": ["x"]},
        "only_second": {"count": 1, "examples": ["1"]},
        "repeated": 0,
    }


def test_stages_and_models_are_told_apart():
    first = [{"id": 1, "model": model, "stage": "s", "score": score} for model, score in (("m", 1), ("n", 2))]
    second = [{"id": 1, "model": model, "stage": "s", "score": score} for model, score in (("n", 3), ("o", 4))]
    (matched,) = match(first, second)
    assert matched.pairs.series == {"stage": "s", "model": "n"}
    assert (matched.pairs.first, matched.pairs.second) == ((2.0,), (3.0,))


def test_an_item_with_several_values_is_left_out():
    (matched,) = match([*rows("a", "b"), *rows("a")], rows("a", "b"))
    assert (matched.pairs.items, matched.repeated) == (("b",), 1)


@pytest.mark.parametrize(
    "value",
    [None, float("nan"), float("inf"), "text", "NaN", [1], Opaque()],
    ids=lambda value: repr(value).partition(" at ")[0],
)
def test_what_is_no_finite_number_is_no_value(value):
    (matched,) = match([*rows("a"), {"id": "b", "score": value}], rows("a", "b"))
    assert (matched.pairs.items, matched.only) == (("a",), ((), ("b",)))


def test_numbers_of_numpy_are_numbers():
    (matched,) = match([{"id": np.int64(1), "score": np.float32(0.5)}], [{"id": 1, "score": np.bool_(True)}])
    assert (matched.pairs.first, matched.pairs.second) == ((0.5,), (1.0,))


@pytest.mark.parametrize(
    ("row", "fields", "compared"),
    [
        ({"score": 1, "fold": 3, "length": 7}, (), {"score": 1.0}),
        ({"score": None, "target": 1, "prediction": 1}, (), {}),
        ({"correct": True, "fold": 3}, (), {"correct": 1.0}),
        ({"target": "cat", "prediction": "cat", "fold": 3, "probability": 0.3}, (), {"correct": 1.0}),
        ({"target": 1, "prediction": 0}, (), {"correct": 0.0}),
        ({"target": 1, "prediction": True}, (), {"correct": 0.0}),
        ({"target": np.int64(3), "prediction": 3}, (), {"correct": 1.0}),
        ({"target": None, "prediction": None, "f1": 0.3, "exact": False}, (), {"f1": 0.3, "exact": 0.0}),
        ({"input": 3, "output": 4, "group": 5, "probability": 0.3}, (), {}),
        ({"score": 1, "fold": 3, "length": 7}, ("length", "fold"), {"length": 7.0, "fold": 3.0}),
        ({"score": 1, "target": 1, "prediction": 1}, ("correct", "score"), {"correct": 1.0, "score": 1.0}),
        ({"probability": 0.3}, ("probability",), {"probability": 0.3}),
    ],
    ids=str,
)
def test_what_is_compared_is_what_tells_how_well_an_item_went(row, fields, compared):
    found = match([{"id": 1, **row}], [{"id": 1, **row}], *fields)
    assert {each.pairs.field: each.pairs.first[0] for each in found} == compared


def test_rows_without_id_match_nothing():
    assert match([{"score": 1}, {"id": None, "score": 1}], rows("a")) == ()


@pytest.mark.parametrize("identity", [[1, 2], {"a": 1}, (1, 2), 1.5, "x"], ids=repr)
def test_an_id_may_be_any_value(identity):
    (matched,) = match([{"id": identity, "score": 1}], [{"id": identity, "score": 2}])
    assert matched.pairs.items == (identity,)
