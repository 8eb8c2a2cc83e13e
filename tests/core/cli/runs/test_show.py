"""``crucible runs show``: what became of a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).parents[4] / "docs" / "schemas" / "runs_show.schema.json"
HOSTILE = "\x1b[31mred\x1b]0;title\x07\u202e\r\nnext"


@pytest.fixture
def shown(crucible, spec):
    """Run some stages and show the run."""

    def run(*stages, arguments=(), **fields):
        crucible("run", spec(*stages, **fields), "--run-id", "r")
        done = crucible("runs", "show", "r", *arguments)
        assert done.code == 0, done.err
        return done

    return run


def section(out, title):
    """Return the lines of a section."""
    lines = out.splitlines()
    first = lines.index(title) + 1
    return lines[first : lines.index("", first) if "" in lines[first:] else None]


def test_a_run_is_told_section_by_section(shown):
    gate = {"module": "own_stages:Gate", "options": {"passes": True}}
    off = {"module": "own_stages:Crash", "enabled": False}
    out = shown("Measure", off, gate, "Refuse", "Measure", params={"width": 3}, tags=["t"], description="d").out
    lines = out.splitlines()
    assert lines[0] == "exp/r  failed"
    assert "  directory    artifacts/crucible/exp/r" in lines
    assert "  params       width=3" in lines
    assert section(out, "Failure") == ["  too_cold in s3: it is too cold; heat"]
    stages = [line.split() for line in section(out, "Stages")]
    assert [line[0] for line in stages] == ["s0", "s1", "s2", "s3", "s4"]
    assert [line[-1] for line in (stages[1], stages[4])] == ["disabled", "reached"]
    assert section(out, "Metrics") == ["  s0.loss  0.5"]
    assert section(out, "Verdicts") == ["  yes  Is it fair? It was measured."]
    assert section(out, "Artifacts") == ["  artifacts/s0/note.txt  2 B"]


def test_tags_are_those_that_it_has_now(shown, crucible, project):
    shown("Measure", tags=["first", "second"])
    (project / "artifacts/crucible/exp/r/tags.json").write_text('{"added": ["third"], "removed": ["first"]}')
    assert "  tags         second, third" in crucible("runs", "show", "r").out.splitlines()
    assert crucible("runs", "show", "r", "--json").json["tags"] == ["second", "third"]
    (project / "artifacts/crucible/exp/r/tags.json").write_text("{")
    done = crucible("runs", "show", "r")
    assert "  tags         first, second" in done.out.splitlines()
    assert "tags.json is damaged" in done.err


def test_plain_text_is_ascii_in_80_columns(shown):
    out = shown("Measure", "Measure", "Crash").out
    assert out.isascii()
    assert all(len(line) <= 80 for line in section(out, "Stages"))
    assert all(mark in out for mark in "#x")


def test_the_traceback_is_shown_on_demand(shown, crucible):
    out = shown("Crash").out
    assert section(out, "Failure")[1] == "  --debug shows the traceback"
    told = crucible("--debug", "runs", "show", "r").out
    assert any('own_stages.py", line' in line for line in section(told, "Failure"))


@pytest.mark.parametrize("stages", [["Measure", "Gate"], ["Crash"], ["Leave"], ["Refuse", "Measure"]], ids=str)
def test_json_is_what_its_schema_says(shown, stages):
    document = shown(*stages, arguments=["--json"]).json
    Draft202012Validator(json.loads(SCHEMA.read_bytes())).validate(document)
    assert document["manifest"]["run_id"] == "r"
    assert document["status"] == document["manifest"]["status"]


def test_nothing_in_a_record_steers_the_terminal(crucible, hand_made):
    run_dir = hand_made(
        (1, "stage_start", HOSTILE, {"name": HOSTILE}),
        (2, "stage_error", HOSTILE, {"code": HOSTILE, "message": HOSTILE, "duration_s": 1.0}),
        (3, "stage_skip", "b", {"reason": HOSTILE}),
        stages=[{"id": HOSTILE}],
        description=HOSTILE,
        tags=[HOSTILE],
        params={HOSTILE: HOSTILE},
        command=[HOSTILE],
        metrics={HOSTILE: {HOSTILE: 1.0}},
        verdicts=[{"question": HOSTILE, "passed": False, "finding": HOSTILE}],
        datasets={HOSTILE: {"source": HOSTILE, "rows": HOSTILE, "sha256": HOSTILE}},
        artifacts=[{"stage": "a", "path": HOSTILE, "bytes": HOSTILE}],
        failure={"stage": HOSTILE, "code": HOSTILE, "message": HOSTILE, "traceback": HOSTILE},
        inputs={"assigns": {HOSTILE: {"source": HOSTILE}}, "outputs": 0},
        python={"version": HOSTILE},
        git={"revision": HOSTILE},
        process={"pid": 1, "host": HOSTILE},
    )
    done = crucible("--debug", "runs", "show", run_dir)
    assert done.code == 0, done.err
    said = done.out + done.err
    assert all(each.isprintable() or each == "\n" for each in said)
    assert "red" in said


def test_numbers_that_json_lacks_are_metrics(crucible, hand_made):
    metrics = {"a": {"x": "NaN", "y": "-Infinity", "z": 1e300, "t": "text", "n": None}}
    run_dir = hand_made(metrics=metrics)
    done = crucible("runs", "show", run_dir)
    assert section(done.out, "Metrics") == [
        "  a.x  NaN",
        "  a.y  -Infinity",
        "  a.z  1e+300",
        "  ... 2 more; --all shows them",
    ]
    assert section(crucible("runs", "show", run_dir, "--all").out, "Metrics")[3:] == ["  a.t  text", "  a.n  null"]


def test_a_manifest_with_nan_in_it_is_strict_json_again(crucible, hand_made):
    run_dir = hand_made((2, "run_stop", None, {"status": "failed"}), final='{"stages": [], "metrics": {"a": NaN}}')
    done = crucible("runs", "show", run_dir, "--json")
    assert done.code == 0
    json.loads(done.out, parse_constant=pytest.fail)


@pytest.mark.parametrize("final", ["{", "[]", '{"stages": [{}], "metrics": 3}'])
def test_a_damaged_manifest_is_a_note(crucible, hand_made, final):
    done = crucible("runs", "show", hand_made((1, "stage_start", "a", {}), stages=["a"], final=final))
    assert done.code == 0
    assert done.out.splitlines()[0].startswith("exp/r  ")


def test_a_run_that_cannot_be_read_is_an_error_that_says_why(crucible, hand_made):
    run_dir = hand_made(final="{")
    (run_dir / "telemetry.jsonl").write_text('damage\n{"seq": 2}\n')
    done = crucible("runs", "show", run_dir)
    assert (done.code, done.out) == (2, "")
    assert "manifest.json is damaged" in done.err
    assert "telemetry.jsonl:1: not an event" in done.err


def test_of_ten_thousand_stages_those_are_shown_that_say_something(crucible, hand_made):
    events = []
    for number in range(10_000):
        events.append((number, "stage_start", f"s{number}", {"name": "s"}))
        took = 500.0 if number == 5_000 else 0.5
        ended = {"code": "broken", "message": "m", "duration_s": 0.1} if number == 7_000 else {"duration_s": took}
        events.append((number + 0.5, "stage_error" if number == 7_000 else "stage_stop", f"s{number}", ended))
    run_dir = hand_made(*events, stages=[f"s{number}" for number in range(12_000)])
    lines = section(crucible("runs", "show", run_dir).out, "Stages")
    assert len(lines) < 120
    assert any(line.startswith("  s5000 ") and "8 min 20 s" in line for line in lines)
    assert any(line.startswith("  s7000 ") and "broken: m" in line for line in lines)
    assert "2,000 not reached" in lines[-1]
    whole = section(crucible("runs", "show", run_dir, "--all").out, "Stages")
    assert len(whole) == 12_000
