"""Measure the CPU time from the start of ``crucible run`` to the first line of the first stage.

Installed are 50 plugins with 150 stages; the run is recorded, in a git repository. The first stage reads the CPU time
of its own process when it begins, which counts from the start of the interpreter. The peer is an interpreter that
imports click and pydantic. The target is at most 150 ms above it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from distributions import stage_name, write_distributions
from measure import interleaved, options, report, run_child, summary, table
from peers import crucible_python

PLUGINS, STAGES = 50, 3
TARGET_MS = 150
SPEC = f"""\
id: first-stage
description: One stage of one plugin among fifty.
pipeline:
  - name: {stage_name(7, 1)}
    options:
      alpha: 0.01
"""
PEER = "import click, pydantic"
PEER_CODE = f"{PEER}, time; print(time.process_time())"


def main() -> None:
    given = options(__doc__).parse_args()
    python = crucible_python(given.cache)
    with tempfile.TemporaryDirectory() as folder:
        packages, work = Path(folder, "packages"), Path(folder, "work")
        write_distributions(packages, plugins=PLUGINS, stages=STAGES, others=0)
        work.mkdir()
        (work / "spec.yaml").write_text(SPEC)
        in_repository = _make_repository(work)
        run = [python.parent / "crucible", "run", "spec.yaml"]
        cpu = partial(_printed_cpu, work=work, packages=packages)
        cases = {
            PEER: partial(cpu, [python, "-c", PEER_CODE]),
            "crucible run": partial(cpu, run),
            "the same, pydantic looking for its plugins": partial(cpu, run, PYDANTIC_DISABLE_PLUGINS=""),
        }
        measured = interleaved(cases, 5 if given.quick else 41)
    spent = {name: summary(values, 1e3) for name, values in measured.items()}
    above = {
        name: summary([mine - other for mine, other in zip(values, measured[PEER], strict=True)], 1e3)
        for name, values in measured.items()
    }
    rows = [
        (name, f"{spent[name].median:.0f}", f"{spent[name].minimum:.0f}", f"{above[name].median:.0f}") for name in spent
    ]
    text = table(("to the first stage", "CPU ms, median", "minimum", "above the peer, median"), rows)
    text += f"\nin a git repository: {in_repository}; target: {TARGET_MS} ms above the peer"
    figures = {"cpu_ms": spent, "above_ms": above, "target_ms": TARGET_MS, "in_git_repository": in_repository}
    report("first stage with 50 plugins, 150 stages", given, figures, text)


def _printed_cpu(command: Sequence[str | Path], work: Path, packages: Path, **env: str) -> float:
    """Run a command and return the seconds it printed first."""
    return float(run_child(command, env={"PYTHONPATH": str(packages), **env}, cwd=work).output.split()[0])


def _make_repository(work: Path) -> bool:
    """Make a directory a git repository, as experiments are usually kept in one; False where there is no git."""
    if shutil.which("git") is None:
        return False
    identity = ["-c", "user.name=benchmark", "-c", "user.email=benchmark@example.org"]
    for arguments in (["init", "-q"], ["add", "spec.yaml"], [*identity, "commit", "-q", "-m", "The experiment"]):
        subprocess.run(["git", *arguments], cwd=work, check=True)
    return True


if __name__ == "__main__":
    main()
