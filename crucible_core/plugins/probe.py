"""Try what a plugin offers in a child process, which may raise, hang, exit or crash without harm."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.plugins.children import Children
from crucible_core.plugins.probe_entry import ProbeEntry, ProbeResult, result_from, with_offers
from crucible_core.plugins.problems import LoadProblem, ProblemKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["DEFAULT_TIMEOUT", "FATAL", "probe", "try_in_child"]

DEFAULT_TIMEOUT = 20.0
"""Seconds that one plugin may take."""
FATAL = (ProblemKind.HANGS, ProblemKind.EXITS, ProblemKind.CRASHES)
"""What ends the process in which it happens."""
OFFERED = ("stage", "computed", "observer", "codec")
"""What a hook module brings to light: stages that are somewhere else, stages it made itself, an observer, codecs."""

_START = (
    "import json, sys; job = json.load(open(sys.argv[1], encoding='utf-8')); sys.path[:] = job['path']; "
    "from crucible_core.plugins.probe_child import try_entries; try_entries(job)"
)


def probe(
    entries: Sequence[ProbeEntry],
    timeout: float = DEFAULT_TIMEOUT,
    *,
    check: str = "",
    follow: Sequence[str] = OFFERED,
    children: Children | None = None,
) -> tuple[ProbeResult, ...]:
    """Try entries of one plugin: import, check the shape, make and describe each stage, register its hooks.

    One child process tries them all. Where one of them ends the child, what is left of other modules gets
    another child; what is left of the same module shares its fate.

    Args:
        entries: What to try.
        timeout: Seconds that a child may take.
        check: ``module:function`` that says what else is wrong with a stage that works so far, given its `StageRef`
            and class, or returns None; for the rooms above this one, which know more of what a stage must be.
        follow: The kinds to try of what a hook module brings to light.
        children: What the child processes belong to, where others run beside them.

    Returns:
        One result for each entry, in order, and for each that was brought to light.
    """
    results: dict[ProbeEntry, ProbeResult] = {}
    while left := [entry for entry in with_offers(entries, results) if entry not in results]:
        for result in try_in_child(left, timeout, check=check, follow=follow, children=children):
            results[result.entry] = result
            if result.problem and result.problem.kind in FATAL:
                alike = [other for other in left if other.module == result.entry.module and other not in results]
                results.update({other: ProbeResult(other, result.problem) for other in alike})
    return tuple(results[entry] for entry in with_offers(entries, results))


def try_in_child(
    entries: Sequence[ProbeEntry],
    timeout: float,
    *,
    check: str = "",
    follow: Sequence[str] = OFFERED,
    children: Children | None = None,
) -> list[ProbeResult]:
    """Run one child; its last result is the entry that ended it, if one did. Arguments as for `probe`."""
    with tempfile.TemporaryDirectory(prefix="crucible-probe-") as folder:
        job, output = Path(folder, "job.json"), Path(folder, "output")
        asked: dict[str, Any] = {"path": sys.path, "entries": list(entries), "check": check, "follow": list(follow)}
        asked["parent"] = os.getpid()
        job.write_text(json.dumps({**asked, "results": f"{folder}/results"}))
        Path(folder, "results").touch()
        with output.open("wb") as stream:
            status = _run_child(children or Children(), job, stream.fileno(), timeout)
        lines = Path(folder, "results").read_text(encoding="utf-8").splitlines()
        return list(_results(entries, list(map(json.loads, lines)), output.read_bytes(), _ending(status, timeout)))


def _run_child(children: Children, job: Path, output: int, timeout: float) -> int | None:
    """Return the child's exit status; None when it had to be killed at the end of its time."""
    command = [sys.executable, "-P", "-c", _START, str(job)]
    # pydantic looks for plugins of its own in every distribution and dies of the first corrupt entry_points.txt
    environ = {"PYDANTIC_DISABLE_PLUGINS": "__all__", **os.environ}
    streams = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
    with children.started(command, **streams, env=environ) as child:
        try:
            return child.wait(timeout)
        except subprocess.TimeoutExpired:
            return None


def _ending(status: int | None, timeout: float) -> LoadProblem:
    """Say how the child ended, for the entry it was at."""
    if status is None:
        return LoadProblem(ProblemKind.HANGS, f"it was not done after {timeout:g} s and was killed")
    if status < 0:
        name = signal.Signals(-status).name if -status in list(signal.Signals) else f"signal {-status}"
        return LoadProblem(ProblemKind.CRASHES, f"it crashes the process ({name})")
    return LoadProblem(ProblemKind.EXITS, f"it ends the process with exit status {status}")


def _results(
    entries: Sequence[ProbeEntry], said: list[dict[str, Any]], output: bytes, ending: LoadProblem
) -> Iterator[ProbeResult]:
    printed = 0
    tried = list(entries)
    for position, one in enumerate(said):
        text = output[printed : one["printed"]].decode(errors="replace")
        printed = one["printed"]
        result = result_from(tried[position], one, text)
        tried += [offer for offer in result.offers if offer not in tried]  # the child goes on with them, too
        yield result
    if len(said) < len(tried):
        text = output[printed:].decode(errors="replace")
        last = text.strip().rpartition("\n")[2]
        blamed = ending._replace(reason=f"{ending.reason}; it printed: {last}") if last else ending
        yield ProbeResult(tried[len(said)], blamed, output=text)
