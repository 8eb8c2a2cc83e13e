"""Try what a plugin offers in a child process, which may raise, hang, exit or crash without harm."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_core.plugins.problems import LoadProblem, ProblemKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crucible_core.plugins.record import PluginRecord

__all__ = ["DEFAULT_TIMEOUT", "ProbeEntry", "ProbeResult", "entries_of", "probe"]

DEFAULT_TIMEOUT = 20.0
"""Seconds that one plugin may take."""

_START = (
    "import json, sys; job = json.load(open(sys.argv[1], encoding='utf-8')); sys.path[:] = job['path']; "
    "from crucible_core.plugins.probe_child import try_entries; try_entries(job)"
)


@dataclass(frozen=True, slots=True)
class ProbeEntry:
    """One thing to try: ``kind`` is ``stage``, ``hooks`` or ``command``."""

    kind: str
    name: str
    value: str

    @property
    def module(self) -> str:
        """The module it is in."""
        return self.value.partition(":")[0]


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What came of one entry.

    Attributes:
        entry: What was tried.
        problem: What went wrong, or None.
        output: What it printed meanwhile.
        weak_traits: Promises of a stage that are weaker than the default, each with its reason.
    """

    entry: ProbeEntry
    problem: LoadProblem | None = None
    output: str = ""
    weak_traits: tuple[str, ...] = ()


def entries_of(record: PluginRecord) -> tuple[ProbeEntry, ...]:
    """Return what there is to try of a plugin, hooks first; nothing that is switched off."""
    if not record.usable:
        return ()
    hooks = [ProbeEntry("hooks", record.hook_name or "", record.hook_module)] if record.hook_module else []
    off = {name for name, _ in record.blocked}
    commands = [ProbeEntry("command", name, value) for name, value in record.commands if name not in off]
    return (*hooks, *(ProbeEntry("stage", ref.name, ref.value) for ref in record.enabled_stages), *commands)


def probe(entries: Sequence[ProbeEntry], timeout: float = DEFAULT_TIMEOUT) -> tuple[ProbeResult, ...]:
    """Try entries of one plugin: import, check the shape, make and describe each stage, register its hooks.

    One child process tries them all. Where one of them ends the child, what is left of other modules gets
    another child; what is left of the same module shares its fate.

    Args:
        entries: What to try.
        timeout: Seconds that a child may take.

    Returns:
        One result for each entry, in order.
    """
    results: dict[ProbeEntry, ProbeResult] = {}
    while left := [entry for entry in entries if entry not in results]:
        for result in _try(left, timeout):
            results[result.entry] = result
            if result.problem and result.problem.kind in _FATAL:
                alike = [other for other in left if other.module == result.entry.module and other not in results]
                results.update({other: ProbeResult(other, result.problem) for other in alike})
    return tuple(results[entry] for entry in entries)


_FATAL = (ProblemKind.HANGS, ProblemKind.EXITS, ProblemKind.CRASHES)


def _try(entries: Sequence[ProbeEntry], timeout: float) -> list[ProbeResult]:
    """Run one child; its last result is the entry that ended it, if one did."""
    with tempfile.TemporaryDirectory(prefix="crucible-probe-") as folder:
        job, output = Path(folder, "job.json"), Path(folder, "output")
        listed = [[entry.kind, entry.name, entry.value] for entry in entries]
        job.write_text(json.dumps({"path": sys.path, "entries": listed, "results": f"{folder}/results"}))
        Path(folder, "results").touch()
        with output.open("wb") as stream:
            status = _run_child(job, stream.fileno(), timeout)
        lines = Path(folder, "results").read_text(encoding="utf-8").splitlines()
        return list(_results(entries, list(map(json.loads, lines)), output.read_bytes(), _ending(status, timeout)))


def _run_child(job: Path, output: int, timeout: float) -> int | None:
    """Return the child's exit status; None when it had to be killed at the end of its time."""
    command = [sys.executable, "-P", "-c", _START, str(job)]
    # pydantic looks for plugins of its own in every distribution and dies of the first corrupt entry_points.txt
    environ = {"PYDANTIC_DISABLE_PLUGINS": "__all__", **os.environ}
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and program
        command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, env=environ
    )
    try:
        return child.wait(timeout)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # it, and what it may have started
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


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
    for entry, one in zip(entries, said, strict=False):
        text = output[printed : one["printed"]].decode(errors="replace")
        printed = one["printed"]
        problem = one["problem"]
        failed = LoadProblem(ProblemKind(problem["kind"]), problem["reason"], problem["missing"]) if problem else None
        yield ProbeResult(entry, failed, text, tuple(one["weak_traits"]))
    if len(said) < len(entries):
        text = output[printed:].decode(errors="replace")
        last = text.strip().rpartition("\n")[2]
        blamed = ending._replace(reason=f"{ending.reason}; it printed: {last}") if last else ending
        yield ProbeResult(entries[len(said)], blamed, text)
