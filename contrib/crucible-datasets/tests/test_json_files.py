"""Reading JSON Lines and JSON."""

from __future__ import annotations

import pytest

from crucible_datasets import DatasetError, read_table


@pytest.fixture
def write(tmp_path):
    def _write(content: str, name: str):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return _write


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("data.jsonl", '{"a": 1, "b": "x"}\n\n{"b": null, "c": [1, {"d": 2}]}\n'),
        ("data.ndjson", '{"a": 1, "b": "x"}\r\n{"c": [1, {"d": 2}]}'),
        ("data.json", '[{"a": 1, "b": "x"},\n {"c": [1, {"d": 2}]}]'),
    ],
)
def test_every_row_gets_every_column(write, name, content):
    table = read_table(write(content, name))
    assert table.columns == ("a", "b", "c")
    assert table.rows == [{"a": 1, "b": "x", "c": None}, {"a": None, "b": None, "c": [1, {"d": 2}]}]


def test_a_line_separator_inside_a_string_is_no_line_end(write):
    assert read_table(write('{"a": "x\u2028y\x85z"}\n', "data.jsonl")).rows == [{"a": "x\u2028y\x85z"}]


@pytest.mark.parametrize(
    ("name", "content"), [("d.jsonl", '{"a": 1}\n{"a": 2}\nbroken'), ("d.json", '[{"a": 1}, {"a": 2}, 3]')]
)
def test_a_limit_takes_the_first_rows(write, name, content):
    assert read_table(write(content, name), limit=2).rows == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("d.jsonl", "", "empty_file", "0 bytes"),
        ("d.jsonl", "\n\n", "empty_file", "one JSON object a line"),
        ("d.json", " \n", "empty_file", "JSON list of objects"),
        ("d.json", "[]", "no_rows", "an empty list"),
        ("d.jsonl", '{"a": 1}\n{"a": }\n', "malformed_file", "line 2, column 7: Expecting value"),
        ("d.json", '[{"a": 1},\n {"a" 2}]', "malformed_file", "line 2, column 7"),
        ("d.jsonl", '{"a": 1} {"a": 2}\n', "malformed_file", "line 1, column 10: Extra data"),
        ("d.jsonl", '{"a": ' + "[" * 100_000, "malformed_file", "nested too deeply"),
        (
            "d.jsonl",
            '{"a": 1}\n[1, 2]\n',
            "row_not_object",
            "line 2: a row is an object from column to value, got a list: [1, 2]",
        ),
        ("d.json", '[{"a": 1}, null]', "row_not_object", "item 1: a row is an object from column to value, got null"),
        ("d.json", '{"a": 1}', "row_not_object", "holds an object, not a list"),
        ("d.json", '{"a": 1}', "row_not_object", "set `format: jsonl`"),
        ("d.jsonl", '{"a": 1}\n{"a": NaN}\n', "non_finite_number", "line 2: NaN is no JSON number"),
        ("d.json", '[{"a": -Infinity}]', "non_finite_number", "-Infinity is no JSON number"),
        ("d.jsonl", '{"a": 1e999}\n', "non_finite_number", "line 1: 1e999"),
        (
            "d.jsonl",
            '{"a": 1}\n{"a": 1, "b": 2, "a": 3}\n',
            "duplicate_columns",
            "line 2: columns 1 and 3 are both named 'a'",
        ),
    ],
)
def test_what_is_wrong_and_where(write, name, content, code, said):
    with pytest.raises(DatasetError) as caught:
        read_table(write(content, name))
    assert caught.value.code == code
    assert said in str(caught.value)


def test_another_encoding(tmp_path):
    path = tmp_path / "data.json"
    path.write_bytes('[{"a": "Köln"}]'.encode("latin-1"))
    assert read_table(path, encoding="latin-1").rows == [{"a": "Köln"}]
