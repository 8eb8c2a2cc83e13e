"""The command in this process, in a directory of its own, beside plugins of the test's making."""

from __future__ import annotations

import json
import signal
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crucible_core.cli.entry import exit_code_of

OWN_STAGES = Path(__file__).parents[2] / "end_to_end" / "own_stages.py"


@dataclass(frozen=True)
class Done:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What was printed, as JSON."""
        return json.loads(self.out)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory with own_stages.py in it; the process is as it was afterwards."""
    directory = tmp_path / "project"
    directory.mkdir()
    (directory / "own_stages.py").write_bytes(OWN_STAGES.read_bytes())
    monkeypatch.chdir(directory)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("CRUCIBLE_CONFIG_DIR", str(tmp_path / "user"))
    handler, before = signal.getsignal(signal.SIGTERM), set(sys.modules)
    yield directory
    signal.signal(signal.SIGTERM, handler)
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def crucible(project: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run the command in the project."""

    def run(*arguments: Any) -> Done:
        capsys.readouterr()
        code = exit_code_of([str(each) for each in arguments])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run


@pytest.fixture
def spec(project: Path) -> Callable[..., str]:
    """Write a spec whose stages are classes of own_stages or mappings; return its name."""

    def write(*stages: Any, name: str = "spec.yaml", **fields: Any) -> str:
        steps = [each if isinstance(each, dict) else {"module": f"own_stages:{each}"} for each in stages]
        pipeline = [{"id": f"s{index}", **step} for index, step in enumerate(steps)]
        (project / name).write_text(json.dumps({"id": "exp", "pipeline": pipeline, **fields}), encoding="utf-8")
        return name

    return write


@pytest.fixture
def install(tmp_path: Path, project: Path) -> Callable[..., None]:
    """Install a plugin: its distribution's name, its entry points by group and the source of its module ``plugged``."""
    site = tmp_path / "site"
    site.mkdir()
    sys.path.append(str(site))

    def add(name: str, source: str = "", **groups: dict[str, str]) -> None:
        folder = site / f"{name.replace('-', '_')}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: crucible-core\n"
        )
        lines = [
            f"[crucible.{group}]\n" + "".join(f"{key} = {value}\n" for key, value in entries.items())
            for group, entries in groups.items()
        ]
        (folder / "entry_points.txt").write_text("\n".join(lines))
        if source:
            (site / f"{name.replace('-', '_')}.py").write_text(textwrap.dedent(source))

    return add
