"""A directory with a spec and stages of one's own, and the crucible command in a real process there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

OWN_STAGES = Path(__file__).parent / "own_stages.py"
COMMAND = [sys.executable, "-m", "crucible_core"]
_SEEN_BY_PYTHON = (
    "PYTHONPATH",
    "PYTHONUNBUFFERED",
    "PYTHONSAFEPATH",
    "PYTHONIOENCODING",
    "PYTHONUTF8",
    "NO_COLOR",
    "FORCE_COLOR",
)


class Project:
    """A directory in which the command is run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.env = {name: value for name, value in os.environ.items() if name not in _SEEN_BY_PYTHON}
        self.env["TERM"] = "xterm"
        shutil.copy(OWN_STAGES, path / "own_stages.py")

    def spec(self, *stages: Any, name: str = "spec.yaml", **fields: Any) -> str:
        """Write a spec file (JSON, which YAML holds) whose stages are classes of own_stages or mappings."""
        steps = [each if isinstance(each, dict) else {"module": f"own_stages:{each}"} for each in stages]
        pipeline = [{"id": f"s{index}", **step} for index, step in enumerate(steps)]
        path = self.path / name
        path.write_text(json.dumps({"id": "exp", "pipeline": pipeline, **fields}), encoding="utf-8")
        return name

    def __call__(self, *arguments: Any, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the command to its end and return what it printed, as UTF-8."""
        settings: dict[str, Any] = {"cwd": self.path, "env": self.env, "capture_output": True, "encoding": "utf-8"}
        return subprocess.run([*COMMAND, *map(str, arguments)], **{**settings, **options}, check=False, timeout=120)

    def start(self, *arguments: Any, **options: Any) -> subprocess.Popen[str]:
        """Start the command in a process group of its own."""
        settings: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        command = [*COMMAND, *map(str, arguments)]
        return subprocess.Popen(command, cwd=self.path, env=self.env, start_new_session=True, **{**settings, **options})

    def run_dir(self, run_id: str = "r") -> Path:
        """Return the directory of a run."""
        return self.path / "artifacts" / "crucible" / "exp" / run_id

    def manifest(self, run_id: str = "r") -> dict[str, Any]:
        """Return the manifest of a run as it is on disk."""
        document: dict[str, Any] = json.loads((self.run_dir(run_id) / "manifest.json").read_bytes())
        return document

    def events(self, run_id: str = "r") -> list[dict[str, Any]]:
        """Return the events of a run's journal."""
        return [json.loads(line) for line in (self.run_dir(run_id) / "telemetry.jsonl").read_bytes().splitlines()]


@pytest.fixture
def crucible(tmp_path: Path) -> Project:
    """Make a project directory and run the command there."""
    return Project(tmp_path)
