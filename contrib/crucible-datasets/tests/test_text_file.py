"""Encodings and compression."""

from __future__ import annotations

import gzip

import pytest

from crucible_datasets import DatasetError, read_table

TEXT = "city,n\nKöln,1\n"


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-32"])
def test_text_in_its_own_encoding(tmp_path, encoding):
    path = tmp_path / "data.csv"
    path.write_bytes(TEXT.encode(encoding))
    assert read_table(path, encoding=encoding).rows == [{"city": "Köln", "n": 1}]


@pytest.mark.parametrize("name", ["data.csv.gz", "DATA.CSV.GZ"])
def test_gzip_is_unpacked(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(TEXT.encode()))
    assert read_table(path).rows == [{"city": "Köln", "n": 1}]


@pytest.mark.parametrize("lines", [0, 1, 10, 20_000])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_first_bad_byte_is_named_with_its_line(tmp_path, lines, mark):
    before = mark + b"t\n" + "grüne Äpfel\n".encode() * lines + b"K"
    path = tmp_path / "data.csv"
    path.write_bytes(before + b"\xf6ln\n\xff\n")
    with pytest.raises(DatasetError) as caught:
        read_table(path)
    assert caught.value.code == "bad_encoding"
    assert caught.value.details == {"line": lines + 2, "byte": len(before)}
    assert f"byte {len(before)} (0xf6, in line {lines + 2})" in str(caught.value)


def test_a_character_cut_off_at_the_end_is_bad(tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes("t\nKö".encode()[:-1])
    with pytest.raises(DatasetError) as caught:
        read_table(path)
    assert caught.value.details == {"line": 2, "byte": 3}


def test_utf_16_taken_for_utf_8(tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(b"\xff\xfe" + TEXT.encode("utf-16-le"))
    with pytest.raises(DatasetError, match=r"byte 0 \(0xff, in line 1\)") as caught:
        read_table(path)
    assert caught.value.code == "bad_encoding"


def test_utf_16_that_does_not_say_its_byte_order(tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(TEXT.encode("utf-16-le"))
    with pytest.raises(DatasetError, match=r"is not utf-16 text: .*BOM.*; set `encoding`") as caught:
        read_table(path, encoding="utf-16")
    assert caught.value.code == "bad_encoding"


@pytest.mark.parametrize("encoding", ["utf-9", "base64", "none\0such"])
def test_what_is_no_text_encoding(tmp_path, encoding):
    path = tmp_path / "data.csv"
    path.write_text(TEXT, encoding="utf-8")
    with pytest.raises(DatasetError, match="there is no text encoding") as caught:
        read_table(path, encoding=encoding)
    assert caught.value.code == "unknown_encoding"


@pytest.mark.parametrize(
    "content", [b"plain text", gzip.compress(TEXT.encode() * 100)[:-20]], ids=["no gzip", "cut off"]
)
def test_a_broken_gzip_file(tmp_path, content):
    path = tmp_path / "data.csv.gz"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match="is not a whole gzip file") as caught:
        read_table(path)
    assert caught.value.code == "malformed_file"
