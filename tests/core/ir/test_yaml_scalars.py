"""What plain scalars mean: the examples of YAML 1.2.2, section 10.3, and what older versions read otherwise."""

from __future__ import annotations

import math

import pytest

from crucible_core.ir import SpecError, read_spec

SCALARS = {
    # null
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "nUll": "nUll",
    "none": "none",
    # booleans, and what YAML 1.1 took for them
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "FALSE": False,
    "tRUE": "tRUE",
    "yes": "yes",
    "no": "no",
    "on": "on",
    "off": "off",
    "y": "y",
    "N": "N",
    # integers
    "0": 0,
    "12": 12,
    "-19": -19,
    "+7": 7,
    "012": 12,
    "0o17": 15,
    "0x1F": 31,
    "0x1f": 31,
    "0o8": "0o8",
    "-0x1": "-0x1",
    "0b11": "0b11",
    "1_000": "1_000",
    "190:20:30": "190:20:30",
    "\u0661": "\u0661",
    # floats
    "0.": 0.0,
    "-0.0": -0.0,
    ".5": 0.5,
    "+12e03": 12000.0,
    "-2E+05": -200000.0,
    "1e-4": 1e-4,
    "1.0e-3": 1e-3,
    "685.230_15e+03": "685.230_15e+03",
    "1e": "1e",
    ".": ".",
    "e5": "e5",
    ".inf": math.inf,
    "-.Inf": -math.inf,
    "+.INF": math.inf,
    "inf": "inf",
    "nan": "nan",
    # what looks like something else
    "2001-12-14": "2001-12-14",
    "2001-12-14T21:59:43Z": "2001-12-14T21:59:43Z",
    "1.2.3": "1.2.3",
    "=": "=",
    # quoted, and tagged
    "'12'": "12",
    '"true"': "true",
    "'~'": "~",
    "''": "",
    "! 12": "12",
    "!!str 12": "12",
    "!!str": "",
    "!!int '12'": 12,
    "!!float 12": 12.0,
    "!!null ''": None,
    "!!bool 'true'": True,
}


@pytest.fixture
def value_of(tmp_path):
    def read(text):
        path = tmp_path / "spec.yaml"
        path.write_text(f"value: {text}\n", encoding="utf-8")
        return read_spec(path).data["value"]

    return read


@pytest.mark.parametrize(("text", "expected"), SCALARS.items())
def test_scalar(value_of, text, expected):
    value = value_of(text)
    assert (type(value), value) == (type(expected), expected)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number(value_of, text):
    assert math.isnan(value_of(text))


@pytest.mark.parametrize("text", ["|\n  12", ">\n  12"])
def test_block_scalars_are_text(value_of, text):
    assert value_of(text).strip() == "12"


@pytest.mark.parametrize("text", ["!!int x", "!!int true", "!!int 1.5", "!!bool 1", "!!float no", "!!null 0"])
def test_a_tag_must_fit(value_of, text):
    with pytest.raises(SpecError, match="does not fit its tag"):
        value_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object:os.system x",
        "!!python/name:os.system ''",
        "!mine x",
        "!!timestamp 2001-01-01",
        "!!set {a, b}",
        "!!binary aGk=",
    ],
)
def test_other_tags_are_refused(value_of, text):
    with pytest.raises(SpecError, match="is not allowed in a spec"):
        value_of(text)
