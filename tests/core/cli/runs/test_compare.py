"""``crucible runs compare``: what differs between runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from crucible_core.runs.codecs import ObjectStore, Values

SCHEMA = Path(__file__).parents[4] / "docs" / "schemas" / "runs_compare.schema.json"
HOSTILE = "\x1b[31mred\x1b]0;title\x07\u202e\r\nnext"
JUDGE = """
    from crucible_core import ItemFinding, hookimpl

    @hookimpl
    def crucible_compare_items(pairs):
        return [ItemFinding(True, f"{pair.names} {pair.field} {pair.first} {pair.second}") for pair in pairs]
"""


@pytest.fixture
def measured(crucible, spec):
    """Run ``Measure`` under some ids, each with a value, and return what compares the runs."""

    def run(arguments=(), **values):
        for name, value in values.items():
            step = {"module": "own_stages:Measure", "options": {"value": value}}
            assert crucible("run", spec(step, "Measure"), "--run-id", name, "--seed", 1).code == 0
        return crucible("runs", "compare", *values, *arguments)

    return run


@pytest.fixture
def with_items(hand_made, tmp_path):
    """Write a run whose outputs are these rows; return its directory."""

    def write(name, rows):
        where = f"project/artifacts/crucible/exp/{name}"
        values = Values(ObjectStore(tmp_path / where / "checkpoints"), tuple)
        state = {"outputs": {"from": 0, "rows": values.encode(rows)}}
        return hand_made((1, "stage_stop", "s0", {"duration_s": 1.0, "state": state}), where=where)

    return write


def section(out, title):
    """Return the lines of a section."""
    lines = out.splitlines()
    first = lines.index(title) + 1
    return lines[first : lines.index("", first) if "" in lines[first:] else None]


def test_what_differs_is_told_in_a_table(measured):
    done = measured(a=0.5, b=0.75)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith("A  exp/a  succeeded  20")
    assert section(done.out, "Options") == ["            A    B", "  s0.value  0.5  0.75"]
    assert section(done.out, "Metrics") == [
        "           A    B     B - A",
        "  s0.loss  0.5  0.75  +0.25 (+50.0%)",
        "  1 equal; --all shows them",
    ]


def test_runs_that_do_not_differ_are_said_to_be_the_same(measured):
    out = measured(a=0.5, b=0.5).out
    assert "Spec, options, data and environment are the same." in out
    assert section(out, "Metrics") == ["  2 equal; --all shows them"]


def test_everything_is_shown_on_demand(measured):
    out = measured(["--all"], a=0.5, b=0.75).out
    assert section(out, "Metrics")[1:] == ["  s0.loss  0.5  0.75  +0.25 (+50.0%)", "  s1.loss  0.5  0.5   0"]


def test_more_than_two_are_compared_with_the_first(measured):
    done = measured(a=0.5, b=0.75, c=1.0)
    assert section(done.out, "Metrics")[:2] == [
        "           A    B     C  B - A           C - A",
        "  s0.loss  0.5  0.75  1  +0.25 (+50.0%)  +0.5 (+100.0%)",
    ]


@pytest.mark.parametrize("count", [2, 9, 30])
def test_lines_fit_into_80_columns(crucible, hand_made, count):
    runs = [
        hand_made(
            where=f"out/exp/r{number}", metrics={"a": {"loss" * 20: number / 7}}, packages={"numpy": f"1.{number}"}
        )
        for number in range(count)
    ]
    out = crucible("runs", "compare", *runs).out
    assert all(len(line) <= 80 for line in out.splitlines())
    assert out.isascii()


def test_long_values_are_cut_where_they_differ(crucible, hand_made):
    runs = [
        hand_made(where=f"out/exp/r{number}", git={"revision": "0" * 200 + str(number), "dirty": False})
        for number in range(2)
    ]
    (line,) = section(crucible("runs", "compare", *runs).out, "Environment")[1:]
    assert line.split() == ["git.revision", "...0000", "...0001"]


def test_json_is_what_its_schema_says(measured):
    document = measured(["--json"], a=0.5, b=0.75).json
    Draft202012Validator(json.loads(SCHEMA.read_bytes())).validate(document)
    assert [run["run_id"] for run in document["runs"]] == ["a", "b"]
    assert document["metrics"][0]["relative"] == [0.0, 0.5]


@pytest.mark.parametrize("arguments", [[], ["a"]])
def test_one_run_is_not_enough(crucible, arguments):
    assert crucible("runs", "compare", *arguments).code == 2


def test_a_run_that_is_not_there_is_an_error(crucible, hand_made):
    done = crucible("runs", "compare", hand_made(), "nope")
    assert (done.code, done.out) == (2, "")
    assert "no run 'nope'" in done.err


def test_nothing_in_a_record_steers_the_terminal(crucible, hand_made):
    def run(name, value):
        run_dir = hand_made(
            where=f"out/{HOSTILE[5:8]}/{name}",
            stages=[{"id": HOSTILE, "options": {HOSTILE: f"{HOSTILE}{value}"}}],
            metrics={HOSTILE: {HOSTILE: f"{HOSTILE}{value}"}},
            packages={HOSTILE: f"{HOSTILE}{value}"},
            datasets={HOSTILE: {HOSTILE: f"{HOSTILE}{value}"}},
            status=HOSTILE,
            started_at=HOSTILE,
        )
        (run_dir / "spec.json").write_text(json.dumps({HOSTILE: value, "pipeline": [{"id": HOSTILE, HOSTILE: value}]}))
        return run_dir

    done = crucible("runs", "compare", run("r1", 1), run("r2", 2))
    assert done.code == 0, done.err
    assert all(each.isprintable() or each == "\n" for each in done.out + done.err)


def test_nor_does_anything_in_a_row(crucible, with_items):
    runs = [with_items(name, [{"id": HOSTILE, "score": 1, "model": HOSTILE, "stage": HOSTILE}]) for name in ("a", "b")]
    done = crucible("--no-plugins", "runs", "compare", *runs, "--field", HOSTILE, "--field", "score")
    assert "score (stage" in done.out
    assert all(each.isprintable() or each == "\n" for each in done.out + done.err)


def test_items_are_judged_by_plugins(crucible, install, with_items):
    install("acme-judge", JUDGE, plugins={"acme": "acme_judge"})
    with_items("a", [{"id": 1, "score": 0.5}, {"id": 2, "score": 0.25}, {"id": 3, "score": 1.0}])
    with_items("b", [{"id": 2, "score": 0.75}, {"id": 1, "score": 1.0}, {"id": 4, "score": 1.0}, {"id": 5, "score": 1}])
    done = crucible("--disable", "crucible-bench", "runs", "compare", "a", "b")
    assert section(done.out, "Items") == [
        "  score, b against a: mean 0.875 against 0.375, 2 items, 1 only in a, 2 only in b",
        "    more than noise",
        "    ('a', 'b') score (0.5, 0.25) (1.0, 0.75)",
    ]
    document = crucible("--disable", "crucible-bench", "runs", "compare", "a", "b", "--json").json
    Draft202012Validator(json.loads(SCHEMA.read_bytes())).validate(document)
    assert [each["by"] for each in document["items"][0]["findings"]] == ["acme-judge"]


def test_crucible_bench_says_whether_it_is_more_than_noise(crucible, with_items):
    with_items("a", [{"id": number, "target": 1, "prediction": 0} for number in range(20)])
    with_items("b", [{"id": number, "target": 1, "prediction": 1} for number in range(20)])
    done = crucible("runs", "compare", "a", "b", "--json")
    Draft202012Validator(json.loads(SCHEMA.read_bytes())).validate(done.json)
    (items,) = done.json["items"]
    (finding,) = items["findings"]
    assert (items["field"], items["matched"], items["means"]) == ("correct", 20, [0.0, 1.0])
    assert (finding["by"], finding["test"], finding["more_than_noise"]) == ("crucible-bench", "mcnemar", True)
    assert finding["p_value"] == pytest.approx(2 * 0.5**20)


def test_without_a_judge_the_note_says_who_judges(crucible, with_items):
    runs = [with_items(name, [{"id": 1, "score": 0.5}]) for name in ("a", "b")]
    done = crucible("--no-plugins", "runs", "compare", *runs)
    assert done.code == 0
    assert "score, b against a: mean 0.5 against 0.5, 1 items" in done.out
    assert "pip install ./plugins/crucible-bench" in done.err


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("[1]", "must return ItemFindings, got [1]"),
        ("[]", ""),
        ("None", ""),
        ("[None]", ""),
        ("[None, None]", "one finding for each of 1 pairs, got 2"),
        ("'text'", "must return ItemFindings, got 'text'"),
        ("exit(3)", "sys.exit(3)"),
    ],
)
def test_a_plugin_that_fails_is_named_and_the_rest_goes_on(crucible, install, with_items, returned, said):
    source = f"""
    from crucible_core import hookimpl

    @hookimpl
    def crucible_compare_items(pairs):
        return {returned}
    """
    install("acme-judge", source, plugins={"acme": "acme_judge"})
    runs = [with_items(name, [{"id": 1, "score": 0.5}]) for name in ("a", "b")]
    done = crucible("--disable", "crucible-bench", "runs", "compare", *runs)
    assert done.code == 0
    assert "score, b against a" in done.out
    assert said in done.err
    assert ("acme-judge" in done.err) == bool(said)


def test_damaged_items_are_a_note(crucible, with_items):
    runs = [with_items(name, [{"id": number, "score": 0.5} for number in range(500)]) for name in ("a", "b")]
    for path in (runs[1] / "checkpoints").rglob("*.json*"):
        path.write_bytes(b"")
    done = crucible("runs", "compare", *runs)
    assert done.code == 0
    assert "exp/b: its items are not compared: " in done.err


def test_fields_can_be_chosen(crucible, with_items):
    runs = [with_items(name, [{"id": 1, "score": 0.5, "f1": 0.25}]) for name in ("a", "b")]
    done = crucible("--no-plugins", "runs", "compare", *runs, "--field", "f1", "--field", "f2")
    assert "f1, b against a: mean 0.25 against 0.25" in done.out
    assert "no two runs have items with a number in the field 'f2'" in done.err
