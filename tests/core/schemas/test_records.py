"""Every file a run writes is what its schema says."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from crucible_core import run
from crucible_core.contract.event_names import EVENT_NAMES

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"
STAGES = Path(__file__).parents[1] / "runs"


def _validator(name):
    return Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_bytes()))


PIPELINES = {
    "everything": ["Everything", {"module": "record_stages:Crash", "enabled": False}],
    "crash": ["Everything", "Crash", "Everything"],
    "refusal": ["Refuse"],
    "cancelled": ["Interrupted", "Everything"],
    "secrets": [{"module": "record_stages:Talk", "options": {"endpoint_url": "secret-1", "by_name": {"a": "b"}}}],
}
SPEC = {
    "params": {"rate": 1e300, "none": None},
    "quality_targets": {"metrics.s0.accuracy": {"min": 0.5}, "metrics.s0.spread": {"max": 1, "min": 0}},
    "description": "d",
    "tags": ["a"],
    "created_at": "2026-01-31T12:00:00Z",
}


@pytest.fixture(params=PIPELINES)
def run_dir(request, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(STAGES))
    steps = [
        {"id": f"s{index}", **(each if isinstance(each, dict) else {"module": f"record_stages:{each}"})}
        for index, each in enumerate(PIPELINES[request.param])
    ]
    return run({"id": "exp", "pipeline": steps, **SPEC}, output_dir=tmp_path).run_dir


def test_every_event_validates(run_dir):
    validator = _validator("telemetry_event")
    for line in (run_dir / "telemetry.jsonl").read_text("utf-8").splitlines():
        validator.validate(json.loads(line))


def test_the_manifest_validates_at_its_beginning_and_at_its_end(run_dir):
    validator = _validator("run_manifest")
    first = json.loads((run_dir / "telemetry.jsonl").read_bytes().splitlines()[0])
    validator.validate(first["payload"]["manifest"])
    validator.validate(json.loads((run_dir / "manifest.json").read_bytes()))


def test_the_spec_validates(run_dir):
    _validator("spec").validate(json.loads((run_dir / "spec.json").read_bytes()))


def test_the_runs_above_make_every_event(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(STAGES))
    names = set()
    for key, steps in PIPELINES.items():
        pipeline = [
            {"id": f"s{index}", **(each if isinstance(each, dict) else {"module": f"record_stages:{each}"})}
            for index, each in enumerate(steps)
        ]
        result = run({"id": key.replace(" ", "-"), "pipeline": pipeline, **SPEC}, output_dir=tmp_path)
        lines = (result.run_dir / "telemetry.jsonl").read_bytes().splitlines()
        names |= {json.loads(line)["event_name"] for line in lines}
    assert names == {*EVENT_NAMES, "my_plugin.epoch", "my_plugin.said"}


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 0},
        {"seq": "1"},
        {"event_name": "stage_stopp"},
        {"event_name": "Plugin.Event"},
        {"payload": {"duration_s": "1"}},
        {"payload": {"duration_s": 1.0, "more": 1}},
        {"payload": {}},
        {"attempt": 0},
        {"extra": 1},
    ],
    ids=str,
)
def test_the_event_schema_refuses(change):
    event = {
        "schema_version": "1.0",
        "seq": 1,
        "timestamp": "2026-01-31T12:00:00+00:00",
        "event_name": "stage_stop",
        "run_id": "r",
        "experiment_id": "e",
        "stage": "s",
        "attempt": 1,
        "payload": {"duration_s": 1.0},
    }
    validator = _validator("telemetry_event")
    validator.validate(event)
    assert not validator.is_valid({**event, **change})


def test_the_manifest_schema_refuses_a_missing_and_an_unknown_key(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(STAGES))
    result = run({"id": "e", "pipeline": [{"module": "record_stages:Everything"}]}, output_dir=tmp_path)
    manifest = json.loads((result.run_dir / "manifest.json").read_bytes())
    validator = _validator("run_manifest")
    assert validator.is_valid(manifest)
    for key in manifest:
        assert not validator.is_valid({name: value for name, value in manifest.items() if name != key}), key
    assert not validator.is_valid({**manifest, "colour": "red"})


def teardown_module():
    sys.modules.pop("record_stages", None)
