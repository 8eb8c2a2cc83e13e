"""A directory with a spec and stages of one's own, and the crucible command in a real process there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
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
_SETTINGS = ("PYTHON", "CRUCIBLE_", "PIP_", "COV_", "PYTEST_", "VIRTUAL_ENV", "MYPYPATH")


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


class Environment:
    """A fresh virtual environment that sees what the running one has installed, so that nothing is downloaded.

    Args:
        path: Where it is made; one that is there is taken.
        workplace: The directory in which its programs run.
    """

    def __init__(self, path: Path, workplace: Path) -> None:
        self.bin, self.workplace = path / "bin", workplace
        if not path.exists():
            venv.create(path, symlinks=True)
        here = Path(sysconfig.get_path("purelib", vars={"base": str(path), "platbase": str(path)}))
        seen = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
        lines = [f"import site; site.addsitedir({each!r})\n" for each in seen]  # editable packages are found, too
        (here / "_running.pth").write_text("".join(lines))
        program = f"#!{self.bin / 'python'}\nimport sys\nfrom crucible_core.cli.entry import main\nsys.exit(main())\n"
        (self.bin / "crucible").write_text(program)
        (self.bin / "crucible").chmod(0o755)
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)},
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "VIRTUAL_ENV": str(path),
            "CRUCIBLE_CONFIG_DIR": str(path / "no-config"),
            "PIP_NO_INDEX": "1",
            "PIP_NO_DEPS": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it as what it would write: build_isolation = no
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    def __call__(self, *command: Any, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program to its end and return what it printed."""
        return subprocess.run(
            [self.bin / command[0], *map(str, command[1:])],
            cwd=cwd or self.workplace,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=170,
        )

    def run(self, *command: Any, cwd: Path | None = None) -> str:
        """Run a program that is to succeed and return what it printed."""
        done = self(*command, cwd=cwd)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture(scope="session")
def environment_at() -> type[Environment]:
    """Return what makes an environment at a path, or takes one that is there."""
    return Environment


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Make an environment and a directory to work in; the tests of a module share them."""
    root = tmp_path_factory.mktemp("outside")
    (root / "work").mkdir()
    return Environment(root / "venv", root / "work")
