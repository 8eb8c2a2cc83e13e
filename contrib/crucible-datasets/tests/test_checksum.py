"""Hashes of files and rows."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from crucible_datasets import DatasetError, sha256_of_file, sha256_of_rows


def test_a_file_hashes_as_its_bytes_do(tmp_path):
    path = tmp_path / "data"
    path.write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    assert sha256_of_file(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("rows", [[], [{"b": 1.5, "a": "ü"}], [{"x": None}, {"x": [1, {"z": 1, "y": 2}]}]])
def test_rows_hash_as_their_canonical_json_does(rows):
    text = json.dumps(rows, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert sha256_of_rows(rows) == hashlib.sha256(text.encode()).hexdigest()


def test_the_order_of_columns_does_not_matter_and_that_of_rows_does():
    first, second = {"a": 1, "b": 2}, {"b": 3, "a": 4}
    assert sha256_of_rows([first]) == sha256_of_rows([dict(reversed(first.items()))])
    assert sha256_of_rows([first, second]) != sha256_of_rows([second, first])


def test_dates_are_written_in_iso_8601():
    assert sha256_of_rows([{"d": date(2026, 1, 2)}]) == sha256_of_rows([{"d": "2026-01-02"}])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (b"\x00\xff", '"00ff"'),
        (Decimal("1.20"), '"1.20"'),
        (timedelta(seconds=90), '"0:01:30"'),
    ],
)
def test_what_json_lacks_has_a_spelling(value, text):
    assert sha256_of_rows([{"x": value}]) == hashlib.sha256(f'[{{"x":{text}}}]'.encode()).hexdigest()


def test_a_value_that_no_table_holds():
    with pytest.raises(DatasetError, match="row 1 cannot be written as JSON: it holds a object") as caught:
        sha256_of_rows([{"x": 1}, {"x": object()}])
    assert caught.value.code == "bad_value"
