"""``crucible runs lineage``: what the results of a run came of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).parents[4] / "docs" / "schemas" / "runs_lineage.schema.json"
STAGES = """
from crucible_core import Context, Stage, StageOptions


class Predict(Stage):
    '''Add a row for each row of the data.'''

    name = "predict"
    version = "1.0.0"
    reads = ("assigns.dataset",)
    may_read = ("assigns.weights",)
    writes = ("outputs",)

    def run(self, context, options):
        rows = context.assigns["dataset"].rows
        return context.add_outputs([{"id": f"{context.runtime.stage_id}-{row['id']}"} for row in rows])


class Score(Stage):
    '''Count rows.'''

    name = "score"
    version = "2.0.0"
    reads = ("outputs",)
    writes = ("metrics.{id}",)

    def run(self, context, options):
        return context.put_metric(context.runtime.stage_id, {"rows": len(context.outputs)})


class Write(Stage):
    '''Write a file of everything.'''

    name = "write"
    version = "1.0.0"
    may_read = ("*",)

    def run(self, context, options):
        context.runtime.artifact_path("all.txt").write_text("all")
        return context


class Forget(Stage):
    '''Overwrite the metrics of another stage.'''

    name = "forget"
    version = "1.0.0"
    reads = ("metrics.score",)
    writes = ("metrics.score",)

    def run(self, context, options):
        return context.put_metric("score", {"rows": 0})
