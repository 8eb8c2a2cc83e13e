"""What started a run is kept with its record."""

from __future__ import annotations

import json

import pytest

from crucible_core.cli.trace_parent import trace_parent

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize("given", [PARENT, f" {PARENT}\n", f"{PARENT.replace('00-', 'cc-', 1)}-what-comes-later"])
def test_the_parent_is_taken_from_the_environment(given):
    assert trace_parent({"TRACEPARENT": given}) == {"traceparent": given.strip()}


@pytest.mark.parametrize("given", ["", "nonsense", PARENT[:-1], PARENT.upper(), f"{PARENT}x"])
def test_what_is_no_parent_is_left_out(given):
    assert trace_parent({"TRACEPARENT": given}) == {}
    assert trace_parent({}) == {}


def test_a_run_keeps_it_as_its_telemetry_context(tmp_path, monkeypatch):
    from crucible_core.cli.entry import exit_code_of

    spec = tmp_path / "spec.json"
    stage = {"name": "data_checks", "options": {"data": "assigns.rows"}}
    spec.write_text(json.dumps({"id": "demo", "pipeline": [stage]}))
    (tmp_path / "rows.json").write_text('[{"id": "a"}]')
    arguments = ["run", str(spec), "--assign", f"rows=@{tmp_path / 'rows.json'}", "--output-dir", str(tmp_path)]
    with monkeypatch.context() as patched:
        patched.setenv("TRACEPARENT", PARENT)
        assert exit_code_of([*arguments, "--run-id", "one"]) == 0
    manifest = json.loads((tmp_path / "demo" / "one" / "manifest.json").read_text())
    assert manifest["telemetry_context"] == {"traceparent": PARENT}
