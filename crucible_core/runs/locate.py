"""Find the directory of a run from what a person types."""

from __future__ import annotations

from pathlib import Path

from crucible_core.ir.errors import CrucibleError
from crucible_core.runs.directory import DEFAULT_OUTPUT_DIR, RunDirectory


class RunNotFoundError(CrucibleError):
    """No run, or more than one, answers to a name."""

    exit_code = 2


def find_run(name: str, output_dir: Path | None = None) -> RunDirectory:
    """Return the run that is meant: a directory, ``experiment/run``, a run id, or the beginning of one.

    ``latest`` is the run that began last.

    Raises:
        RunNotFoundError: There is none, or several; the message names them.
    """
    if (Path(name) / "telemetry.jsonl").is_file():
        return RunDirectory(Path(name))
    root = output_dir or DEFAULT_OUTPUT_DIR
    if (root / name / "telemetry.jsonl").is_file():
        return RunDirectory(root / name)
    runs = sorted(path.parent for path in root.glob("*/*/telemetry.jsonl"))
    if name == "latest" and runs:
        return RunDirectory(max(runs, key=lambda path: ((path / "spec.json").stat().st_mtime_ns, path.name)))
    found = [run for run in runs if run.name == name] or [run for run in runs if run.name.startswith(name)]
    if len(found) == 1:
        return RunDirectory(found[0])
    if found:
        listed = ", ".join(f"{run.parent.name}/{run.name}" for run in found[:5])
        raise RunNotFoundError(f"{name!r} may be any of {len(found)} runs: {listed}", hint="write more of it")
    there = ", ".join(f"{run.parent.name}/{run.name}" for run in runs[-3:])
    hint = f"the newest there: {there}" if there else f"there is no run in {root}; --output-dir looks elsewhere"
    raise RunNotFoundError(f"no run {name!r} in {root}", hint=hint)
