"""Which format a file is read as, and which options apply to it."""

from __future__ import annotations

import pytest

from crucible_datasets import DatasetError, read_table
from crucible_datasets.reading import format_of


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv", "csv"),
        ("a.TSV", "csv"),
        ("a.b.csv.gz", "csv"),
        ("a.jsonl", "jsonl"),
        ("a.ndjson.gz", "jsonl"),
        ("a.json", "json"),
        ("a.parquet", "parquet"),
        ("a.pq", "parquet"),
    ],
)
def test_the_suffix_names_the_format(tmp_path, name, expected):
    assert format_of(tmp_path / name) == expected


@pytest.mark.parametrize(
    ("name", "said"), [("a.xlsx", "'.xlsx'"), ("a", "''"), ("a.gz", "''"), ("a.jsonll", "Did you mean '.jsonl'")]
)
def test_a_suffix_that_names_none(tmp_path, name, said):
    path = tmp_path / name
    path.write_text("x", encoding="utf-8")
    with pytest.raises(DatasetError) as caught:
        read_table(path)
    assert caught.value.code == "unknown_format"
    assert said in str(caught.value)
    assert "set `format`" in str(caught.value)


def test_the_option_wins_over_the_suffix(tmp_path):
    path = tmp_path / "table.txt"
    path.write_text("a\n1\n", encoding="utf-8")
    assert read_table(path, format="csv").rows == [{"a": 1}]


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("a.json", {"delimiter": ";"}),
        ("a.jsonl", {"types": {"a": "integer"}}),
        ("a.json", {"null_values": ("NA",)}),
        ("a.parquet", {"encoding": "latin-1"}),
    ],
)
def test_an_option_without_a_meaning_here_is_refused(tmp_path, name, option):
    path = tmp_path / name
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(DatasetError, match=f"`{next(iter(option))}` does not apply") as caught:
        read_table(path, **option)
    assert caught.value.code == "inconsistent_options"


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(tmp_path, limit):
    with pytest.raises(DatasetError, match=f"`limit` is {limit}") as caught:
        read_table(tmp_path / "a.csv", limit=limit)
    assert caught.value.code == "bad_option"


def test_a_format_nobody_knows_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"`format` is 'jsnol'.*Did you mean 'jsonl'") as caught:
        read_table(tmp_path / "a.csv", format="jsnol")
    assert caught.value.code == "bad_option"


@pytest.mark.parametrize(("name", "content"), [("a.json", "[{}, {}]"), ("a.jsonl", "{}")])
def test_rows_without_columns_are_refused(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError, match="have no columns") as caught:
        read_table(path)
    assert caught.value.code == "no_columns"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (r'[{"a": 1, "b": "x"}, {"a": 2, "b": "\ud800"}]', "row 1 .*column 'b'"),
        (r'[{"a": {"deep": ["\udfff!"]}}]', "row 0 .*column 'a'"),
        (r'[{"a": {"\ud800": 1}}]', "row 0 .*column 'a'"),
        (r'[{"\ud800": 1}]', "the name of column"),
    ],
)
def test_half_a_character_is_refused_with_its_place(tmp_path, content, place):
    path = tmp_path / "a.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError, match=place) as caught:
        read_table(path)
    assert caught.value.code == "bad_encoding"
    assert str(caught.value).encode()


def test_both_halves_of_a_character_are_one(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(r'[{"a": "\ud83d\ude00"}]', encoding="utf-8")
    assert read_table(path).rows == [{"a": "\N{GRINNING FACE}"}]
