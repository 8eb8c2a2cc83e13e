"""What is imported by the time the first stage of a run begins; each of these would delay every run."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

STAGE = """\
import json, sys
from pathlib import Path

from crucible_core import Stage


class Look(Stage):
    def run(self, context, options):
        Path("loaded.json").write_text(json.dumps(sorted(sys.modules)))
        return context
"""

LIBRARIES = [
    *("importlib_metadata", "jinja2", "markdown_it", "packaging", "platformdirs", "pluggy", "pygments", "rich"),
    "tomlkit",
]
STANDARD = [
    *("argparse", "asyncio", "concurrent.futures", "configparser", "csv", "difflib", "email", "http", "html"),
    *("importlib.metadata", "importlib.resources", "logging", "multiprocessing", "pdb", "pickle", "queue", "shutil"),
    *(
        "socket",
        "sqlite3",
        "ssl",
        "tarfile",
        "tempfile",
        "tomllib",
        "traceback",
        "unittest",
        "urllib.request",
        "zipfile",
    ),
]
ROOMS = ["schemas", "stages", "testing", "ports"]
OWN = [
    *("cli.table", "cli.validate", "contract.dataset", "contract.example", "contract.report_parts", "contract.verdict"),
    *("ir.json_reading", "ir.quality_target", "ir.references", "ir.reliability", "ir.retry_policy", "ir.toml_reading"),
    *("ir.training", "ir.validation_problems", "pipeline.conditions", "pipeline.execution", "pipeline.policed"),
    *("pipeline.policies", "pipeline.policy_checks", "plugins.builtin_codecs", "plugins.catalogue", "plugins.doctor"),
    *("plugins.probe", "runs.codecs", "runs.overview", "runs.rebuild", "runs.resuming.resumption", "trace.jsonl"),
]


@pytest.fixture
def run(project):
    """Run a stage of this file's in a process of its own, in a git repository; return what modules it found."""
    (project / "look.py").write_text(STAGE)
    (project / "spec.yaml").write_text("id: exp\npipeline:\n  - module: look:Look\n")
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)

    def modules_at_the_first_stage(**environment):
        command = [sys.executable, "-m", "crucible_core", "run", "spec.yaml", "--no-plugins"]
        subprocess.run(command, cwd=project, env={**os.environ, **environment}, check=True, capture_output=True)
        return set(json.loads((project / "loaded.json").read_text()))

    return modules_at_the_first_stage


def loaded_by_itself():
    """Return what the interpreter loads, with whatever the environment of the tests puts into each of them."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_a_run_imports_nothing_that_it_does_not_need_by_then(run):
    unwanted = {*LIBRARIES, *STANDARD, *(f"crucible_core.{name}" for name in (*ROOMS, *OWN))}
    found = run() - loaded_by_itself()
    assert {"crucible_core.pipeline.runner", "pydantic", "yaml"} <= found
    assert sorted(unwanted & found) == []


def test_what_is_unwanted_is_there_to_be_imported():
    names = [*LIBRARIES, *STANDARD, *(f"crucible_core.{name}" for name in (*ROOMS, *OWN))]
    code = f"from importlib.util import find_spec; print([name for name in {names!r} if find_spec(name) is None])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
