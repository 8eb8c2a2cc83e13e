"""Runs that are stopped and go on, each process a real one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from crucible_core import Context

HERE = str(Path(__file__).parents[1])
CHILD = "import sys; sys.path.insert(0, {here!r}); from crucible_core.__main__ import main; main()"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of its own, in which stages look for orders."""
    monkeypatch.syspath_prepend(HERE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def spec(place: Path) -> Callable[..., Path]:
    """Write a spec of stages of resume_stages, each ``id`` or ``id:Class``, or a mapping."""

    def write(*stages: Any, **fields: Any) -> Path:
        path = place / "spec.json"
        path.write_text(json.dumps({"id": "exp", "pipeline": [_step(each) for each in stages], **fields}))
        return path

    return write


def _step(stage: Any) -> dict[str, Any]:
    if not isinstance(stage, str):
        return {"module": "resume_stages:Work", **stage}
    stage_id, _, name = stage.partition(":")
    return {"id": stage_id, "module": f"resume_stages:{name or 'Work'}"}


@pytest.fixture
def crucible(place: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Call the command in a process of its own."""

    def call(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        import os

        return subprocess.run(
            [sys.executable, "-m", "crucible_core", *arguments],
            cwd=place,
            env={**os.environ, "PYTHONPATH": HERE, **(env or {})},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


@pytest.fixture
def ran(place: Path) -> Callable[[], list[str]]:
    """Return which stages ran since it was asked last, in order."""

    def read() -> list[str]:
        path = place / "ran.txt"
        found = path.read_text().split() if path.exists() else []
        path.unlink(missing_ok=True)
        return found

    return read


def plain(context: Context) -> dict[str, Any]:
    """Return what a context holds in a form that can be compared, NaN included."""
    rooms: dict[str, Any] = {room: dict(getattr(context, room)) for room in ("metrics", "assigns", "artifacts")}
    rooms |= {"outputs": list(context.outputs), "verdicts": list(context.verdicts)}
    rooms |= {"completed": context.completed_stages, "decisions": [event.stage for event in context.trace]}
    return {name: repr(value) for name, value in rooms.items()}
