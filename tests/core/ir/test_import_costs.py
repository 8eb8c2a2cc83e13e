"""What importing the IR loads."""

from __future__ import annotations

import subprocess
import sys

import pytest

from crucible_core import ir


def modules_after(code):
    program = f"import sys\n{code}\nprint(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_next_to_nothing():
    loaded = modules_after("import crucible_core.ir")
    assert {name for name in loaded if name.startswith("crucible_core.")} == {"crucible_core.ir"}
    assert loaded.isdisjoint({"pydantic", "yaml", "json", "tomllib", "difflib", "dataclasses"})


def test_the_types_load_no_parser_and_no_other_room():
    loaded = modules_after("from crucible_core.ir import Experiment; Experiment(id='a', pipeline=['x'])")
    rooms = {name.split(".")[1] for name in loaded if name.startswith("crucible_core.")}
    assert rooms == {"ir"}
    assert loaded.isdisjoint({"yaml", "tomllib", "difflib"})


def test_importing_the_types_builds_no_schema():
    code = (
        "from crucible_core.ir.experiments import Experiment\n"
        "from crucible_core.ir.stage_def import StageDef\n"
        "assert not Experiment.__pydantic_complete__ and not StageDef.__pydantic_complete__"
    )
    modules_after(code)


@pytest.mark.parametrize("suffix", ["json", "toml"])
def test_other_formats_do_not_load_yaml(tmp_path, suffix):
    text = {"json": '{"id": "a", "pipeline": ["x"]}', "toml": 'id = "a"\npipeline = ["x"]\n'}[suffix]
    path = tmp_path / f"spec.{suffix}"
    path.write_text(text, encoding="utf-8")
    loaded = modules_after(f"from crucible_core.ir import load_experiment; load_experiment({str(path)!r})")
    assert loaded.isdisjoint({"yaml", "difflib"})


@pytest.mark.parametrize("name", ir.__all__)
def test_every_public_name_resolves(name):
    assert getattr(ir, name) is not None
    assert name in dir(ir)


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="has no attribute 'Experimint'"):
        ir.Experimint  # noqa: B018  # the access is what is tested
