"""Tables for people, JSON for programs."""

from __future__ import annotations

import io
import sys

import pytest

from crucible_core.cli.table import print_json, print_table


def test_elsewhere_than_on_a_terminal_a_table_is_aligned_text(capsys):
    print_table(("Name", "Why"), [("a", "long [red]text"), ("abcdef", "")])
    assert capsys.readouterr().out == "Name    Why\na       long [red]text\nabcdef\n"


def test_a_text_of_several_lines_stays_in_its_row(capsys):
    print_table(("Name", "Why"), [("a", "one\ntwo"), ("b", "")])
    assert capsys.readouterr().out == "Name  Why\na     one two\nb\n"


def test_a_table_without_rows_has_its_heading(capsys):
    print_table(("Name", "Why"), [])
    assert capsys.readouterr().out == "Name  Why\n"


def test_on_a_terminal_markup_is_text_too(monkeypatch):
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdout", terminal)
    print_table(("Name",), [("[red]a",)])
    assert "[red]a" in terminal.getvalue()


def test_json_is_sorted_and_readable(capsys):
    print_json({"b": "ä", "a": [1]})
    assert capsys.readouterr().out == '{\n  "a": [\n    1\n  ],\n  "b": "ä"\n}\n'


def test_json_has_no_nan():
    with pytest.raises(ValueError, match="JSON compliant"):
        print_json({"a": float("nan")})