"""
ROWS = "id,score\n1,0.5\n2,0.25\n"


@pytest.fixture
def lineage(crucible, project):
    """Run stages that load, predict, score and write; return what shows the lineage of the run."""
    (project / "flowing.py").write_text(STAGES)
    (project / "rows.csv").write_text(ROWS)
    (project / "weights.json").write_text("[1]")

    def show(*arguments, steps=("Predict", "Score", "Write")):
        pipeline = [
            {"id": "load", "name": "load_dataset", "options": {"source": "rows.csv"}},
            *({"id": step.lower(), "module": f"flowing:{step}"} if isinstance(step, str) else step for step in steps),
        ]
        (project / "spec.yaml").write_text(json.dumps({"id": "exp", "pipeline": pipeline}))
        if not (project / "artifacts").exists():
            done = crucible("run", "spec.yaml", "--run-id", "r", "--assign", "weights=@weights.json")
            assert done.code == 0, done.err
        return crucible("runs", "lineage", "r", *arguments)

    return show


def test_a_file_is_followed_to_the_data(lineage):
    lines = lineage("artifacts/write/all.txt").out.splitlines()
    assert lines[0].startswith("artifacts/write/all.txt 3 B sha256 ")
    assert lines[1:4] == [
        "└─ stage write 1.0.0",
        "   ├─ assigns.weights, given: weights.json sha256 " + lines[2].rpartition(" ")[2],
        "   ├─ assigns.dataset: 2 rows of rows.csv",
    ]
    assert lines[6:] == [
        "   ├─ outputs",
        "   │  └─ stage predict 1.0.0",
        "   │     ├─ assigns.dataset: 2 rows of rows.csv (as above)",
        "   │     └─ assigns.weights, given: weights.json sha256 " + lines[2].rpartition(" ")[2],
        "   └─ metrics.score",
        "      └─ stage score 2.0.0",
        "         └─ outputs (as above)",
    ]


def test_json_is_a_graph_in_which_everything_follows_what_it_came_of(lineage):
    document = lineage("--json").json
    Draft202012Validator(json.loads(SCHEMA.read_bytes())).validate(document)
    seen = set()
    for node in document["nodes"]:
        assert {each["id"] for each in node["comes_of"]} <= seen
        seen.add(node["id"])
    assert document["results"] == ["file:artifacts/write/all.txt"]


@pytest.mark.parametrize(
    ("target", "ids"),
    [
        ("all.txt", {"file:artifacts/write/all.txt", "stage:write", "value:metrics.score@score"}),
        ("load", {"stage:load"}),
        ("metrics.score", {"value:metrics.score@score", "stage:score", "value:outputs@predict"}),
        ("rows.csv", set()),
        ("assigns.weights", {"given:assigns.weights"}),
    ],
)
def test_a_part_can_be_asked_for(lineage, target, ids):
    found = {node["id"] for node in lineage(target, "--json").json["nodes"]}
    assert ids <= found
    assert ("stage:write" in found) == (target == "all.txt")


def test_rows_that_several_stages_added_lead_to_all_of_them(lineage):
    again = {"id": "again", "module": "flowing:Predict"}
    lines = lineage("metrics.score", steps=("Predict", again, "Score", "Write")).out.splitlines()
    told = [line.lstrip("│├└─ ") for line in lines]
    assert told[:5] == ["metrics.score", "stage score 2.0.0", "outputs", "stage again: predict 1.0.0", told[4]]
    assert "stage predict 1.0.0" in told


def test_a_value_that_was_written_again_is_that_of_the_last_writer(lineage):
    document = lineage("metrics.score", "--json", steps=("Predict", "Score", "Forget", "Write")).json
    assert document["results"] == ["value:metrics.score@forget"]
    assert "value:metrics.score@score" in {node["id"] for node in document["nodes"]}


def test_a_flowchart(lineage):
    out = lineage("--mermaid").out
    assert out.startswith("flowchart LR\n")
    assert '[("data rows.csv sha256 ' in out
    assert out.count(" --> ") >= 9


@pytest.mark.parametrize(("target", "said"), [("metrics.scor", "did you mean 'metrics.score'?"), ("", "name a file")])
def test_what_is_not_there_is_an_error(lineage, target, said):
    done = lineage(target)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_stage_that_failed_has_no_results(crucible, spec):
    crucible("run", spec("Measure", "Crash"), "--run-id", "r")
    out = crucible("runs", "lineage", "r").out
    assert "stage s0" in out
    assert "s1" not in out


def test_a_run_without_results_says_so(crucible, spec):
    crucible("run", spec("Crash"), "--run-id", "r")
    done = crucible("runs", "lineage", "r")
    assert (done.code, done.out) == (0, "")
    assert "no stage of this run is done" in done.err


def test_without_a_journal_the_declarations_tell(lineage, project):
    lineage()
    journal = project / "artifacts/crucible/exp/r/telemetry.jsonl"
    journal.write_bytes(b"damage\n" + journal.read_bytes())
    done = lineage("metrics.score")
    assert "stage predict 1.0.0" in done.out
    assert "from their declarations only" in done.err


def test_ten_thousand_stages_in_a_row_are_followed_to_the_end(crucible, hand_made):
    stages = [
        {
            "id": f"s{number}",
            "name": "s",
            "status": "succeeded",
            "reads": [f"assigns.v{number - 1}"] if number else [],
            "writes": [f"assigns.v{number}"],
        }
        for number in range(10_000)
    ]
    run_dir = hand_made(stages=stages)
    done = crucible("runs", "lineage", run_dir)
    assert len(done.out.splitlines()) == 25
    assert done.out.rstrip().endswith("... (--depth 0 shows all)")
    assert len(crucible("runs", "lineage", run_dir, "--json").json["nodes"]) == 20_000


def test_nothing_in_a_record_steers_the_terminal(crucible, hand_made):
    hostile = "\x1b[31mred\x1b]0;title\x07\u202e\r\nnext"
    run_dir = hand_made(
        stages=[
            {
                "id": hostile,
                "name": hostile,
                "status": "succeeded",
                "version": hostile,
                "distribution": hostile,
                "reads": [hostile, 3],
                "writes": [f"assigns.{hostile}"],
            }
        ],
        artifacts=[{"stage": hostile, "path": hostile, "sha256": hostile, "bytes": hostile}],
        datasets={hostile: {"source": hostile, "sha256": hostile, "rows": hostile}},
        inputs={"assigns": {hostile: {"source": hostile, "sha256": hostile}}, "outputs": 3},
    )
    for arguments in ([], ["--mermaid"], ["nothing\x1b[31m"]):
        done = crucible("runs", "lineage", run_dir, *arguments)
        assert all(each.isprintable() or each == "\n" for each in done.out + done.err)
    assert "red" in crucible("runs", "lineage", run_dir).out
