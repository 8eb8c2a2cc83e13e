"""Run directories made by hand, for what no run of a test would leave behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

BEGAN = datetime(2026, 11, 24, 7, 43, 12, tzinfo=UTC)


@pytest.fixture
def hand_made(tmp_path: Path) -> Callable[..., Path]:
    """Write a run directory from events: (seconds since the beginning, name, stage, payload), or a line as it is.

    The first event, ``run_start``, is added; so is a manifest of the stages that are named. ``final`` gives what
    manifest.json holds, nothing is written when it is None; ``beginning`` what ``run_start`` says besides.
    """

    def write(
        *events: Any,
        where: str = "out/exp/r",
        stages: Any = (),
        final: Any = None,
        beginning: Any = None,
        **fields: Any,
    ) -> Path:
        run_dir = tmp_path / where
        run_dir.mkdir(parents=True, exist_ok=True)
        manifest = manifest_of(run_dir, stages, **fields)
        lines = [
            line_of(1, (0, "run_start", None, {"resumed": False, "manifest": manifest, **(beginning or {})}), run_dir)
        ]
        attempts: dict[str, int] = {}
        for seq, event in enumerate(events, start=2):
            lines.append(event if isinstance(event, str) else line_of(seq, event, run_dir, attempts))
        (run_dir / "telemetry.jsonl").write_text("".join(lines), encoding="utf-8", newline="")
        if final is not None:
            text = final if isinstance(final, str) else json.dumps({**manifest, **final})
            (run_dir / "manifest.json").write_text(text, encoding="utf-8")
        return run_dir

    return write


def manifest_of(run_dir: Path, stages: Any, **fields: Any) -> dict[str, Any]:
    """Return the manifest of a run that begins."""
    empty = {
        "schema_version": "1.0",
        "crucible_version": "0.1.0",
        "run_id": run_dir.name,
        "experiment_id": run_dir.parent.name,
        "status": "running",
        "started_at": None,
        "finished_at": None,
        "duration_s": None,
        "metrics": {},
        "verdicts": [],
        "datasets": {},
        "checkpoints": [],
        "artifacts": [],
        "quality_targets": {},
        "failure": None,
        "git": None,
        "process": {},
    }
    return {**empty, "stages": [stage_of(each) for each in stages], **fields}


def stage_of(stage: Any) -> dict[str, Any]:
    """Return a stage of a manifest from its id, or from some of its keys."""
    keys = {"id": stage} if isinstance(stage, str) else dict(stage)
    return {"name": keys["id"], "status": "pending", "attempts": 0, "options": {}, **keys}


def line_of(seq: int, event: Any, run_dir: Path, attempts: dict[str, int] | None = None) -> str:
    """Return a line of a journal."""
    seconds, name, stage, payload = event
    counts = {} if attempts is None else attempts
    if name == "stage_start":
        counts[stage] = counts.get(stage, 0) + 1
    envelope = {
        "schema_version": "1.0",
        "seq": seq,
        "timestamp": (BEGAN + timedelta(seconds=seconds)).isoformat(timespec="microseconds"),
        "event_name": name,
        "run_id": run_dir.name,
        "experiment_id": run_dir.parent.name,
        "stage": stage,
        "attempt": counts.get(stage),
        "payload": payload,
    }
    return json.dumps(envelope, separators=(",", ":"), ensure_ascii=False) + "\n"
