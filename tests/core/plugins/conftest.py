"""A site directory that tests fill with distributions, as pip would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

GOOD_STAGE = """
class Good:
    def describe(self, options=None):
        return {"name": NAME, "description": "Do nothing.", "version": "1.0.0"}

    def run(self, context, options):
        return context
"""


class Site:
    """A directory on the module search path."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(exist_ok=True)

    def add(
        self,
        name: str,
        *,
        version: str = "1.0",
        stages: dict[str, str] | None = None,
        hooks: dict[str, str] | None = None,
        commands: dict[str, str] | None = None,
        groups: dict[str, dict[str, str]] | None = None,
        requires: tuple[str, ...] = ("crucible-core>=0.1,<1",),
        modules: dict[str, str] | None = None,
        entry_points: str | bytes | None = None,
        metadata: str | bytes | None = None,
        direct_url: dict | None = None,
        suffix: str | None = None,
    ) -> Path:
        """Install a distribution; give `entry_points` or `metadata` to write those files verbatim."""
        wheel_name = name.replace("-", "_").replace(".", "_").lower()
        directory = self.root / (wheel_name + (suffix or f"-{version}.dist-info"))
        directory.mkdir()
        if metadata is None:
            lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
            metadata = "\n".join([*lines, *(f"Requires-Dist: {one}" for one in requires)]) + "\n"
        if entry_points is None:
            offered = {
                "crucible.stages": stages,
                "crucible.plugins": hooks,
                "crucible.commands": commands,
                **(groups or {}),
            }
            entry_points = "\n".join(
                f"[{group}]\n" + "\n".join(f"{key} = {value}" for key, value in entries.items()) + "\n"
                for group, entries in offered.items()
                if entries
            )
        _write(directory / ("PKG-INFO" if directory.suffix == ".egg-info" else "METADATA"), metadata)
        _write(directory / "entry_points.txt", entry_points)
        _write(directory / "RECORD", "")
        if direct_url is not None:
            _write(directory / "direct_url.json", json.dumps(direct_url))
        for file, source in (modules or {}).items():
            target = self.root / file
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(target, textwrap.dedent(source))
        return directory

    def add_good(self, name: str, *stages: str, **kwargs) -> Path:
        """Install a plugin whose stages work; its module is the distribution's name with underscores."""
        module = name.replace("-", "_")
        names = stages or (module,)
        source = "\n".join(GOOD_STAGE.replace("Good", one.title()).replace("NAME", repr(one)) for one in names)
        kwargs["modules"] = {f"{module}.py": source, **kwargs.get("modules", {})}
        return self.add(name, stages={one: f"{module}:{one.title()}" for one in names}, **kwargs)

    def python(self, code: str, *, env: dict[str, str] | None = None, cwd: Path | None = None):
        """Run Python with this directory on the path and nobody else's settings."""
        return self._run([sys.executable, "-c", textwrap.dedent(code)], env, cwd)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command with this directory on the path and nobody else's settings."""
        command = [sys.executable, "-m", "crucible_core", *arguments]
        return subprocess.Popen(
            command,
            cwd=self.root,
            env=clean_environment(self.root),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _run(self, command: list[str], env: dict[str, str] | None, cwd: Path | None):
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            cwd=cwd or self.root,
            env={**clean_environment(self.root), **(env or {})},
        )


def _write(file: Path, content: str | bytes) -> None:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


def clean_environment(root: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRUCIBLE_")}
    path = os.pathsep.join([str(root), str(ROOT)])
    return {**kept, "PYTHONPATH": path, "CRUCIBLE_CONFIG_DIR": str(root / "no-config"), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


@pytest.fixture
def importable(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The site, importable in this process; modules imported from it are forgotten afterwards."""
    monkeypatch.syspath_prepend(str(site.root))
    before = set(sys.modules)
    yield site
    for name in set(sys.modules) - before:
        if str(site.root) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and nobody else's settings."""
    for name in [name for name in os.environ if name.startswith("CRUCIBLE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CRUCIBLE_CONFIG_DIR", str(tmp_path / "user"))
    directory = tmp_path / "project"
    directory.mkdir()
    monkeypatch.chdir(directory)
    return directory
