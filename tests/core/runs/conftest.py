"""Runs of small pipelines, recorded in a directory of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crucible_core import RunResult, run

HERE = str(Path(__file__).parent)


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., RunResult]:
    """Run stages of record_stages by class name, or as mappings, recorded under ``tmp_path / "out"``."""
    monkeypatch.syspath_prepend(HERE)
    monkeypatch.chdir(tmp_path)

    def run_stages(*stages: Any, spec: dict[str, Any] | None = None, **arguments: Any) -> RunResult:
        pipeline = [_step(index, each) for index, each in enumerate(stages)]
        arguments = {"run_id": "r", "output_dir": tmp_path / "out", **arguments}
        return run({"id": "exp", "pipeline": pipeline, **(spec or {})}, **arguments)

    return run_stages


def _step(index: int, stage: Any) -> dict[str, Any]:
    step = {"module": f"record_stages:{stage}"} if isinstance(stage, str) else dict(stage)
    return {"id": f"s{index}", **step}


@pytest.fixture
def manifest_of() -> Callable[[Path | None], dict[str, Any]]:
    """Read manifest.json."""

    def read(run_dir: Path | None) -> dict[str, Any]:
        assert run_dir is not None
        document: dict[str, Any] = json.loads((run_dir / "manifest.json").read_bytes())
        return document

    return read


@pytest.fixture
def events_of() -> Callable[[Path | None], list[dict[str, Any]]]:
    """Read the lines of telemetry.jsonl."""

    def read(run_dir: Path | None) -> list[dict[str, Any]]:
        assert run_dir is not None
        return [json.loads(line) for line in (run_dir / "telemetry.jsonl").read_bytes().splitlines()]

    return read
