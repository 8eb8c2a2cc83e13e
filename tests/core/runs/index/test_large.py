"""Large runs: thousands of stages, deep and long metrics."""

from __future__ import annotations

import json
import math

import pytest

from crucible_core.runs.index.metric_leaves import LONGEST_LIST, METRICS_PER_RUN, metric_leaves

STAGES = 10_000


def test_a_run_of_ten_thousand_stages(database, out):
    """Its manifest is what a run of so many stages writes; the journal ends it."""
    run_dir = out / "exp/two"
    manifest = json.loads((run_dir / "manifest.json").read_bytes())
    stage = manifest["stages"][0]
    manifest["stages"] = [{**stage, "id": f"s{number}"} for number in range(STAGES)]
    manifest["metrics"] = {f"s{number}": {"loss": number / 7} for number in range(STAGES)}
    manifest["artifacts"] = [
        {"stage": f"s{number}", "name": "a", "path": f"artifacts/s{number}/a", "bytes": 1, "sha256": "0" * 64}
        for number in range(STAGES)
    ]
    (run_dir / "manifest.json").write_text(json.dumps(manifest))
    database.catch_up(out)
    row = database.runs()["exp/two"]
    assert (row["stages"], row["stages_done"], row["metrics_left_out"]) == (STAGES, STAGES, 0)
    rows = database.rows()
    stages = [each["stage"] for each in rows["stages"] if each["run"] == row["key"]]
    assert stages == [f"s{number}" for number in range(STAGES)]
    assert {each["path"]: each["value"] for each in rows["metrics"] if each["run"] == row["key"]} == {
        f"s{number}.loss": number / 7 for number in range(STAGES)
    }
    assert sum(each["run"] == row["key"] for each in rows["artifacts"]) == STAGES


@pytest.mark.parametrize(
    ("metrics", "values", "left_out"),
    [
        ({}, {}, 0),
        ({"a": 1, "b": 2.5, "c": True, "d": "text", "e": None}, {"a": 1.0, "b": 2.5}, 0),
        ({"a": {"b": {"c": 1}}, "d": [[1, 2], {"e": 3}]}, {"a.b.c": 1.0, "d.0.0": 1.0, "d.0.1": 2.0, "d.1.e": 3.0}, 0),
        ({"a": "NaN", "b": "Infinity", "c": "-Infinity"}, {"a": None, "b": math.inf, "c": -math.inf}, 0),
        ({"a": list(range(LONGEST_LIST + 1)), "b": 1}, {"b": 1.0}, LONGEST_LIST + 1),
        ({"a": [[0] * (LONGEST_LIST + 1)], "b": 1}, {"b": 1.0}, LONGEST_LIST + 1),
        ({"a": {"b": 1}, "a.b": 2}, {"a.b": 1.0}, 1),
        ({"a": 10**400}, {}, 1),
        ({"x" * 501: 1, "y" * 500: 1}, {"y" * 500: 1.0}, 1),
        ({"a\x00": 1, "\udc80": 2}, {"a\ufffd": 1.0, "\\udc80": 2.0}, 0),
        ([1, 2], {"0": 1.0, "1": 2.0}, 0),
        ("text", {}, 0),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_numbers_among_metrics(metrics, values, left_out):
    assert metric_leaves(metrics) == (values, left_out)


def test_no_more_numbers_than_a_run_may_have():
    found = metric_leaves({f"m{number}": number for number in range(METRICS_PER_RUN + 5)})
    assert len(found.values) == METRICS_PER_RUN
    assert found.left_out == 5


def test_metrics_as_deep_as_a_record_can_hold_them():
    metrics: object = 1
    for _ in range(5_000):
        metrics = {"": metrics}
    assert metric_leaves(metrics).left_out + len(metric_leaves(metrics).values) == 1
