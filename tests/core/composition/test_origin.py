"""What a record says of how its run was asked for."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from crucible_core import run
from crucible_core.runs.origin import RunOrigin

SPEC = {"id": "e", "pipeline": [{"name": "data_checks", "options": {"data": "assigns.rows"}}]}


def manifest_of(tmp_path, **given):
    result = run(SPEC, output_dir=tmp_path, **given)
    return json.loads((result.run_dir / "manifest.json").read_text())


def test_values_given_from_python_are_named_with_their_type(tmp_path):
    manifest = manifest_of(tmp_path, assigns={"rows": [{"a": 1}]}, outputs=[{"b": 2}, {"b": 3}])
    assert manifest["inputs"] == {"assigns": {"rows": {"source": None, "sha256": None, "type": "list"}}, "outputs": 2}
    assert manifest["command"] is None


def test_values_read_from_files_are_named_with_file_and_hash(tmp_path):
    file = tmp_path / "rows.json"
    file.write_text('[{"a": 1}]')
    origin = RunOrigin(["crucible", "run", "e.yaml"], {"rows": file})
    manifest = manifest_of(tmp_path, assigns={"rows": [{"a": 1}]}, origin=origin)
    given = manifest["inputs"]["assigns"]["rows"]
    assert (given["source"], given["sha256"]) == (str(file), hashlib.sha256(file.read_bytes()).hexdigest())
    assert manifest["command"] == ["crucible", "run", "e.yaml"]


def test_overrides_are_recorded_and_in_force(tmp_path):
    manifest = manifest_of(tmp_path, assigns={"rows": [{"a": 1}]}, overrides={"data_checks": {"min_rows": 0}})
    assert manifest["overrides"] == {"data_checks": {"min_rows": 0}}
    assert manifest["stages"][0]["options"]["min_rows"] == 0


def test_a_stage_of_ones_own_is_recorded_with_its_module(tmp_path):
    spec = {"id": "e", "pipeline": [{"module": "crucible_core.stages.validate:Validate"}]}
    result = run(spec, output_dir=tmp_path)
    stage = json.loads((Path(result.run_dir) / "manifest.json").read_text())["stages"][0]
    assert stage["module"] == "crucible_core.stages.validate:Validate"
