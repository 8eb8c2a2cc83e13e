"""A value that holds a secret is not written, and nothing of it is on the disk."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from crucible_core import Dataset, DatasetManifest
from crucible_core.contract.persistent import Rows
from crucible_core.plugins.builtin_codecs import BUILTIN_CODECS
from crucible_core.runs.codecs import SecretValueError, Values

SECRET = 'tok_"9f\\é2b7c'
MANY = 5_000


@dataclass
class Holder:
    text: str


class Opaque:
    def __init__(self, text):
        self.text = text


def column(*values, **options):
    return pd.DataFrame({"a": pd.Series(values, **options)})


VALUES = {
    "a text": {"key": SECRET},
    "within a text": {"url": f"https://x/?key={SECRET}&y"},
    "a key": {SECRET: 1},
    "deep": [({1: {"a": [SECRET]}},)],
    "a key of another kind": {(1, SECRET): 2},
    "in a set": {SECRET},
    "a large tree": {"filler": ["x"] * MANY, "key": SECRET},
    "bytes": [SECRET.encode()],
    "large bytes": b"x" * MANY + SECRET.encode() + b"y" * MANY,
    "across a boundary of what is written": b"x" * (1 << 16) + SECRET.encode(),
    "a path": Path("/home") / SECRET,
    "a dataclass": Holder(SECRET),
    "a pickle": Opaque(SECRET),
    "a large pickle": Opaque([SECRET, *range(MANY)]),
    "a data set": Dataset([{"a": 1}, {"a": SECRET}], DatasetManifest("s", "h", 2, ("a",))),
    "a large data set": Dataset([{"a": 1}] * MANY + [{"a": SECRET}], DatasetManifest("s", "h", 2, ("a",))),
    "large odd rows": Dataset([{"a": 1}] * MANY + [{"a": (SECRET,)}], DatasetManifest("s", "h", 2, ("a",))),
    "rows": Rows([{"a": index} for index in range(MANY)] + [{"a": SECRET}]),
    "a list of rows": [{"a": index} for index in range(MANY)] + [{"a": SECRET}],
    "an array of texts": np.array([SECRET, "b"]),
    "a large array of texts": np.array(["b"] * MANY + [SECRET]),
    "an array of bytes": np.array([SECRET.encode()]),
    "bytes as numbers": np.frombuffer(b"x" * MANY + SECRET.encode(), dtype="u1"),
    "a structured array": np.array([(1, SECRET)], dtype=[("n", "i4"), ("s", "U20")]),
    "a scalar of numpy": np.str_(SECRET),
    "the name of a field": np.array([(1,)], dtype=[(SECRET, "i4")]),
    "a frame": column("a", SECRET),
    "a large frame": column(*["a"] * MANY, SECRET),
    "a frame of objects": column(1, SECRET, {"a": 1}, dtype=object),
    "a cell that is a list": column([1, SECRET], dtype=object),
    "a cell that is bytes": column(SECRET.encode(), 1, dtype=object),
    "a cell that is an array": column(np.array([SECRET]), 1, dtype=object),
    "a column's name": pd.DataFrame({SECRET: [1]}),
    "columns of several levels": pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", SECRET)])),
    "labels of several kinds": pd.DataFrame([[1, 2]], columns=pd.Index([SECRET, 3], dtype=object)),
    "labels that are categories": pd.DataFrame([[1, 2]], columns=pd.CategoricalIndex([SECRET, "b"])),
    "categories": column("a", SECRET, dtype="category"),
    "categories of bytes": column(SECRET.encode(), b"b", dtype="category"),
    "an index": pd.Series([1, 2], index=["a", SECRET]),
    "an index of categories": pd.Series([1, 2], index=pd.CategoricalIndex(["a", SECRET])),
    "an index of several levels": pd.Series([1, 2], index=pd.MultiIndex.from_tuples([("a", 1), (SECRET, 2)])),
    "the name of an index": pd.Series([1], index=pd.Index([1], name=SECRET)),
    "the name of a series": pd.Series([1], name=SECRET),
    "attributes of a frame": column(1).pipe(lambda frame: frame.attrs.update(k=SECRET) or frame),
    "texts of Arrow": column("a", SECRET, dtype=pd.ArrowDtype(pa.string())),
    "categories of Arrow": column("a", SECRET, dtype=pd.CategoricalDtype(pd.Index(["a", SECRET], dtype="string"))),
    "a table": pa.table({"a": ["b", SECRET]}),
    "a table with nested texts": pa.table({"a": [[{"b": SECRET}]]}),
    "a table with a dictionary": pa.table({"a": pa.array([SECRET] * MANY).dictionary_encode()}),
    "a table with binary": pa.table({"a": [SECRET.encode()]}),
    "a table's metadata": pa.table({"a": [1]}).replace_schema_metadata({"k": SECRET}),
    "a field's metadata": pa.table([[1]], schema=pa.schema([pa.field("a", pa.int64(), metadata={"k": SECRET})])),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_with_a_secret_is_refused_and_leaves_nothing(store, name):
    values = Values(store, lambda: BUILTIN_CODECS, secrets=["other_secret", SECRET])
    with pytest.raises(SecretValueError, match=r"assigns.x holds the value of a secret option"):
        values.encode(VALUES[name], pickled=True, where="assigns.x")
    for path in store.directory.rglob("*"):
        assert path.is_dir() or not holds(path.read_bytes())
    assert not any(path.name.endswith(".part") for path in store.directory.rglob("*"))


def holds(data: bytes) -> bool:
    forms = [SECRET.encode(), SECRET.encode("utf-16-le"), SECRET.encode("utf-32-le"), base64.b64encode(SECRET.encode())]
    return any(form in data for form in forms)


@pytest.mark.parametrize("name", VALUES)
def test_the_same_value_is_kept_by_a_run_that_has_other_secrets(store, name):
    free = Values(store, lambda: BUILTIN_CODECS)
    assert Values(store, lambda: BUILTIN_CODECS, secrets=["other_secret", "items", "class", "abc"]).encode(
        VALUES[name], pickled=True
    ) == free.encode(VALUES[name], pickled=True)


def test_what_tags_are_made_of_is_no_secret(values, store):
    """A secret may be a word that the format uses."""
    careful = Values(store, tuple, secrets=["tuple", "items", "dataclass", "fields", "builtins", "$$$$", "text"])
    value = [(1, 2), Holder(3)]
    assert careful.decode(careful.encode(value)) == value
    with pytest.raises(SecretValueError):
        careful.encode([("items",)])


def test_a_short_secret_is_looked_for_as_a_whole(store):
    careful = Values(store, tuple, secrets=["abc"])
    assert careful.encode({"a": "abcd"}) == {"a": "abcd"}
    for value in ({"a": "abc"}, {"abc": 1}, ["abc"] * 2_000):
        with pytest.raises(SecretValueError):
            careful.encode(value)


def test_an_empty_secret_is_none(store):
    assert Values(store, tuple, secrets=[""]).encode({"": ""}) == {"": ""}
