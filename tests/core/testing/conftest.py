"""Stages to try the kit on, and repositories of plugins that hold them.

The processes that check stages import them by name, as this one does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from crucible_core.plugins.registry import default_registry
from crucible_core.testing.nursery import nurseries_kept

STAGES = str(Path(__file__).parent / "stages")
if STAGES not in sys.path:
    sys.path.append(STAGES)


@pytest.fixture(scope="session", autouse=True)
def _nurseries():
    """Hundreds of stages are looked at: let what each is forked from be started once."""
    with nurseries_kept():
        yield


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A directory of installed packages that this process and its children find."""
    from distributions import Site

    made = Site(tmp_path / "site")
    monkeypatch.syspath_prepend(str(made.root))
    monkeypatch.delitem(sys.modules, "own", raising=False)  # what another test called its module
    default_registry.cache_clear()
    before = set(sys.modules)
    yield made
    default_registry.cache_clear()
    for name in set(sys.modules) - before:
        if str(made.root) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@dataclass(frozen=True)
class Repository:
    """A plugin's repository and the place where it is installed."""

    directory: Path
    site: Path

    def write(self, name, text):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def configure(self, text):
        """Say something to the kit, in pyproject.toml."""
        with (self.directory / "pyproject.toml").open("a") as file:
            file.write(f"\n{text}\n")

    def install(self, version="1.0", **stages):
        """Install the distribution with these stages."""
        folder = self.site / "authored-1.0.dist-info"
        folder.mkdir(exist_ok=True)
        headers = f"Metadata-Version: 2.1\nName: authored\nVersion: {version}\nRequires-Dist: crucible-core>=0.1,<1\n"
        (folder / "METADATA").write_text(headers)
        lines = "".join(f"{name} = {value}\n" for name, value in stages.items())
        (folder / "entry_points.txt").write_text(f"[crucible.stages]\n{lines}")

    def run(self, *command, cwd="."):
        """Run a Python module or file in the repository."""
        path, tmp = os.pathsep.join([str(self.site), STAGES]), self.site / "tmp"
        tmp.mkdir(exist_ok=True)
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV"))}
        return subprocess.run(
            [sys.executable, "-m", *map(str, command)],
            cwd=self.directory / cwd,
            env={
                **environ,
                "PYTHONPATH": path,
                "TMPDIR": str(tmp),
                "COLUMNS": "200",
                "CRUCIBLE_CONFIG_DIR": str(self.site),
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def declare(self, value):
        """Let the stage be another class, in pyproject.toml and as it is installed."""
        pyproject = self.directory / "pyproject.toml"
        pyproject.write_text(pyproject.read_text().replace("sound:Sound", value))
        self.install(sound=value)

    def pytest(self, *arguments, cwd="."):
        return self.run("pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *arguments, cwd=cwd)

    def collected(self, *arguments, cwd="."):
        """Return what pytest collects."""
        done = self.pytest("--collect-only", "-q", *arguments, cwd=cwd)
        return [line.rpartition("/")[2] for line in done.stdout.splitlines() if "::" in line and " " not in line]

    def crucible(self, *arguments, cwd="."):
        return self.run("crucible_core", *arguments, cwd=cwd)


@pytest.fixture
def repository(tmp_path):
    """The repository of a plugin with one sound stage, installed, and tests of its own."""
    made = Repository(tmp_path / "repository", tmp_path / "site")
    made.site.mkdir()
    made.write("pyproject.toml", '[project]\nname = "authored"\n\n[project.entry-points."crucible.stages"]\n')
    made.configure('sound = "sound:Sound"')
    made.write("tests/test_own.py", "def test_it():\n    pass\n")
    made.write("tests/unit/test_unit.py", "def test_unit():\n    pass\n")
    made.install(sound="sound:Sound")
    return made
