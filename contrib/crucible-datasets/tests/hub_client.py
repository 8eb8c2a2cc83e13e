"""Processes that load from a hub on loopback, with caches of their own: the library reads its address when imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-m", "crucible_core"]
_NOT_PASSED_ON = ("HF_", "HUGGINGFACE_", "TRANSFORMERS_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "TQDM_")
_LOAD_EACH = """
import json, sys
from crucible_datasets import DatasetError, load_dataset

for options in json.load(sys.stdin):
    try:
        load_dataset(**options)
        print(json.dumps(["loaded", ""]))
    except DatasetError as error:
        print(json.dumps([error.code, str(error)]))
"""


class HubClient:
    """A directory with a cache, where experiments are run that load from the hub at an address."""

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        self.runs = 0
        inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith(_NOT_PASSED_ON)}
        self.env = {**inherited, "HF_ENDPOINT": url, "HF_HOME": str(path / "home"), "HF_HUB_OFFLINE": "0"}

    def run(
        self, *options: dict[str, Any], command: list[str] = COMMAND, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run an experiment with a stage load_dataset for each mapping of options."""
        steps = [
            {"name": "load_dataset", "id": f"s{index}", "options": {"into": f"d{index}", **each}}
            for index, each in enumerate(options)
        ]
        (self.path / "spec.yaml").write_text(json.dumps({"id": "exp", "pipeline": steps}), encoding="utf-8")
        self.runs += 1
        return self._process([*command, "run", "spec.yaml", "--run-id", f"r{self.runs}"], env)

    def manifests(self) -> list[dict[str, Any]]:
        """Return the manifests of the data sets that the last run loaded."""
        folder = self.path / "artifacts" / "crucible" / "exp" / f"r{self.runs}"
        return list(json.loads((folder / "manifest.json").read_bytes())["datasets"].values())

    def hashes(self) -> list[str]:
        """Return the SHA-256 of the rows of each."""
        return [each["sha256"] for each in self.manifests()]

    def outcomes(self, *options: dict[str, Any], **env: str) -> list[tuple[str, str]]:
        """Call the library's load_dataset with each mapping, in one process; return codes and messages."""
        done = self._process([sys.executable, "-c", _LOAD_EACH], env, json.dumps(options))
        assert done.returncode == 0, done.stderr
        return [tuple(json.loads(line)) for line in done.stdout.splitlines()]

    def _process(self, command: list[str], env: dict[str, str], stdin: str = "") -> subprocess.CompletedProcess[str]:
        settings: dict[str, Any] = {"capture_output": True, "encoding": "utf-8", "timeout": 90}
        return subprocess.run(command, check=False, cwd=self.path, env=self.env | env, input=stdin, **settings)
