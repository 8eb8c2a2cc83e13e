"""Values that differ, in type too, have different texts in a key; the same value has the same, in every process."""

from __future__ import annotations

import decimal
import enum
import fractions
import json
import math
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from itertools import combinations
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
import pytest

from crucible_core import Dataset, DatasetManifest
from crucible_core.plugins.registry import default_registry
from crucible_core.runs.cache.errors import UncacheableError
from crucible_core.runs.cache.file_content import FileContents
from crucible_core.runs.cache.key_values import KeyValues
from crucible_core.runs.cache.run_paths import RunPaths


class Colour(enum.Enum):
    RED = 1


def dataset(cell):
    return Dataset([{"a": cell}] * 3, DatasetManifest("here", "0" * 64, 3, ("a",)))


DISTINCT = {
    "zeros": [0, 0.0, -0.0, False, None, "", "0", b"0", 0j, [], (), {}, set(), frozenset(), [0], (0,), {0}, [[]]],
    "ones": [
        1,
        1.0,
        True,
        "1",
        b"1",
        bytearray(b"1"),
        np.int64(1),
        np.int32(1),
        np.float64(1),
        np.bool_(True),
        Colour.RED,
        decimal.Decimal(1),
        decimal.Decimal("1.0"),
        fractions.Fraction(1),
        [1],
        [True],
        [1.0],
        {"a": 1},
        {"a": True},
    ],
    "floats": [math.nan, math.inf, -math.inf, "nan", "NaN", 5e-324, 1e16, 10**16, 2**70, float(2**70)],
    "texts": ["a", "ä", "a\u0308", "\udc80", "\x00", Path("a"), PurePosixPath("a"), b"a", ["a"], {"a"}, ("a",)],
    "mappings": [{"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 2, "b": 1}, {1: "a"}, {"1": "a"}, {True: "a"}, {"$": "a"}],
    "times": [datetime.fromisoformat("2026-01-01"), datetime(2026, 1, 1, tzinfo=UTC), date(2026, 1, 1), "2026-01-01"],
    "arrays": [
        np.zeros(2),
        np.zeros((2, 1)),
        np.zeros(2, "f4"),
        np.zeros(2, ">f8"),
        np.zeros(2, int),
        [0.0, 0.0],
        np.array([0.0, -0.0]),
        np.array([0.0, np.nan]),
        np.zeros((2, 1), order="F").T,
    ],
    "frames": [
        pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}),
        pd.DataFrame({"b": ["x", "y"], "a": [1.0, 2.0]}),
        pd.DataFrame({"a": [1.0, 2.5], "b": ["x", "y"]}),
        pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
        pd.DataFrame({"a": [1.0, None], "b": ["x", "y"]}),
        pd.DataFrame({"a": [1.0, 2.0], "b": ["x", None]}),
        pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}, index=[1, 0]),
        pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}, index=pd.Index([0, 1], name="n")),
        pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}).astype({"b": "category"}),
        pd.DataFrame({"a": np.array([1.0, 2.0], "f4"), "b": ["x", "y"]}),
        pd.Series([1.0, 2.0], name="a"),
        pd.Series([1.0, 2.0]),
    ],
    "data sets": [dataset(1), dataset(1.0), dataset(True), dataset("1"), dataset(math.nan), dataset(2)],
    "many rows": [[{"a": n, "b": b} for n in range(500)] for b in (1, 1.0, True, None, "1")],
    "deep": [[[[[[value]]]]] for value in (1, 1.0, True, "1", None)],
    "code": [math.sin, math.cos, dict, Colour, "math:sin", math, json],
}


@pytest.fixture
def said(tmp_path):
    paths = RunPaths(tmp_path / "run")
    values = KeyValues(tmp_path / "tmp", default_registry().codecs, contents=FileContents(), paths=paths)
    count = iter(range(10_000))
    return lambda value: values.key_value(value, f"value{next(count)}").said


@pytest.mark.parametrize("values", DISTINCT.values(), ids=DISTINCT)
def test_values_that_differ_are_told_apart(said, values):
    texts = [said(value) for value in values]
    same = [(one, other) for (one, a), (other, b) in combinations(enumerate(texts), 2) if a == b]
    assert not same
    assert [said(value) for value in values] == texts


def test_a_path_counts_with_what_it_leads_to(said, tmp_path):
    path = tmp_path / "file"
    path.write_text("a")
    before = said([path])
    path.write_text("b")
    assert said([path]) != before


def test_a_path_into_the_run_counts_by_what_lies_there(tmp_path):
    def text(run):
        path = tmp_path / run / "artifacts" / "model.bin"
        path.parent.mkdir(parents=True)
        path.write_text("weights" if run != "c" else "others")
        paths = RunPaths(tmp_path / run)
        values = KeyValues(tmp_path / "tmp", tuple, contents=FileContents(), paths=paths)
        return values.key_value({"model": str(path), "of": run[:0]}, "x").said

    assert text("a") == text("b") != text("c")


def test_a_value_brings_the_code_of_its_classes(tmp_path):
    values = KeyValues(tmp_path, default_registry().codecs, contents=FileContents(), paths=RunPaths(tmp_path / "run"))
    found = values.key_value({"deep": [pd.Series([1]), Colour.RED, math.sin, (decimal.Decimal(1),)]}, "x").modules
    assert {pd.Series.__module__, Colour.__module__, "math", "decimal"} <= found
    assert values.key_value([1, "a", {"b": None}], "y").modules == frozenset()


REFUSED = {"an object": object(), "a lambda": lambda: 0, "a generator": (each for each in ()), "a file": sys.stdin}


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
def test_what_has_no_canonical_form_is_refused_with_its_place(said, value):
    with pytest.raises(UncacheableError, match=r"value0\.deep\[1\]"):
        said({"deep": [1, value]})


SAME = """
import json, sys
sys.path.insert(0, {here!r})
from test_key_values import DISTINCT
from pathlib import Path
from crucible_core.plugins.registry import default_registry
from crucible_core.runs.cache.file_content import FileContents
from crucible_core.runs.cache.key_values import KeyValues
from crucible_core.runs.cache.run_paths import RunPaths
values = KeyValues(Path("tmp"), default_registry().codecs, contents=FileContents(), paths=RunPaths(Path("run")))
found = [values.key_value(value, str(n)).said for n, value in enumerate([*DISTINCT["mappings"], *DISTINCT["frames"],
    *DISTINCT["arrays"], *DISTINCT["many rows"], {{"x", "y", "z", 1, None}}, frozenset(range(100)), {{"s": {{"p", "q"}}}}])]
print(json.dumps(found))
"""


def test_every_process_says_the_same(tmp_path):
    texts = []
    for seed in ("0", "1", "4711"):
        done = subprocess.run(
            [sys.executable, "-c", SAME.format(here=str(Path(__file__).parent))],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        texts.append(done.stdout)
    assert texts[0] == texts[1] == texts[2]
