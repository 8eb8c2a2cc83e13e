"""Values given on the command line."""

from __future__ import annotations

import click
import pytest

from crucible_core.cli.arguments import parse_assigns, parse_options, parse_overrides


@pytest.mark.parametrize(
    ("given", "parsed"),
    [
        ((), {}),
        (("a.b=1",), {"a": {"b": 1}}),
        (("a.b=1e-4", "a.c=no", "d.e=x"), {"a": {"b": 1e-4, "c": "no"}, "d": {"e": "x"}}),
        (("a.b=1", "a.b=2"), {"a": {"b": 2}}),
        (("a.b=",), {"a": {"b": None}}),
        (("a.b=[1, {c: true}]",), {"a": {"b": [1, {"c": True}]}}),
        (("a.b=x=y",), {"a": {"b": "x=y"}}),
        (("a.b.c=1",), {"a": {"b.c": 1}}),
        (("a-1.b='1'",), {"a-1": {"b": "1"}}),
    ],
)
def test_overrides(given, parsed):
    assert parse_overrides(given) == parsed


@pytest.mark.parametrize("text", ["", "a", "a=1", ".b=1", "a.=1", "a.b", "=1"])
def test_an_override_of_another_form_says_how_to_write_it(text):
    with pytest.raises(
        click.BadParameter, match=r"write stage\.option=value, e\.g\. -o compare\.alpha=0\.01"
    ) as caught:
        parse_overrides([text])
    assert repr(text) in caught.value.message


def test_a_value_that_is_no_yaml_says_where():
    with pytest.raises(click.BadParameter, match=r"'a\.b=\[1':1:3: not valid YAML"):
        parse_overrides(["a.b=[1"])


def test_options_of_one_stage():
    assert parse_options(["a=1", "b=x.y"]) == {"a": 1, "b": "x.y"}
    with pytest.raises(click.BadParameter, match="write option=value"):
        parse_options(["a"])


@pytest.mark.parametrize(
    ("name", "content", "value"),
    [
        ("x.json", '{"a": [1, null]}', {"a": [1, None]}),
        ("x.JSON", "1", 1),
        ("x.jsonl", '{"a": 1}\n\n{"a": 2}', [{"a": 1}, {"a": 2}]),
        ("x.jsonl", '{"a": "one\u2028line\x85still"}\r\n', [{"a": "one\u2028line\x85still"}]),
        ("x.jsonl", "", []),
        ("x.yaml", "a: no", {"a": "no"}),
        ("x.yml", "- 1e-4", [1e-4]),
        ("x.toml", "[a]\nb = 1", {"a": {"b": 1}}),
        ("x.txt", "a: 1\n", "a: 1\n"),
        ("x", "é", "é"),
        ("x.json", "\ufeff[1]", [1]),
    ],
)
def test_an_assigned_file_gives_what_it_holds(tmp_path, name, content, value):
    path = tmp_path / name
    path.write_bytes(content.encode("utf-8"))
    assert parse_assigns([f"rows=@{path}"]) == {"rows": value}


def test_a_value_is_assigned_as_yaml():
    assert parse_assigns(["a=1", "b=x@y", "c="]) == {"a": 1, "b": "x@y", "c": None}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.json", "{", r"x\.json: not JSON: "),
        ("x.json", "[" * 100_000, r"x\.json: (nested too deeply|not JSON)"),
        ("x.jsonl", '{"a": 1}\n{"a"', r"x\.jsonl:2: not JSON: "),
        ("x.yaml", "a: [", r"x\.yaml:1:5: not valid YAML"),
        ("x.toml", "a = ", r"x\.toml: not TOML: "),
        ("x.txt", b"\xff", r"x\.txt is not UTF-8 text \(byte 0\)"),
        ("x.csv", "a,b", r"x\.csv: a table is read by a stage such as load_dataset"),
        ("x.parquet", b"PAR1", r"x\.parquet: a table is read by a stage"),
    ],
)
def test_a_file_that_is_not_what_it_claims_is_refused_with_its_place(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(click.BadParameter, match=said) as caught:
        parse_assigns([f"rows=@{path}"])
    assert caught.value.param_hint == "--assign"


@pytest.mark.parametrize(
    ("text", "said"),
    [("a=@none.json", "cannot read none.json: No such file"), ("a=@", "cannot read .: Is a directory")],
)
def test_a_file_that_cannot_be_read_is_refused(project, text, said):
    with pytest.raises(click.BadParameter, match=said):
        parse_assigns([text])


@pytest.mark.parametrize("text", ["", "a", "1a=1", "a.b=1", "=@x", "a b=1"])
def test_an_assignment_of_another_form_says_how_to_write_it(text):
    with pytest.raises(click.BadParameter, match="write name=@file or name=value"):
        parse_assigns([text])
