"""The stage: what it says of itself, what it does with a context, and in a whole run."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import pytest
from pydantic import ValidationError

import crucible_core
from crucible_core import Context, Dataset, StageError
from crucible_datasets.stages import LoadDataset

EXAMPLES = LoadDataset.examples


def load(context=None, **options):
    return LoadDataset().run(context or Context(), LoadDataset.Options(**options))


@pytest.mark.parametrize("example", EXAMPLES, ids=[each.summary for each in EXAMPLES])
def test_examples_do_what_they_say(example):
    if example.raises:
        with pytest.raises(StageError) as caught:
            load(**example.options)
        assert caught.value.code == example.raises
    else:
        assert isinstance(load(**example.options).assigns[example.options.get("into", "dataset")], Dataset)


def test_examples_use_every_option_value_and_error():
    fields = LoadDataset.Options.model_fields
    assert {key for each in EXAMPLES for key in each.options} == set(fields)
    for option, values in {
        "format": {"csv", "jsonl", "json", "parquet"},
        "split": {"none", "given", "random", "stratified", "kfold"},
    }.items():
        assert {each.options[option] for each in EXAMPLES if option in each.options} == values
    kinds = {kind for each in EXAMPLES for kind in each.options.get("types", {}).values()}
    assert kinds == {"string", "integer", "float", "boolean"}
    assert {each.raises for each in EXAMPLES} - {None} == set(LoadDataset.errors)


def test_the_description_says_where_the_data_goes():
    assert LoadDataset().describe({"source": "a.csv", "into": "gold"}).writes == ("assigns.gold",)


def test_every_option_is_documented():
    properties = LoadDataset().describe().options_schema["properties"]
    assert [name for name, each in properties.items() if not each.get("description")] == []


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({}, "source"),
        ({"source": ""}, "source"),
        ({"source": "a.csv", "limit": 0}, "limit"),
        ({"source": "a.csv", "folds": 1}, "folds"),
        ({"source": "a.csv", "delimiter": "ab"}, "delimiter"),
        ({"source": "a.csv", "delimiter": '"'}, "delimiter"),
        ({"source": "a.csv", "into": "a.b"}, "into"),
        ({"source": "a.csv", "sizes": {"train": 1.5}}, "sizes"),
        ({"source": "a.csv", "sizes": {}}, "sizes"),
        ({"source": "a.csv", "fields": {}}, "fields"),
        ({"source": "a.csv", "types": {"x": "date"}}, "types"),
        ({"source": "a.csv", "split": "half"}, "split"),
        ({"source": "a.csv", "seed": -1}, "seed"),
        ({"source": "a.csv", "sedd": 1}, "sedd"),
    ],
)
def test_options_out_of_bounds_are_refused_by_name(options, option):
    with pytest.raises(ValidationError) as caught:
        LoadDataset.Options(**options)
    assert option in {error["loc"][0] for error in caught.value.errors()}


def test_what_was_in_the_context_stays():
    before = Context(assigns={"model": "m"}, outputs=[{"id": 1}])
    after = load(before, source="sklearn:iris", into="gold")
    assert set(after.assigns) == {"model", "gold"}
    assert set(before.assigns) == {"model"}
    assert list(after.outputs) == [{"id": 1}]


def run_load(run_seed=None, **options):
    stage = {"id": "load", "name": "load_dataset", "module": "crucible_datasets.stages:LoadDataset", "options": options}
    return crucible_core.run({"id": "demo", "pipeline": [stage]}, seed=run_seed, persist=False)


def test_the_seed_is_the_runs_and_recorded_so_that_it_can_be_given():
    options = {"source": "sklearn:iris", "split": "random"}
    drawn, other = (run_load(seed, **options).unwrap().assigns["dataset"] for seed in (1, 2))
    given = run_load(2, **options, seed=drawn.manifest.split["seed"]).unwrap().assigns["dataset"]
    assert drawn.splits == given.splits != other.splits


def test_a_run_ends_with_the_code_and_the_message():
    result = run_load(source="sklearn:iriss")
    assert result.status == "failed"
    assert (result.failure.code, result.failure.stage) == ("unavailable_dataset", "load")
    assert "Did you mean 'iris'?" in result.failure.message


def test_a_failure_keeps_its_details():
    with pytest.raises(StageError) as caught:
        load(source="package:crucible_datasets/example_data/ragged.csv")
    assert caught.value.details == {"line": 3, "cells": 3, "columns": 2}


SPEC = """
id: demo
pipeline:
  - id: load
    name: load_dataset
    module: crucible_datasets.stages:LoadDataset
    options: {source: data.csv, split: random, sizes: {train: 3, test: 1}}
"""


def test_a_whole_run_finds_the_file_next_to_its_spec_and_records_what_it_read(tmp_path, monkeypatch):
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec" / "data.csv").write_text("a,b\n1,x\n2,y\n3,x\n4,y\n", encoding="utf-8")
    (tmp_path / "spec" / "experiment.yaml").write_text(SPEC, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    result = crucible_core.run("spec/experiment.yaml", output_dir=tmp_path / "out")
    assert result.unwrap().assigns["dataset"].rows[0] == {"a": 1, "b": "x"}
    recorded = json.loads((result.run_dir / "manifest.json").read_text(encoding="utf-8"))["datasets"]["dataset"]
    assert (recorded["source"], recorded["rows"], recorded["columns"]) == ("data.csv", 4, ["a", "b"])
    assert recorded["sha256"] == hashlib.sha256((tmp_path / "spec" / "data.csv").read_bytes()).hexdigest()
    assert recorded["split"]["sizes"] == {"train": 3, "test": 1}


def test_importing_the_stage_loads_nothing_heavy():
    code = (
        "import sys, crucible_datasets.stages;"
        "print([m for m in ('numpy', 'pandas', 'sklearn', 'statsmodels', 'pyarrow', 'datasets') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
