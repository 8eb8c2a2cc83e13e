"""Context paths and their placeholders."""

import pytest

from crucible_core.contract.paths import covers, fill, path_problem, placeholders, root_of


@pytest.mark.parametrize(
    "path",
    ["outputs", "*", "assigns.x", "metrics.a.b.c", "artifacts.*", "metrics.*", "assigns.with-dash", "assigns.a b"],
)
def test_a_path(path):
    assert path_problem(path) is None


@pytest.mark.parametrize(
    "path", ["", ".", "output", "metrics", "metrics.", "metrics..a", "assigns.a.", "trace.x", " outputs"]
)
def test_no_path(path):
    assert path_problem(path) == f"{path!r} is not a context path; write outputs, assigns.K, metrics.K or artifacts.K"


def test_outputs_have_no_keys():
    assert path_problem("outputs.id") == "'outputs.id': outputs is a list of rows and has no keys; write 'outputs'"


@pytest.mark.parametrize(
    ("path", "root"), [("outputs", "outputs"), ("metrics.a.b", "metrics.a"), ("*", "*"), ("assigns.*", "assigns.*")]
)
def test_the_root_of_a_path(path, root):
    assert root_of(path) == root


@pytest.mark.parametrize(
    ("written", "read", "there"),
    [
        ("metrics.a", "metrics.a.b", True),
        ("metrics.a.b", "metrics.a", True),
        ("metrics.a", "metrics.ab", False),
        ("metrics.*", "metrics.a", True),
        ("metrics.*", "assigns.a", False),
        ("*", "outputs", True),
        ("outputs", "outputs", True),
        ("assigns.x", "artifacts.x", False),
    ],
)
def test_what_writing_makes_readable(written, read, there):
    assert covers(written, read) is there


@pytest.mark.parametrize(
    ("path", "values", "filled"),
    [
        ("metrics.{id}", {"id": "a"}, ("metrics.a",)),
        ("metrics.{id}", {}, ("metrics.{id}",)),
        ("{data}", {"data": None}, ()),
        ("{data}", {"data": []}, ()),
        ("{data}", {"data": ("outputs", "assigns.x")}, ("outputs", "assigns.x")),
        (
            "metrics.{a}.{b}",
            {"a": ["x", "y"], "b": [1, 2]},
            ("metrics.x.1", "metrics.x.2", "metrics.y.1", "metrics.y.2"),
        ),
        ("metrics.{a}.{a}", {"a": ["x", "y"]}, ("metrics.x.x", "metrics.y.y")),
        ("metrics.{a}.{b}", {"b": 1}, ("metrics.{a}.1",)),
        ("{a}", {"a": "{a}"}, ("{a}",)),
        ("{a}", {"a": "metrics.{b}", "b": "x"}, ("metrics.x",)),
        ("outputs", {"outputs": "x"}, ("outputs",)),
    ],
)
def test_placeholders_are_replaced(path, values, filled):
    assert fill((path,), values) == filled


def test_placeholders_are_named_in_order():
    assert placeholders("{b}.{a}.{Not}.{1}.{id}") == ("b", "a", "id")
