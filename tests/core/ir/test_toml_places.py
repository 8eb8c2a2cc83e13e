"""Where the values of a TOML text stand."""

from __future__ import annotations

import tomllib

import pytest

from crucible_core.ir import SpecError, load_experiment
from crucible_core.ir.toml_places import toml_places

TEXT = '''\
title = "on_1"  # a = [1
"dotted"."key" = "on_2"
"quo\\u0041ted" = "on_3"
text = """
["no table"] = [
\\""" [ { no list "on_7" """
literal = """""two quotes"""""
more = ''\'
key = "none"
''\'
nested = [  # a comment, [ with signs ] in it
    [1, "on_12"],
    # another: "]"
    [
        "on_15", { name = "on_15", options = { alpha = "on_15" } },
        """
        on_17""",
    ],
]
when = 1979-05-27 07:32:00
empty = []
nothing = {}

[a.b]
c = "on_25"
[[list]]
name = "on_27"
[list.of]
x.y = "on_29"
x.z = ["on_30", "on_30"]
[[list]]
name = \'on_32\'
  [[list.below]]
  name = "on_34"
'''


def leaves(value, path=()):
    if isinstance(value, (dict, list)):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, step))
    else:
        yield path, value


def paths(place, path=()):
    """Return the path of each place that has none within."""
    if not place.children:
        return {path}
    return {found for step, child in place.children.items() for found in paths(child, (*path, step))}


DATA = tomllib.loads(TEXT)
MARKED = [(path, int(value.rpartition("on_")[2])) for path, value in leaves(DATA) if str(value).startswith("on_")]


@pytest.mark.parametrize(("path", "line"), MARKED, ids=str)
def test_a_value_has_its_own_line(path, line):
    assert toml_places(TEXT).find(path, key=False) == (line, None)
    assert f"on_{line}" in TEXT.split("\n")[line - 1]


def test_it_sees_what_the_parser_sees():
    assert len(MARKED) == 14
    assert paths(toml_places(TEXT)) == {path for path, _ in leaves(DATA)} | {("empty",), ("nothing",)}


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (['id = "a"', "pipeline = [", "  {name = 'x'},", '  {name="x", idd="y"},', "]"], "4: pipeline[1].idd"),
        (['id = "a"', "pipeline = [", '  "x", # [', '  "Bad Name",', "]"], "4: pipeline[1]"),
        (['id = "a"', "pipeline = [{name = 'x', options = {a = [", "  1,", "  inf]}}]"], "4: pipeline[0].options.a[1]"),
        (['id = "a"', 'tags = ["""', '[x]""",', "  5]", "pipeline = ['x']"], "4: tags[1]"),
    ],
)
def test_an_error_within_a_list_of_many_lines_has_its_line(tmp_path, monkeypatch, lines, place):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.toml").write_text("\n".join(lines))
    with pytest.raises(SpecError) as caught:
        load_experiment("s.toml")
    assert str(caught.value).startswith(f"s.toml:{place}: ")
