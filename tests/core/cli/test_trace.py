"""``crucible trace``: what happened in a run, chosen and shown."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def traced(crucible, spec):
    assert crucible("run", spec("Measure", "Measure"), "--run-id", "abc1").code == 0
    return lambda *arguments: crucible("trace", *arguments)


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (["--stage", "s0", "--event", "metric"], 3),
        (["--event", "metric"], 6),
        (["--event", "metric", "--event", "decision_made"], 8),
        (["--stage", "s0", "--stage", "s1", "--reasoning"], 2),
        (["--grep", "ROBUST"], 2),
        (["--grep", "at step 2", "--stage", "s1"], 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_filters_add_up(traced, arguments, count):
    done = traced("abc1", *arguments)
    assert (done.code, len(done.out.splitlines())) == (0, count)


@pytest.mark.parametrize("name", ["abc1", "abc", "latest", "exp", "exp/abc1", "artifacts/crucible/exp/abc1"])
def test_a_run_may_be_named_in_several_ways(traced, name):
    assert "run_stop" in traced(name).out


def test_nothing_that_matches_says_what_there_is(traced):
    done = traced("abc1", "--event", "metrics")
    assert (done.code, done.out) == (0, "")
    assert "it has the stages s0, s1 and the events run_start, stage_start, metric" in done.err


def test_json_gives_the_lines_of_the_journal(traced, project):
    lines = (project / "artifacts/crucible/exp/abc1/telemetry.jsonl").read_text("utf-8").splitlines()
    assert traced("abc1", "--json").out.splitlines() == lines
    assert [
        json.loads(line)["stage"] for line in traced("abc1", "--json", "--event", "stage_stop").out.splitlines()
    ] == ["s0", "s1"]


def test_the_tree_groups_by_stage_with_alternatives(traced):
    out = traced("abc1", "--tree", "--reasoning").out
    assert out.splitlines() == [
        line
        for stage in ("s0", "s1")
        for line in (
            stage,
            "└─ decision_made: use the mean — größer (confidence 0.9): it is robust",
            "      instead of: use the median",
        )
    ]


def test_mermaid_chains_the_stages(traced):
    out = traced("abc1", "--mermaid", "--reasoning").out
    assert out.startswith("flowchart TD\n")
    assert "s1 --> s2" in out
    assert 's1["s0"]' in out


def test_a_torn_journal_is_shown_as_far_as_it_goes(traced, project):
    journal = project / "artifacts/crucible/exp/abc1/telemetry.jsonl"
    journal.write_bytes(journal.read_bytes()[:-20])
    done = traced("abc1")
    assert done.code == 0
    assert "run_stop" not in done.out


def test_a_damaged_journal_is_an_error_with_its_line(traced, project):
    journal = project / "artifacts/crucible/exp/abc1/telemetry.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([lines[0], b"damage\n", *lines[2:]]))
    done = traced("abc1")
    assert done.code == 2
    assert "telemetry.jsonl:2: not an event" in done.err
    assert "interrupted" not in done.err


@pytest.mark.parametrize(
    ("name", "said"), [("nope", "no run 'nope'"), ("ab", "'ab' may be any of 2 runs: exp/abc1, exp/abd2")]
)
def test_a_run_that_is_not_the_one_is_an_error(traced, crucible, spec, name, said):
    crucible("run", spec("Measure"), "--run-id", "abd2")
    done = traced(name)
    assert done.code == 2
    assert said in done.err


def test_runs_elsewhere(traced, project):
    (project / "artifacts").rename(project / "kept")
    assert traced("abc1").code == 2
    assert traced("abc1", "--output-dir", "kept/crucible").code == 0
