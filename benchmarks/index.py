"""Measure the index of runs: what it costs to list among 10,000, and whether writers at once lose anything."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path

from crucible_core import run

RUNS, EXPERIMENTS = 10_000, 10


def make_runs(output_dir: Path, count: int) -> None:
    """Record one run and copy it with other ids and times, as many as wanted."""
    sys.path.insert(0, str(Path(__file__).parent / "chains"))
    pipeline = [
        {"id": f"s{number}", "module": "index_stages:Score", "options": {"number": number}} for number in range(5)
    ]
    template = run(
        {"id": "made", "pipeline": pipeline, "tags": ["made"]}, run_id="template", output_dir=output_dir / ".t"
    )
    assert template.ok and template.run_dir is not None
    files = {path.name: path.read_text() for path in template.run_dir.iterdir() if path.is_file()}
    manifest = json.loads(files["manifest.json"])
    began = datetime.fromisoformat(manifest["created_at"])
    day = manifest["created_at"][:10]
    for number in range(count):
        experiment, run_id = f"exp-{number % EXPERIMENTS}", f"run-{number:05d}"
        folder = output_dir / experiment / run_id
        folder.mkdir(parents=True)
        other = (began - timedelta(days=number % 300)).isoformat()[:10]
        for name, text in files.items():
            changed = text.replace("template", run_id).replace('"made"', f'"{experiment}"').replace(day, other)
            (folder / name).write_text(changed)
    shutil.rmtree(output_dir / ".t")
