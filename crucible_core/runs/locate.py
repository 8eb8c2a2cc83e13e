"""Find the directory of a run from what a person types."""

from __future__ import annotations

import re
from pathlib import Path

from crucible_core.ir.errors import CrucibleError
from crucible_core.runs.directory import DEFAULT_OUTPUT_DIR, LATEST, RunDirectory

_NAMED = 5
_BEGAN = re.compile(rb'"timestamp":"([^"]+)"')


class RunNotFoundError(CrucibleError):
    """No run, or more than one, answers to a name."""

    exit_code = 2


def find_run(name: str, output_dir: Path | None = None) -> RunDirectory:
    """Return the run that is meant: a directory, a run id, ``experiment/run``, or the beginning of either.

    ``latest`` is the run that began last, by what the journals say: a copy has other times in the file system. A run
    that has lost its journal, and still has a manifest, answers to its whole name only.

    Raises:
        RunNotFoundError: There is none, or several; the message names them.
    """
    if any((Path(name) / file).is_file() for file in ("telemetry.jsonl", "manifest.json")):
        return RunDirectory(Path(name))
    root = output_dir or DEFAULT_OUTPUT_DIR
    runs = sorted(path.parent for path in root.glob("*/*/telemetry.jsonl"))
    if name == LATEST and runs:
        return RunDirectory(max(runs, key=_began))
    found = [run for run in runs if name in (run.name, _label(run))] or [
        run for run in runs if name and (run.name.startswith(name) or _label(run).startswith(name))
    ]
    if not found:
        left = (path.parent for path in root.glob("*/*/manifest.json"))
        found = [run for run in left if name in (run.name, _label(run))]
    if len(found) != 1:
        raise _not_one(name, found, runs, root)
    return RunDirectory(found[0])


def _not_one(name: str, found: list[Path], runs: list[Path], root: Path) -> RunNotFoundError:
    if found:
        listed = ", ".join([*map(_label, found[:_NAMED]), *(["..."] if found[_NAMED:] else [])])
        return RunNotFoundError(f"{name!r} may be any of {len(found)} runs: {listed}", hint="write more of it")
    if name and Path(name).is_dir():
        return RunNotFoundError(f"{name} is no run: it has no telemetry.jsonl", hint="a run killed at once leaves none")
    if not runs:
        return RunNotFoundError(f"no run {name!r}: there is no run in {root}", hint="--output-dir looks elsewhere")
    newest = ", ".join(map(_label, sorted(runs, key=_began)[-3:]))
    return RunNotFoundError(f"no run {name!r} in {root}", hint=f"the newest there: {newest}")


def _label(run: Path) -> str:
    """Return ``experiment/run``."""
    return f"{run.parent.name}/{run.name}"


def _began(run: Path) -> tuple[bytes, str]:
    """Return when a run began, as the first line of its journal says it near its beginning, and the run's id."""
    with (run / "telemetry.jsonl").open("rb") as stream:
        said = _BEGAN.search(stream.read(200))
    return (said.group(1) if said else b"", run.name)
