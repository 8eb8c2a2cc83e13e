"""Reading spec files that are right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crucible_core.ir import Experiment, load_experiment, parse_experiment, read_spec

YAML = """\
# a comment
id: demo
params: {rate: 1e-4, answer: no}
pipeline:
  - load
  - name: compare
    options:
      alpha: 0.01
      models: [a, b]
"""
JSON = """\
{
  "id": "demo",
  "params": {"rate": 1e-4, "answer": "no"},
  "pipeline": ["load",
    {"name": "compare", "options": {"alpha": 0.01, "models": ["a", "b"]}}]
}
"""
TOML = """\
id = "demo"
params = { rate = 1e-4, answer = "no" }

[[pipeline]]
name = "load"  # [not] a = header

[[pipeline]]
name = "compare"

[pipeline.options]
"alpha" = 0.01
models = [
  "a",
  "b",
]
"""
FILES = {"spec.yaml": YAML, "spec.yml": YAML, "spec.json": JSON, "spec.toml": TOML, "SPEC.YAML": YAML}


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write_file(name, text):
        Path(name).write_text(text, encoding="utf-8")
        return Path(name)

    return write_file


@pytest.mark.parametrize(("name", "text"), FILES.items())
def test_every_format_gives_the_same_experiment(write, name, text):
    experiment, document = load_experiment(write(name, text))
    assert experiment == Experiment.from_dict(
        {
            "id": "demo",
            "params": {"rate": 0.0001, "answer": "no"},
            "pipeline": ["load", {"name": "compare", "options": {"alpha": 0.01, "models": ["a", "b"]}}],
        }
    )
    assert document.source == Path(name)


@pytest.mark.parametrize(
    ("name", "path", "key", "place"),
    [
        ("spec.yaml", (), False, "2:1"),
        ("spec.yaml", ("id",), False, "2:5"),
        ("spec.yaml", ("id",), True, "2:1"),
        ("spec.yaml", ("params", "answer"), False, "3:30"),
        ("spec.yaml", ("params", "answer"), True, "3:22"),
        ("spec.yaml", ("pipeline", 0), False, "5:5"),
        ("spec.yaml", ("pipeline", 1), False, "6:5"),
        ("spec.yaml", ("pipeline", 1, "options"), True, "7:5"),
        ("spec.yaml", ("pipeline", 1, "options", "models", 1), False, "9:19"),
        ("spec.yaml", ("pipeline", 1, "options", "missing"), False, "8:7"),
        ("spec.yaml", ("pipeline", 9), False, "5:3"),
        ("spec.json", (), False, "1:1"),
        ("spec.json", ("params", "answer"), True, "3:28"),
        ("spec.json", ("pipeline", 0), False, "4:16"),
        ("spec.json", ("pipeline", 1, "options", "alpha"), False, "5:46"),
        ("spec.json", ("pipeline", 1, "options", "models", 1), False, "5:68"),
        ("spec.json", ("pipeline", 1, "id"), False, "5:5"),
        ("spec.toml", (), False, "1"),
        ("spec.toml", ("params", "rate"), False, "2"),
        ("spec.toml", ("pipeline", 0), False, "4"),
        ("spec.toml", ("pipeline", 0, "name"), False, "5"),
        ("spec.toml", ("pipeline", 1, "options"), False, "10"),
        ("spec.toml", ("pipeline", 1, "options", "alpha"), False, "11"),
        ("spec.toml", ("pipeline", 1, "options", "models", 1), False, "14"),
        ("spec.toml", ("pipeline", 1, "id"), False, "7"),
    ],
)
def test_places(write, name, path, key, place):
    document = read_spec(write(name, FILES[name]))
    assert str(document.locate(path, key=key)) == f"{name}:{place}"


def test_toml_places_survive_strings_that_look_like_tables(write):
    text = (
        'id = "a"\nnote = """\n[pipeline]\nx = 1\n"""\n[reliability.stats]\nalpha = 1\na.b = 2\n["quoted.key"]\nc = 1\n'
    )
    document = read_spec(write("spec.toml", text))
    paths = [("note",), ("reliability", "stats", "alpha"), ("reliability", "stats", "a", "b"), ("quoted.key", "c")]
    assert [document.locate(path).line for path in paths] == [2, 7, 8, 10]


def test_anchors_and_aliases(write):
    text = "id: a\nparams: {one: &shared {k: [1]}, two: *shared}\npipeline: [x]\n"
    experiment, document = load_experiment(write("spec.yaml", text))
    assert experiment.params["two"] == {"k": (1,)}
    assert str(document.locate(("params", "two"))) == "spec.yaml:2:38"
    assert str(document.locate(("params", "two", "k", 0))) == "spec.yaml:2:28"


def test_a_quoted_merge_sign_is_a_key_like_any_other(write):
    assert read_spec(write("spec.yaml", '"<<": 1\n')).data == {"<<": 1}


@pytest.mark.parametrize("name", FILES)
def test_a_byte_order_mark_and_windows_line_ends(write, name):
    path = write(name, "")
    path.write_bytes(b"\xef\xbb\xbf" + FILES[name].replace("\n", "\r\n").encode())
    document = read_spec(path)
    assert parse_experiment(document).id == "demo"
    assert document.locate(("id",)).line == {"spec.toml": 1}.get(name, 2)


def test_toml_dates_are_text_as_in_the_other_formats(write):
    text = 'id = "a"\npipeline = ["x"]\ncreated_at = 2026-01-31T12:00:00Z\nparams.day = 2026-01-31\n'
    experiment, _ = load_experiment(write("spec.toml", text))
    assert experiment.params["day"] == "2026-01-31"
    assert experiment.created_at.isoformat() == "2026-01-31T12:00:00+00:00"
    assert Experiment.from_json(experiment.to_json()) == experiment


def test_a_mapping_has_no_places():
    experiment, document = load_experiment({"id": "a", "pipeline": ["x"]})
    assert experiment.id == "a"
    assert (document.source, document.locate(("id",))) == (None, None)


def test_what_an_experiment_writes_can_be_read(write):
    experiment, _ = load_experiment(write("spec.yaml", YAML))
    again, _ = load_experiment(write("spec.json", experiment.to_json(indent=2)))
    assert again == experiment


def test_a_long_pipeline_in_every_format(write):
    count = 3000
    entries = [{"name": "x", "id": f"s{index}"} for index in range(count)]
    files = {
        "long.json": json.dumps({"id": "a", "pipeline": entries}),
        "long.yaml": "id: a\npipeline:\n" + "".join(f"- {{name: x, id: s{i}}}\n" for i in range(count)),
        "long.toml": 'id = "a"\n' + "".join(f'[[pipeline]]\nname = "x"\nid = "s{i}"\n' for i in range(count)),
    }
    for name, text in files.items():
        experiment, document = load_experiment(write(name, text))
        assert [stage.id for stage in experiment.pipeline] == [entry["id"] for entry in entries]
        assert document.locate(("pipeline", count - 1, "id")).line == {"long.json": 1, "long.yaml": count + 2}.get(
            name, 3 * count + 1
        )


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        ("yaml", "$schema: ./s.json\nid: a\npipeline: [x]\n"),
        ("json", '{"$schema": "https://example.org/s.json", "id": "a", "pipeline": ["x"]}'),
        ("toml", '"$schema" = "s.json"\nid = "a"\npipeline = ["x"]\n'),
    ],
)
def test_a_spec_may_say_where_its_schema_is(tmp_path, suffix, text):
    path = tmp_path / f"s.{suffix}"
    path.write_text(text)
    found, _ = load_experiment(path)
    assert found.to_dict(only_set=True) == {"id": "a", "pipeline": [{"name": "x"}]}
