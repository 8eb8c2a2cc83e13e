"""Loading a data set: rows, splits and manifest together."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import subprocess
import sys

import pytest

from crucible_core import Dataset, DatasetManifest
from crucible_datasets import DatasetError, load_dataset


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "data.csv"
    file.write_text("id,y\n" + "".join(f"{n},{'ba'[n % 2]}\n" for n in range(1, 21)), encoding="utf-8")
    return file


def test_the_manifest_of_a_whole_file(path):
    dataset = load_dataset(str(path))
    assert isinstance(dataset, Dataset)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert dataset.manifest == DatasetManifest(str(path), sha256, 20, ("id", "y"))
    assert dataset.rows[2] == {"id": 3, "y": "a"}


def test_the_hash_is_of_the_whole_file_whatever_the_limit(path):
    few, all_rows = load_dataset(str(path), limit=3), load_dataset(str(path))
    assert few.manifest.sha256 == all_rows.manifest.sha256
    assert few.manifest.split == {"limit": 3}
    assert few.rows == all_rows.rows[:3]


def test_the_manifest_of_a_split(path):
    dataset = load_dataset(str(path), split="stratified", stratify_by="y", sizes={"train": 12, "test": 6}, seed=5)
    assert dataset.manifest.split == {
        "method": "stratified",
        "sizes": {"train": 12, "test": 6},
        "unassigned": 2,
        "column": "y",
        "seed": 5,
    }
    assert sum(row["y"] == "a" for row in dataset.split("test")) == 3


def test_a_package_data_set_hashes_as_its_rows_do():
    dataset = load_dataset("sklearn:iris", fields={"input": "petal width (cm)", "target": "target_name"})
    whole = load_dataset("sklearn:iris")
    text = json.dumps(whole.rows, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert dataset.manifest.sha256 == whole.manifest.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert dataset.manifest.columns == ("input", "target")
    assert dataset.manifest.rows == 150


def test_a_shuffle_comes_before_the_limit(path):
    dataset = load_dataset(str(path), shuffle=True, limit=5, seed=1)
    ids = [row["id"] for row in dataset.rows]
    assert len(set(ids)) == 5
    assert max(ids) > 5
    assert dataset.manifest.split == {"shuffled": True, "limit": 5, "seed": 1}


def test_a_shuffle_keeps_every_row(path):
    assert sorted(row["id"] for row in load_dataset(str(path), shuffle=True).rows) == list(range(1, 21))


def test_fields_are_mapped_after_the_split(path):
    dataset = load_dataset(str(path), fields={"item": "id"}, split="given", split_column="y")
    assert dataset.rows[0] == {"item": 1}
    assert list(dataset.splits) == ["a", "b"]


def test_shuffle_and_split_draw_independently(path):
    plain, shuffled = (load_dataset(str(path), split="random", shuffle=shuffle, seed=3) for shuffle in (False, True))
    assert plain.splits == shuffled.splits
    assert plain.rows != shuffled.rows


def test_a_relative_path_is_looked_for_next_to_the_spec_as_well(path):
    assert load_dataset(path.name, next_to=path.parent).manifest.source == "data.csv"


def test_the_draw_does_not_depend_on_the_hash_seed(path):
    code = (
        "import sys, json; from crucible_datasets import load_dataset;"
        "d = load_dataset(sys.argv[1], split='stratified', stratify_by='y', shuffle=True, seed=9);"
        "print(json.dumps([d.rows, d.splits]))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code, str(path)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"keep_other_columns": True}, "`keep_other_columns` applies beside `fields`"),
        ({"split": "given"}, "split given needs `split_column`"),
    ],
)
def test_options_that_contradict_each_other_are_refused_before_anything_is_read(options, said):
    with pytest.raises(DatasetError) as caught:
        load_dataset("there is no such file", **options)
    assert caught.value.code == "inconsistent_options"
    assert said in str(caught.value)


def test_an_option_for_files_does_not_apply_to_a_package():
    with pytest.raises(DatasetError, match="`format` does not apply to sklearn:iris") as caught:
        load_dataset("sklearn:iris", format="csv")
    assert caught.value.code == "inconsistent_options"


@pytest.mark.parametrize("limit", [0, -3])
def test_a_limit_below_one_is_refused(path, limit):
    with pytest.raises(DatasetError, match=f"`limit` is {limit}") as caught:
        load_dataset(str(path), limit=limit)
    assert caught.value.code == "bad_option"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"limit": "5"}, "bad_option"),
        ({"limit": True}, "bad_option"),
        ({"folds": 1, "split": "kfold"}, "bad_option"),
        ({"folds": 2.5, "split": "kfold"}, "bad_option"),
        ({"split": "radnom"}, "bad_option"),
        ({"split": None}, "bad_option"),
        ({"format": "xls"}, "bad_option"),
        ({"format": 3}, "bad_option"),
        ({"delimiter": ";;"}, "bad_option"),
        ({"delimiter": 5}, "bad_option"),
        ({"types": {"a": "integr"}}, "bad_option"),
        ({"null_values": "NA"}, "bad_option"),
        ({"fields": {}}, "bad_option"),
        ({"fields": {"x": 1}}, "bad_option"),
        ({"fields": ["x"]}, "bad_option"),
        ({"split": "given", "split_column": ["a"]}, "bad_option"),
        ({"split": "random", "sizes": {}}, "bad_sizes"),
        ({"split": "random", "sizes": {"train": "0.8"}}, "bad_sizes"),
        ({"split": "random", "sizes": 0.8}, "bad_sizes"),
        ({"encoding": 8}, "unknown_encoding"),
    ],
)
def test_whatever_an_option_is_given_the_error_has_a_code(path, options, code):
    with pytest.raises(DatasetError) as caught:
        load_dataset(str(path), **options)
    assert caught.value.code == code


@pytest.mark.parametrize("source", [None, 7, "", b"a.csv"])
def test_a_source_that_is_no_text_and_no_path_is_refused(source):
    with pytest.raises(DatasetError, match="`source` is"):
        load_dataset(source)


def test_a_path_is_a_source(path):
    assert load_dataset(path).rows == load_dataset(str(path)).rows


def test_an_error_crosses_processes_whole():
    error = pickle.loads(pickle.dumps(DatasetError("ragged_row", "line 3", line=3)))
    assert (error.code, str(error), error.details) == ("ragged_row", "line 3", {"line": 3})
