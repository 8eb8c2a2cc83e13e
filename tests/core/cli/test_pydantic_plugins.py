"""Pydantic's own plugins: left out, unless asked for, and without what would look for them."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version

import pytest

PLUGIN = """\
class Told:
    def on_enter(self, value, **_):
        print("validated", flush=True)


class Plugin:
    def new_schema_validator(self, schema, schema_type, path, kind, config, settings):
        return Told(), None, None


plugin = Plugin()
"""
STAGE = """\
import importlib.metadata

from crucible_core import Stage


class Versions(Stage):
    writes = ("metrics.{id}",)

    def run(self, context, options):
        found = importlib.metadata.entry_points(group="pydantic")
        known = {"click": importlib.metadata.version("click"), "plugins": [each.name for each in found]}
        return context.put_metric(context.runtime.stage_id, known)
"""


@pytest.fixture
def run(project, tmp_path):
    """Run a stage that uses importlib.metadata, beside a pydantic plugin that is installed."""
    site = tmp_path / "installed"
    (site / "told-1.0.dist-info").mkdir(parents=True)
    (site / "told-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: told\nVersion: 1.0\n")
    (site / "told-1.0.dist-info" / "entry_points.txt").write_text("[pydantic]\ntold = told:plugin\n")
    (site / "told.py").write_text(PLUGIN)
    (project / "stages.py").write_text(STAGE)
    (project / "spec.yaml").write_text("id: exp\npipeline:\n  - module: stages:Versions\n")

    def output(**environment):
        command = [sys.executable, "-m", "crucible_core", "run", "spec.yaml", "--json"]
        env = {name: value for name, value in os.environ.items() if name != "PYDANTIC_DISABLE_PLUGINS"}
        env |= {"PYTHONPATH": str(site), **environment}
        done = subprocess.run(command, cwd=project, env=env, check=True, capture_output=True, text=True)
        return done.stdout + done.stderr

    return output


def test_they_are_left_out_and_what_finds_them_is_there_for_stages(run):
    said = run()
    assert "validated" not in said
    assert f'"click":"{version("click")}","plugins":["told"]' in said


def test_they_are_used_where_the_user_asks_for_them(run):
    assert "validated\n" in run(PYDANTIC_DISABLE_PLUGINS="")


def in_a_new_process(code):
    program = f"import sys\nfrom crucible_core.cli.pydantic_plugins import spare_its_imports\n{code}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_nothing_takes_the_place_of_what_is_imported_already():
    code = (
        "import importlib.metadata\nbefore = sys.modules['importlib.metadata']\nspare_its_imports()\n"
        "print(sys.modules['importlib.metadata'] is before)"
    )
    assert in_a_new_process(code) == "True"


def test_the_stand_in_does_not_stay():
    code = (
        "spare_its_imports()\nprint('importlib.metadata' in sys.modules, 'pydantic.plugin._loader' in sys.modules)\n"
        "import importlib.metadata\nprint(importlib.metadata.__file__ is not None)"
    )
    assert in_a_new_process(code).split() == ["False", "True", "True"]


def test_a_pydantic_that_searches_in_another_place_is_left_as_it_is():
    code = (
        "sys.modules['pydantic.plugin._loader'] = None\nspare_its_imports()\n"
        "print('importlib.metadata' in sys.modules)\nimport importlib.metadata\nprint(importlib.metadata.version('click') > '')"
    )
    assert in_a_new_process(code).split() == ["False", "True"]


def test_a_pydantic_that_wants_everything_at_once_gets_it():
    code = (
        "import types, importlib.abc, importlib.machinery\n"
        "source = 'from importlib.metadata import entry_points, version; found = version(\"click\")'\n"
        "class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'pydantic.plugin._loader': return importlib.machinery.ModuleSpec(name, self)\n"
        "    def exec_module(self, module): exec(source, vars(module))\n"
        "sys.meta_path.insert(0, Finder())\nspare_its_imports()\n"
        "print(sys.modules['pydantic.plugin._loader'].found, type(sys.modules['importlib.metadata']).__name__)"
    )
    version, kind = in_a_new_process(code).split()
    assert (version[0].isdigit(), kind) == (True, "module")
