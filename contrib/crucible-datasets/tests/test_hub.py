"""Data sets of the hub; a stand-in takes the place of the ``datasets`` library, so that no test needs a network."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from crucible_datasets import DatasetError, load_dataset
from crucible_datasets.hub import load_hub


@pytest.fixture
def library(monkeypatch):
    """A library that knows one data set and remembers how it was asked."""
    asked = []

    def load(path, name=None, *, revision=None, streaming=False):
        asked.append((path, name, revision, streaming))
        if path != "org/name":
            raise ConnectionError(f"Couldn't reach {path!r} on the Hub")
        return {"train": ({"text": text, "label": 1} for text in "abc"), "test": iter([{"text": "d", "label": 0}])}

    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load))
    return asked


def test_all_splits_follow_each_other_and_are_named(library):
    table = load_hub("org/name:config@v1")
    assert table.columns == ("text", "label", "hub_split")
    assert [tuple(row.values()) for row in table.rows] == [
        ("a", 1, "train"),
        ("b", 1, "train"),
        ("c", 1, "train"),
        ("d", 0, "test"),
    ]
    assert library == [("org/name", "config", "v1", False)]


def test_the_hubs_splits_can_be_taken_over(library):
    dataset = load_dataset("hub:org/name", split="given", split_column="hub_split", fields={"input": "text"})
    assert [row["input"] for row in dataset.split("test")] == ["d"]


def test_a_limit_streams(library):
    assert [row["text"] for row in load_hub("org/name", limit=2).rows] == ["a", "b"]
    assert library == [("org/name", None, None, True)]


def test_what_cannot_be_reached(library):
    with pytest.raises(DatasetError, match="hub:org/other cannot be loaded: ConnectionError: Couldn't reach") as caught:
        load_hub("org/other")
    assert caught.value.code == "unavailable_dataset"


def test_a_data_set_without_rows(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=lambda *_, **__: {"train": []}))
    with pytest.raises(DatasetError, match="hub:org/name has no rows") as caught:
        load_dataset("hub:org/name")
    assert caught.value.code == "no_rows"


def test_without_the_library_the_error_says_what_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(DatasetError, match="type: pip install datasets") as caught:
        load_hub("org/name")
    assert caught.value.code == "missing_package"
