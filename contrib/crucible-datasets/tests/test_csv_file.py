"""Reading CSV: what a table becomes, and what a broken one is answered with."""

from __future__ import annotations

import csv
import tracemalloc

import pytest

from crucible_datasets import DatasetError, read_table
from crucible_datasets.csv_file import read_csv
from crucible_datasets.long_cells import long_cells


@pytest.fixture
def write(tmp_path):
    def _write(content: str | bytes, name: str = "data.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return _write


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("a,b\n1,x\n2,y\n", [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]),
        ("a,b\r\n1,x\r\n", [{"a": 1, "b": "x"}]),
        ("a,b\n1,x", [{"a": 1, "b": "x"}]),
        ("a,b\n\n1,x\n\n\n", [{"a": 1, "b": "x"}]),
        ('a,b\n1,"x, ""y""\nz"\n', [{"a": 1, "b": 'x, "y"\nz'}]),
        ('"a b",c\n001,\n', [{"a b": "001", "c": None}]),
        ("\ufeffa,b\n1,2\n", [{"a": 1, "b": 2}]),
        (",score\n0,0.5\n", [{"": 0, "score": 0.5}]),
    ],
)
def test_rows(write, content, rows):
    assert read_table(write(content)).rows == rows


def test_a_tsv_is_separated_by_tabs(write):
    assert read_table(write("a\tb\n1\t2\n", "data.tsv")).rows == [{"a": 1, "b": 2}]


def test_types_null_values_and_delimiter(write):
    table = read_table(
        write("code;n;ok\n1;?;1\n2;3;0\n"),
        delimiter=";",
        null_values=("?",),
        types={"code": "string", "n": "float", "ok": "boolean"},
    )
    assert table.rows == [{"code": "1", "n": None, "ok": True}, {"code": "2", "n": 3.0, "ok": False}]


def test_values_are_those_that_pandas_reads():
    import pandas as pd
    from statsmodels.datasets import fair

    path = fair.__path__[0] + "/fair.csv"
    assert read_table(path).rows == pd.read_csv(path).to_dict("records")


def test_what_the_csv_module_writes_is_read_back(tmp_path):
    rows = [["x", 'quo"te', "com,ma", "new\nline", "ümläut", " blank "], ["y", "", "''", "\t", "漢字", "z"]]
    path = tmp_path / "data.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([list("abcdef"), *rows])
    expected = [[cell or None for cell in row] for row in rows]
    expected[1][3] = None  # a tab alone is blank, and blank means no value
    assert [list(row.values()) for row in read_table(path).rows] == expected


def test_a_limit_leaves_what_follows_unread(write):
    assert len(read_table(write("a,b\n1,2\n3,4\nragged\n"), limit=2).rows) == 2


def test_a_limit_keeps_a_large_file_out_of_memory(write):
    path = write("a,b\n" + "12345,some text\n" * 300_000)
    read_table(path, limit=10)
    tracemalloc.start()
    try:
        read_table(path, limit=10)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < path.stat().st_size / 10


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ("", "empty_file", "0 bytes"),
        ("\n\n", "empty_file", "first line must name the columns"),
        ("a,b\n", "no_rows", "only the header (a, b)"),
        ("a,b,a\n1,2,3\n", "duplicate_columns", "columns 1 and 3 are both named 'a'"),
        ("a,b\n1,2\n1\n", "ragged_row", "line 3: 1 cells, but the header names 2"),
        ('a,b\n"x\ny",2\n1,2,3\n', "ragged_row", "line 4: 3 cells"),
        ('a,b\n1,2\n"open,2\n3,4\n', "malformed_file", "line 3: "),
        ('a,b\n"x"y,2\n', "malformed_file", "line 2: "),
    ],
)
def test_what_is_wrong_and_where(write, content, code, said):
    with pytest.raises(DatasetError) as caught:
        read_table(write(content))
    assert caught.value.code == code
    assert said in str(caught.value)


def test_a_cell_of_another_type_is_named_with_its_line_and_column(write):
    with pytest.raises(DatasetError, match="line 4, column 'n': 'x' is no integer") as caught:
        read_table(write('n,t\n1,"two\nlines"\nx,t\n'), types={"n": "integer"})
    assert (caught.value.code, caught.value.details) == ("bad_value", {"line": 4, "column": "n"})


def test_a_type_for_a_column_that_is_not_there(write):
    with pytest.raises(DatasetError, match=r"types names the column 'scores'.*Did you mean 'score'") as caught:
        read_table(write("score,id\n1,2\n"), types={"scores": "float"})
    assert caught.value.code == "unknown_column"


def test_a_wrong_delimiter_is_suspected_where_all_columns_are_one(write):
    with pytest.raises(DatasetError, match="set `delimiter`"):
        read_table(write("id;score\n1;2\n"), types={"score": "float"})


@pytest.mark.parametrize("delimiter", ["", "ab", '"', "\n"])
def test_an_unusable_delimiter_is_refused(write, delimiter):
    path = write("a\n1\n")
    with pytest.raises(DatasetError, match="`delimiter` is") as caught:
        read_csv(path, delimiter=delimiter)
    assert caught.value.code == "bad_option"


@pytest.mark.parametrize("length", [131_073, 3_000_000])
def test_a_cell_may_be_of_any_length_and_the_limit_of_the_process_stays(write, length):
    before = csv.field_size_limit()
    text = "x" * (length - 2) + "\n,"
    assert read_table(write(f'a,b\n"{text}",2\n')).rows == [{"a": text, "b": 2}]
    assert csv.field_size_limit() == before


def test_the_limit_of_the_process_is_put_back_after_an_error(write):
    before = csv.field_size_limit()
    with pytest.raises(DatasetError, match="1 cells"):
        read_table(write("a,b\n1\n"))
    assert csv.field_size_limit() == before


def test_the_limit_is_put_back_when_the_last_of_several_readers_is_done():
    before = csv.field_size_limit()
    with long_cells():
        with long_cells():
            pass
        assert csv.field_size_limit() > before
    assert csv.field_size_limit() == before


def test_a_quote_that_is_not_closed_is_explained_however_long_the_file(write):
    lines = "".join(f"{number},x\n" for number in range(30_000))
    with pytest.raises(DatasetError, match=r"line 2: .*look for a quote that is not closed") as caught:
        read_table(write(f'a,b\n"{lines}'))
    assert caught.value.code == "malformed_file"


@pytest.mark.parametrize(("header", "position"), [("a,,c", 2), ("a, ,c", 2), (",a,", 3)])
def test_a_column_without_a_name_is_refused(write, header, position):
    with pytest.raises(DatasetError, match=f"column {position} has no name") as caught:
        read_table(write(f"{header}\n1,2,3\n"))
    assert caught.value.code == "blank_column"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"types": {"a": "integr"}}, "Did you mean 'integer'"),
        ({"types": {"a": int}}, "`types` is"),
        ({"types": "a"}, "`types` is 'a'"),
        ({"null_values": "NA"}, "give a list of texts"),
    ],
)
def test_options_of_csv_are_checked(write, options, words):
    with pytest.raises(DatasetError, match=words) as caught:
        read_csv(write("a\n1\n"), **options)
    assert caught.value.code == "bad_option"
