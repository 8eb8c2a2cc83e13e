"""A project with an installed distribution of stages, and processes that run its experiment."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

DEMO = Path(__file__).parent / "demo"
_METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}\n"


@dataclass(frozen=True)
class Project:
    """A directory with a spec, and one with what is installed."""

    root: Path

    @property
    def site(self) -> Path:
        return self.root / "site-packages"

    @property
    def project(self) -> Path:
        return self.root / "project"

    @property
    def out(self) -> Path:
        return self.root / "out"

    def run(
        self, run_id: str, *more: str, cwd: Path | None = None, spec: str = "spec.yaml", **environment: str
    ) -> dict[str, Any]:
        """Run the experiment in a process of its own; return the manifest."""
        done = self.crucible(
            "run", spec, "--run-id", run_id, "--output-dir", str(self.out), *more, cwd=cwd, **environment
        )
        assert done.returncode in (0, 4), done.stderr
        return self.manifest(run_id)

    def crucible(
        self, *arguments: str, cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Call the command in the project's directory."""
        return subprocess.run(
            [sys.executable, "-m", "crucible_core", *arguments],
            cwd=cwd or self.project,
            env={**os.environ, "PYTHONPATH": str(self.site), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def manifest(self, run_id: str, experiment: str = "demo") -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.out / experiment / run_id / "manifest.json").read_bytes())
        return document

    def outcome(self, run_id: str, *more: str, stage: str = "score", **how: Any) -> str:
        """Run the experiment; return what the cache did for a stage, with the reason where there is one."""
        found = stage_of(self.run(run_id, *more, **how), stage)["cache"] or {"outcome": "none", "reason": None}
        return found["outcome"] if found["reason"] is None else f"{found['outcome']}: {found['reason']}"

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text in a file, which has to be there."""
        file = self.root / path
        text = file.read_text()
        assert old in text, f"{path} has no {old!r}"
        file.write_text(text.replace(old, new))

    def data(self, **changes: Any) -> None:
        """Change what data.json says."""
        file = self.project / "data.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))

    def install(self, name: str, package: str, version: str, *, requires: str = "", entry_points: str = "") -> None:
        """Write the metadata of a distribution, as an installer would."""
        for old in self.site.glob(f"{name.replace('-', '_')}-*.dist-info"):
            shutil.rmtree(old)
        info = self.site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        lines = f"Requires-Dist: {requires}\n" if requires else ""
        (info / "METADATA").write_text(_METADATA.format(name=name, version=version, requires=lines))
        if entry_points:
            (info / "entry_points.txt").write_text(entry_points)
        files = sorted((self.site / package).rglob("*.py"))
        record = [f"{path.relative_to(self.site)},sha256={_record_hash(path)},{path.stat().st_size}" for path in files]
        (info / "RECORD").write_text("\n".join([*record, f"{info.name}/RECORD,,"]) + "\n")

    def install_all(self) -> None:
        """Install both distributions."""
        self.install("acme-numbers", "acme_numbers", "1.0.0")
        self.install(
            "acme",
            "acme",
            "1.0.0",
            requires="acme-numbers>=1",
            entry_points="[crucible.stages]\nscore = acme.stages:Score\n",
        )


def _record_hash(path: Path) -> str:
    return urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).rstrip(b"=").decode()


def stage_of(manifest: dict[str, Any], stage_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(stage for stage in manifest["stages"] if stage["id"] == stage_id)
    return found


def _new(root: Path) -> Project:
    made = Project(root)
    shutil.copytree(DEMO / "project", made.project)
    for package in ("acme", "acme_numbers"):
        shutil.copytree(DEMO / package, made.site / package, ignore=shutil.ignore_patterns("__pycache__"))
    made.install_all()
    return made


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that never ran."""
    return _new(tmp_path)


@pytest.fixture(scope="session")
def _ran(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = _new(tmp_path_factory.mktemp("cache") / "demo")
    (made.project / "words.txt").write_text("some words")
    assert made.outcome("first", *OPTIONS) == "kept"
    return made


OPTIONS = ("-o", "score.path=words.txt", "-o", "score.ports={port: 'ports:double'}", "-o", "score.table={a: 1, b: 2}")
"""What the run that filled the cache was told."""


@pytest.fixture
def ran(_ran: Project, tmp_path: Path) -> Project:
    """A copy of a project whose experiment ran once with `OPTIONS`, so that its cache holds the stage ``score``."""
    shutil.copytree(_ran.root, tmp_path / "demo", symlinks=True)
    return Project(tmp_path / "demo")
