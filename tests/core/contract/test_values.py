"""The small values stages make: verdicts, report parts, datasets, examples, traits, and what reads them."""

import dataclasses
import math

import pytest

from crucible_core import (
    Context,
    Dataset,
    DatasetManifest,
    Figure,
    StageError,
    StageExample,
    Table,
    Text,
    Traits,
    Verdict,
    import_object,
    read_items,
)
from crucible_core.contract.report_parts import report_parts
from crucible_core.contract.traits import DETERMINISMS

MANIFEST = DatasetManifest("here.csv", "0" * 64, 3, ("a",))
DATASET = Dataset([{"a": 0}, {"a": 1}, {"a": 2}], MANIFEST, {"train": [2, 0], "test": [1]})


@pytest.mark.parametrize(
    "value",
    [Verdict("?", True, "yes"), Figure("<svg/>", "t", "a"), Table((), ()), Text("x"), Traits(), DATASET, MANIFEST],
)
def test_they_are_frozen(value):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, dataclasses.fields(value)[0].name, 1)


def test_a_verdict_as_json_has_pythons_own_numbers():
    import numpy as np

    verdict = Verdict("?", np.bool_(False), "no", (np.float32(0.5), math.inf)).to_dict()
    assert verdict == {"question": "?", "passed": False, "finding": "no", "interval": [0.5, math.inf]}
    assert type(verdict["passed"]) is bool
    assert Verdict("?", True, "yes").to_dict()["interval"] is None


def test_a_ragged_table_is_refused_where_it_is_made():
    with pytest.raises(ValueError, match="row 1 of table 'T' has 1 cells for 2 columns"):
        Table(("a", "b"), [(1, 2), (3,)], "T")


@pytest.mark.parametrize(
    ("artifact", "count"),
    [
        (Text("a"), 1),
        ([Text("a"), Table((), ())], 2),
        ((Text("a"),), 1),
        ([], 0),
        ("text", 0),
        ([Text("a"), "b"], 0),
        (None, 0),
    ],
)
def test_the_report_parts_of_an_artifact(artifact, count):
    assert len(report_parts(artifact)) == count


def test_a_split_gives_its_rows_in_its_order():
    assert DATASET.split("train") == [{"a": 2}, {"a": 0}]
    assert len(DATASET) == 3
    with pytest.raises(KeyError, match=r"no split named 'val' in here\.csv; there are: train, test"):
        DATASET.split("val")


def test_items_are_read_from_wherever_an_option_says():
    rows = [{"a": 1}]
    context = Context(outputs=rows, assigns={"dataset": DATASET, "list": rows, "empty": []})
    assert list(read_items(context, "outputs")) == rows
    assert read_items(context, "assigns.dataset") is DATASET.rows
    assert read_items(context, "assigns.list") is rows
    assert read_items(context, "assigns.empty") == []


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("text", "assigns.x holds a str; rows are a list of mappings"),
        (b"bytes", "assigns.x holds a bytes; rows are a list of mappings"),
        ({"a": 1}, "assigns.x holds a dict; rows are a list of mappings"),
        (5, "assigns.x holds a int; rows are a list of mappings"),
        ([{"a": 1}, 2], "row 1 of assigns.x is a int; a row maps field names to values"),
    ],
)
def test_what_is_no_rows_is_wrong_data(value, message):
    with pytest.raises(StageError) as caught:
        read_items(Context(assigns={"x": value}), "assigns.x")
    assert (caught.value.code, caught.value.message) == ("wrong_data", message)
    assert caught.value.details["path"] == "assigns.x"


def test_a_path_that_leads_nowhere_is_wrong_data():
    with pytest.raises(StageError, match=r"'assigns\.x': there is no 'x' in assigns") as caught:
        read_items(Context(), "assigns.x")
    assert caught.value.code == "wrong_data"


def test_an_object_is_imported_by_name():
    assert import_object("math:sqrt", "score") is math.sqrt
    assert import_object("collections.abc:Mapping.get", "x").__qualname__ == "Mapping.get"
    assert import_object("math", "x") is math
    assert import_object(len, "x") is len


@pytest.mark.parametrize("name", ["no_such_module:x", "math:no_such", "math:sqrt.no", ":", "", "math:sqrt:x", "a b"])
def test_what_cannot_be_imported_is_said_with_the_option(name):
    with pytest.raises(StageError) as caught:
        import_object(name, "score")
    assert caught.value.code == "not_importable"
    assert caught.value.message.startswith(f"score: {name!r} cannot be imported: ")
    assert caught.value.details == {"option": "score"}


def test_an_example_makes_its_fields_when_asked():
    example = StageExample("Big.", outputs=lambda: [{"a": 1}], options=lambda: {"n": 1}, metrics={"m": 1})
    assert example.make("outputs") == [{"a": 1}]
    assert example.make("outputs") is not example.make("outputs")
    assert (example.make("options"), example.make("metrics"), example.make("assigns")) == ({"n": 1}, {"m": 1}, {})
    assert example.to_dict() == {"summary": "Big.", "options": None, "raises": None}


@pytest.mark.parametrize(
    ("traits", "weak"),
    [
        (Traits(), ()),
        (Traits(determinism="seeded", cacheable=True), ()),
        (Traits(determinism="none"), ("determinism",)),
        (Traits(network=("*",), subprocess=True, picklable=False), ("network", "subprocess", "picklable")),
    ],
)
def test_weak_traits_are_named(traits, weak):
    assert traits.weak == weak


def test_traits_are_checked_where_they_are_written():
    with pytest.raises(ValueError, match=f"determinism is one of {', '.join(DETERMINISMS)}; got 'sometimes'"):
        Traits(determinism="sometimes")
    with pytest.raises(TypeError, match=r"network is a list of hosts; got 'example\.org'"):
        Traits(network="example.org")
